// How other services call the container service of a node.
#ifndef DROVER_SERVICES_CONTAINER_CLIENT_CONTAINER_CLIENT_H_
#define DROVER_SERVICES_CONTAINER_CLIENT_CONTAINER_CLIENT_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "drover/container/v1/container_service.pb.h"
#include "services/common/async/task.h"

namespace drover::container {

// One method per call of ContainerService; its .proto says what each does and answers. Every call
// has a deadline; a stream's `on_message` and `take` run on the calling coroutine's executor.
// `take` answers whether to go on; the next message is read only when it is done. Not thread-safe.
class ContainerClient {
 public:
  virtual ~ContainerClient() = default;

  virtual Task<absl::StatusOr<container::v1::GetEngineResponse>> GetEngine(
      container::v1::GetEngineRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<container::v1::ListContainersResponse>> ListContainers(
      container::v1::ListContainersRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::Status> WatchContainers(
      container::v1::WatchContainersRequest request, absl::Duration timeout,
      std::function<void(const container::v1::WatchContainersResponse&)> on_message) = 0;
  virtual Task<absl::Status> EnsureImage(
      container::v1::EnsureImageRequest request, absl::Duration timeout,
      std::function<void(const container::v1::EnsureImageResponse&)> on_message) = 0;
  virtual Task<absl::StatusOr<container::v1::StageContainerResponse>> StageContainer(
      container::v1::StageContainerRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<container::v1::StartContainerResponse>> StartContainer(
      container::v1::StartContainerRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<container::v1::AwaitReadyResponse>> AwaitReady(
      container::v1::AwaitReadyRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<container::v1::StopContainerResponse>> StopContainer(
      container::v1::StopContainerRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<container::v1::RemoveContainerResponse>> RemoveContainer(
      container::v1::RemoveContainerRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::Status> StreamLogs(
      container::v1::StreamLogsRequest request, absl::Duration timeout,
      std::function<Task<bool>(container::v1::StreamLogsResponse)> take) = 0;
  virtual Task<absl::Status> ExportImage(
      container::v1::ExportImageRequest request, absl::Duration timeout,
      std::function<void(const container::v1::ExportImageResponse&)> on_message) = 0;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_CLIENT_CONTAINER_CLIENT_H_
