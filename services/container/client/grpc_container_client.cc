#include "services/container/client/grpc_container_client.h"

#include <utility>

#include "services/common/async/client_call.h"

namespace drover::container {

GrpcContainerClient::GrpcContainerClient(std::shared_ptr<grpc::Channel> channel)
    : stub_(v1::ContainerService::NewStub(std::move(channel))) {}

Task<absl::StatusOr<v1::GetEngineResponse>> GrpcContainerClient::GetEngine(
    v1::GetEngineRequest request, absl::Duration timeout) {
  return UnaryCall<v1::GetEngineResponse>(stub_, &Async::GetEngine, std::move(request), timeout);
}

Task<absl::StatusOr<v1::ListContainersResponse>> GrpcContainerClient::ListContainers(
    v1::ListContainersRequest request, absl::Duration timeout) {
  return UnaryCall<v1::ListContainersResponse>(stub_, &Async::ListContainers, std::move(request),
                                               timeout);
}

Task<absl::Status> GrpcContainerClient::WatchContainers(
    v1::WatchContainersRequest request, absl::Duration timeout,
    std::function<void(const v1::WatchContainersResponse&)> on_message) {
  return ReadCall(stub_, &Async::WatchContainers, std::move(request), timeout,
                  std::move(on_message));
}

Task<absl::Status> GrpcContainerClient::EnsureImage(
    v1::EnsureImageRequest request, absl::Duration timeout,
    std::function<void(const v1::EnsureImageResponse&)> on_message) {
  return ReadCall(stub_, &Async::EnsureImage, std::move(request), timeout, std::move(on_message));
}

Task<absl::StatusOr<v1::StageContainerResponse>> GrpcContainerClient::StageContainer(
    v1::StageContainerRequest request, absl::Duration timeout) {
  return UnaryCall<v1::StageContainerResponse>(stub_, &Async::StageContainer, std::move(request),
                                               timeout);
}

Task<absl::StatusOr<v1::StartContainerResponse>> GrpcContainerClient::StartContainer(
    v1::StartContainerRequest request, absl::Duration timeout) {
  return UnaryCall<v1::StartContainerResponse>(stub_, &Async::StartContainer, std::move(request),
                                               timeout);
}

Task<absl::StatusOr<v1::AwaitReadyResponse>> GrpcContainerClient::AwaitReady(
    v1::AwaitReadyRequest request, absl::Duration timeout) {
  return UnaryCall<v1::AwaitReadyResponse>(stub_, &Async::AwaitReady, std::move(request), timeout);
}

Task<absl::StatusOr<v1::StopContainerResponse>> GrpcContainerClient::StopContainer(
    v1::StopContainerRequest request, absl::Duration timeout) {
  return UnaryCall<v1::StopContainerResponse>(stub_, &Async::StopContainer, std::move(request),
                                              timeout);
}

Task<absl::StatusOr<v1::RemoveContainerResponse>> GrpcContainerClient::RemoveContainer(
    v1::RemoveContainerRequest request, absl::Duration timeout) {
  return UnaryCall<v1::RemoveContainerResponse>(stub_, &Async::RemoveContainer, std::move(request),
                                                timeout);
}

Task<absl::Status> GrpcContainerClient::StreamLogs(
    v1::StreamLogsRequest request, absl::Duration timeout,
    std::function<Task<bool>(v1::StreamLogsResponse)> take) {
  return ReadCallPaced(stub_, &Async::StreamLogs, std::move(request), timeout, std::move(take));
}

Task<absl::Status> GrpcContainerClient::ExportImage(
    v1::ExportImageRequest request, absl::Duration timeout,
    std::function<void(const v1::ExportImageResponse&)> on_message) {
  return ReadCall(stub_, &Async::ExportImage, std::move(request), timeout, std::move(on_message));
}

}  // namespace drover::container
