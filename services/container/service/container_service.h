// The container service's gRPC face.
#ifndef DROVER_SERVICES_CONTAINER_SERVICE_CONTAINER_SERVICE_H_
#define DROVER_SERVICES_CONTAINER_SERVICE_CONTAINER_SERVICE_H_

#include <string>

#include "drover/container/v1/container_service.grpc.pb.h"
#include "services/common/async/server_call.h"
#include "services/common/fence/epoch_guard.h"
#include "services/container/backend/container_engine.h"
#include "services/container/domain/latest_orders.h"
#include "services/container/driver/container_driver.h"
#include "services/container/driver/engine_watcher.h"
#include "services/container/driver/image_keeper.h"

namespace drover::container {

// Converts, checks who calls, and leaves the rest to the driver. Handlers run on the daemon's
// executor; everything in Deps outlives the service.
class ContainerServiceImpl : public v1::ContainerService::CallbackService {
 public:
  struct Deps {
    CallScope& calls;
    ContainerEngine& engine;
    ContainerDriver& driver;
    const EngineWatcher& watcher;
    ImageKeeper& images;
    EpochGuard& fence;
    // This node's name.
    std::string node;
  };
  explicit ContainerServiceImpl(Deps deps) : deps_(std::move(deps)) {}

  grpc::ServerUnaryReactor* GetEngine(grpc::CallbackServerContext* context,
                                      const v1::GetEngineRequest* request,
                                      v1::GetEngineResponse* response) override;
  grpc::ServerUnaryReactor* ListContainers(grpc::CallbackServerContext* context,
                                           const v1::ListContainersRequest* request,
                                           v1::ListContainersResponse* response) override;
  grpc::ServerWriteReactor<v1::WatchContainersResponse>* WatchContainers(
      grpc::CallbackServerContext* context, const v1::WatchContainersRequest* request) override;
  grpc::ServerWriteReactor<v1::EnsureImageResponse>* EnsureImage(
      grpc::CallbackServerContext* context, const v1::EnsureImageRequest* request) override;
  grpc::ServerUnaryReactor* StageContainer(grpc::CallbackServerContext* context,
                                           const v1::StageContainerRequest* request,
                                           v1::StageContainerResponse* response) override;
  grpc::ServerUnaryReactor* StartContainer(grpc::CallbackServerContext* context,
                                           const v1::StartContainerRequest* request,
                                           v1::StartContainerResponse* response) override;
  grpc::ServerUnaryReactor* AwaitReady(grpc::CallbackServerContext* context,
                                       const v1::AwaitReadyRequest* request,
                                       v1::AwaitReadyResponse* response) override;
  grpc::ServerUnaryReactor* StopContainer(grpc::CallbackServerContext* context,
                                          const v1::StopContainerRequest* request,
                                          v1::StopContainerResponse* response) override;
  grpc::ServerUnaryReactor* RemoveContainer(grpc::CallbackServerContext* context,
                                            const v1::RemoveContainerRequest* request,
                                            v1::RemoveContainerResponse* response) override;
  grpc::ServerWriteReactor<v1::StreamLogsResponse>* StreamLogs(
      grpc::CallbackServerContext* context, const v1::StreamLogsRequest* request) override;
  grpc::ServerWriteReactor<v1::ExportImageResponse>* ExportImage(
      grpc::CallbackServerContext* context, const v1::ExportImageRequest* request) override;

 private:
  Task<absl::StatusOr<v1::GetEngineResponse>> DescribeEngine();
  Task<absl::StatusOr<v1::StageContainerResponse>> Stage(v1::StageContainerRequest request);
  Task<absl::StatusOr<v1::StartContainerResponse>> Start(v1::StartContainerRequest request);
  Task<absl::StatusOr<v1::AwaitReadyResponse>> Await(v1::AwaitReadyRequest request);
  Task<absl::StatusOr<v1::StopContainerResponse>> Stop(Caller caller,
                                                       v1::StopContainerRequest request);
  Task<absl::StatusOr<v1::RemoveContainerResponse>> Remove(v1::RemoveContainerRequest request);
  Task<absl::Status> Watch(ResponseWriter<v1::WatchContainersResponse>& writer);
  Task<absl::Status> Ensure(v1::EnsureImageRequest request,
                            ResponseWriter<v1::EnsureImageResponse>& writer);
  Task<absl::Status> Logs(v1::StreamLogsRequest request,
                          ResponseWriter<v1::StreamLogsResponse>& writer);
  Task<absl::Status> Export(v1::ExportImageRequest request,
                            ResponseWriter<v1::ExportImageResponse>& writer);

  absl::Status CheckFence(const drover::common::v1::Fence& fence);

  Deps deps_;
  LatestOrders orders_;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_SERVICE_CONTAINER_SERVICE_H_
