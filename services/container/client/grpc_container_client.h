// ContainerClient over gRPC.
#ifndef DROVER_SERVICES_CONTAINER_CLIENT_GRPC_CONTAINER_CLIENT_H_
#define DROVER_SERVICES_CONTAINER_CLIENT_GRPC_CONTAINER_CLIENT_H_

#include <grpcpp/channel.h>

#include <functional>
#include <memory>
#include <string>

#include "drover/container/v1/container_service.grpc.pb.h"
#include "services/container/client/container_client.h"

namespace drover::container {

class GrpcContainerClient : public ContainerClient {
 public:
  explicit GrpcContainerClient(std::shared_ptr<grpc::Channel> channel);

  Task<absl::StatusOr<container::v1::GetEngineResponse>> GetEngine(
      container::v1::GetEngineRequest request, absl::Duration timeout) override;
  Task<absl::StatusOr<container::v1::ListContainersResponse>> ListContainers(
      container::v1::ListContainersRequest request, absl::Duration timeout) override;
  Task<absl::Status> WatchContainers(
      container::v1::WatchContainersRequest request, absl::Duration timeout,
      std::function<void(const container::v1::WatchContainersResponse&)> on_message) override;
  Task<absl::Status> EnsureImage(
      container::v1::EnsureImageRequest request, absl::Duration timeout,
      std::function<void(const container::v1::EnsureImageResponse&)> on_message) override;
  Task<absl::StatusOr<container::v1::StageContainerResponse>> StageContainer(
      container::v1::StageContainerRequest request, absl::Duration timeout) override;
  Task<absl::StatusOr<container::v1::StartContainerResponse>> StartContainer(
      container::v1::StartContainerRequest request, absl::Duration timeout) override;
  Task<absl::StatusOr<container::v1::AwaitReadyResponse>> AwaitReady(
      container::v1::AwaitReadyRequest request, absl::Duration timeout) override;
  Task<absl::StatusOr<container::v1::StopContainerResponse>> StopContainer(
      container::v1::StopContainerRequest request, absl::Duration timeout) override;
  Task<absl::StatusOr<container::v1::RemoveContainerResponse>> RemoveContainer(
      container::v1::RemoveContainerRequest request, absl::Duration timeout) override;
  Task<absl::Status> StreamLogs(
      container::v1::StreamLogsRequest request, absl::Duration timeout,
      std::function<Task<bool>(container::v1::StreamLogsResponse)> take) override;
  Task<absl::Status> ExportImage(
      container::v1::ExportImageRequest request, absl::Duration timeout,
      std::function<void(const container::v1::ExportImageResponse&)> on_message) override;

 private:
  using Async = class container::v1::ContainerService::Stub::async;

  // Shared with the calls under way, so that no callback ever drops the last reference to the
  // channel.
  std::shared_ptr<container::v1::ContainerService::Stub> stub_;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_CLIENT_GRPC_CONTAINER_CLIENT_H_
