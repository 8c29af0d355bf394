// A ContainerClient for unit tests.
#ifndef DROVER_SERVICES_CONTAINER_CLIENT_FAKE_CONTAINER_CLIENT_H_
#define DROVER_SERVICES_CONTAINER_CLIENT_FAKE_CONTAINER_CLIENT_H_

#include <functional>
#include <string>
#include <vector>

#include "drover/container/v1/container_service.pb.h"
#include "services/container/client/container_client.h"

namespace drover::container {

// Records the names of the calls and answers each by its `on_…` function, or with an empty response
// if that is not set. A stream gives its one answer as its only message.
class FakeContainerClient : public ContainerClient {
 public:
  Task<absl::StatusOr<container::v1::GetEngineResponse>> GetEngine(
      container::v1::GetEngineRequest request, absl::Duration timeout) override {
    calls.push_back("GetEngine");
    if (!on_get_engine) co_return container::v1::GetEngineResponse();
    co_return on_get_engine(request);
  }
  Task<absl::StatusOr<container::v1::ListContainersResponse>> ListContainers(
      container::v1::ListContainersRequest request, absl::Duration timeout) override {
    calls.push_back("ListContainers");
    if (!on_list_containers) co_return container::v1::ListContainersResponse();
    co_return on_list_containers(request);
  }
  Task<absl::Status> WatchContainers(
      container::v1::WatchContainersRequest request, absl::Duration timeout,
      std::function<void(const container::v1::WatchContainersResponse&)> on_message) override {
    calls.push_back("WatchContainers");
    if (!on_watch_containers) co_return absl::OkStatus();
    auto response = on_watch_containers(request);
    if (!response.ok()) co_return response.status();
    on_message(*response);
    co_return absl::OkStatus();
  }
  Task<absl::Status> EnsureImage(
      container::v1::EnsureImageRequest request, absl::Duration timeout,
      std::function<void(const container::v1::EnsureImageResponse&)> on_message) override {
    calls.push_back("EnsureImage");
    if (!on_ensure_image) co_return absl::OkStatus();
    auto response = on_ensure_image(request);
    if (!response.ok()) co_return response.status();
    on_message(*response);
    co_return absl::OkStatus();
  }
  Task<absl::StatusOr<container::v1::StageContainerResponse>> StageContainer(
      container::v1::StageContainerRequest request, absl::Duration timeout) override {
    calls.push_back("StageContainer");
    if (!on_stage_container) co_return container::v1::StageContainerResponse();
    co_return on_stage_container(request);
  }
  Task<absl::StatusOr<container::v1::StartContainerResponse>> StartContainer(
      container::v1::StartContainerRequest request, absl::Duration timeout) override {
    calls.push_back("StartContainer");
    if (!on_start_container) co_return container::v1::StartContainerResponse();
    co_return on_start_container(request);
  }
  Task<absl::StatusOr<container::v1::AwaitReadyResponse>> AwaitReady(
      container::v1::AwaitReadyRequest request, absl::Duration timeout) override {
    calls.push_back("AwaitReady");
    if (!on_await_ready) co_return container::v1::AwaitReadyResponse();
    co_return on_await_ready(request);
  }
  Task<absl::StatusOr<container::v1::StopContainerResponse>> StopContainer(
      container::v1::StopContainerRequest request, absl::Duration timeout) override {
    calls.push_back("StopContainer");
    if (!on_stop_container) co_return container::v1::StopContainerResponse();
    co_return on_stop_container(request);
  }
  Task<absl::StatusOr<container::v1::RemoveContainerResponse>> RemoveContainer(
      container::v1::RemoveContainerRequest request, absl::Duration timeout) override {
    calls.push_back("RemoveContainer");
    if (!on_remove_container) co_return container::v1::RemoveContainerResponse();
    co_return on_remove_container(request);
  }
  Task<absl::Status> StreamLogs(
      container::v1::StreamLogsRequest request, absl::Duration timeout,
      std::function<Task<bool>(container::v1::StreamLogsResponse)> take) override {
    calls.push_back("StreamLogs");
    if (!on_stream_logs) co_return absl::OkStatus();
    auto response = on_stream_logs(request);
    if (!response.ok()) co_return response.status();
    co_await take(*std::move(response));
    co_return absl::OkStatus();
  }
  Task<absl::Status> ExportImage(
      container::v1::ExportImageRequest request, absl::Duration timeout,
      std::function<void(const container::v1::ExportImageResponse&)> on_message) override {
    calls.push_back("ExportImage");
    if (!on_export_image) co_return absl::OkStatus();
    auto response = on_export_image(request);
    if (!response.ok()) co_return response.status();
    on_message(*response);
    co_return absl::OkStatus();
  }

  std::vector<std::string> calls;

  std::function<absl::StatusOr<container::v1::GetEngineResponse>(
      const container::v1::GetEngineRequest&)>
      on_get_engine;
  std::function<absl::StatusOr<container::v1::ListContainersResponse>(
      const container::v1::ListContainersRequest&)>
      on_list_containers;
  std::function<absl::StatusOr<container::v1::WatchContainersResponse>(
      const container::v1::WatchContainersRequest&)>
      on_watch_containers;
  std::function<absl::StatusOr<container::v1::EnsureImageResponse>(
      const container::v1::EnsureImageRequest&)>
      on_ensure_image;
  std::function<absl::StatusOr<container::v1::StageContainerResponse>(
      const container::v1::StageContainerRequest&)>
      on_stage_container;
  std::function<absl::StatusOr<container::v1::StartContainerResponse>(
      const container::v1::StartContainerRequest&)>
      on_start_container;
  std::function<absl::StatusOr<container::v1::AwaitReadyResponse>(
      const container::v1::AwaitReadyRequest&)>
      on_await_ready;
  std::function<absl::StatusOr<container::v1::StopContainerResponse>(
      const container::v1::StopContainerRequest&)>
      on_stop_container;
  std::function<absl::StatusOr<container::v1::RemoveContainerResponse>(
      const container::v1::RemoveContainerRequest&)>
      on_remove_container;
  std::function<absl::StatusOr<container::v1::StreamLogsResponse>(
      const container::v1::StreamLogsRequest&)>
      on_stream_logs;
  std::function<absl::StatusOr<container::v1::ExportImageResponse>(
      const container::v1::ExportImageRequest&)>
      on_export_image;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_CLIENT_FAKE_CONTAINER_CLIENT_H_
