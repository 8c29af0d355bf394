#include "services/coordinator/orchestrator/node_operations.h"

#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"
#include "services/coordinator/convert/spec_convert.h"
#include "services/coordinator/domain/config_hash.h"

namespace drover::coordinator {
namespace {

// A large image over a slow link; a node that dies meanwhile is noticed by its connection.
constexpr absl::Duration kImageDeadline = absl::Hours(2);
// A node says how far an image is far more often than anybody looks.
constexpr absl::Duration kTellingInterval = absl::Milliseconds(500);
// Staging waits for the engine, and seeding copies what the image holds.
constexpr absl::Duration kStartDeadline = absl::Minutes(10);

}  // namespace

absl::Duration StopDeadline(const ApplicationSpec& spec) {
  return spec.stop_timeout + absl::Minutes(2);
}

Task<absl::Status> NodeOperations::EnsureImage(NodeName node, WantedImage image) {
  DROVER_CO_ASSIGN_OR_RETURN(std::shared_ptr<NodeHandle> handle, nodes_.Find(node));
  container::v1::EnsureImageRequest request;
  request.set_image(image.name);
  request.set_required_digest(image.digest);
  request.mutable_mountpoints()->Assign(image.mountpoints.begin(), image.mountpoints.end());
  auto add = [&request](const NodeHandle& peer) {
    container::v1::ImageSource* source = request.add_sources();
    source->set_node(peer.name.value());
    source->set_address(peer.container_address());
  };
  absl::StatusOr<std::shared_ptr<NodeHandle>> preferred = nodes_.Find(image.prefer);
  if (preferred.ok()) add(**preferred);
  for (const std::shared_ptr<NodeHandle>& peer : nodes_.All()) {
    if (peer->name != node && peer->name != image.prefer) add(*peer);
  }
  auto on_progress =
      [this, name = image.application](const container::v1::EnsureImageResponse& response) {
        OnImageProgress(name, response);
      };
  const absl::Cleanup forget = [this, &image] {
    if (images_.erase(image.application) > 0) journal_.changed().Notify();
  };
  co_return co_await handle->container->EnsureImage(std::move(request), kImageDeadline,
                                                    std::move(on_progress));
}

void NodeOperations::OnImageProgress(const ApplicationName& application,
                                     const container::v1::EnsureImageResponse& response) {
  if (response.activity().empty()) return;
  ImageOnItsWay& image = images_[application];
  const bool is_news = image.progress.activity != response.activity();
  image.progress = {response.activity(), response.done_bytes(), response.total_bytes()};
  const absl::Time now = clock_.Now();
  // Also if the time of day was set back.
  const bool is_soon = now >= image.told && now - image.told < kTellingInterval;
  if (!is_news && is_soon) return;
  image.told = now;
  journal_.changed().Notify();
}

const ImageProgress* NodeOperations::FindImageProgress(const ApplicationName& application) const {
  const auto found = images_.find(application);
  return found == images_.end() ? nullptr : &found->second.progress;
}

Task<absl::StatusOr<StartedContainer>> NodeOperations::Start(NodeName node, ApplicationSpec spec,
                                                             Generation generation) {
  DROVER_CO_ASSIGN_OR_RETURN(std::shared_ptr<NodeHandle> handle, nodes_.Find(node));
  container::v1::StartContainerRequest request;
  *request.mutable_fence() = journal_.fence();
  *request.mutable_spec() = ToProto(spec);
  request.set_generation(generation.value());
  request.set_config_hash(ConfigHash(spec));
  DROVER_CO_ASSIGN_OR_RETURN(auto response, co_await handle->container->StartContainer(
                                                std::move(request), kStartDeadline));
  co_return StartedContainer{StartId(response.container().start_id()),
                             ContainerId(response.container().container_id())};
}

Task<absl::StatusOr<std::optional<container::v1::Container>>> NodeOperations::FindContainer(
    NodeName node, ApplicationName application) {
  DROVER_CO_ASSIGN_OR_RETURN(std::shared_ptr<NodeHandle> handle, nodes_.Find(node));
  DROVER_CO_ASSIGN_OR_RETURN(auto containers,
                             co_await handle->container->ListContainers({}, kCallDeadline));
  std::optional<container::v1::Container> found;
  for (const container::v1::Container& one : containers.containers()) {
    if (one.application() == application.value()) found = one;
  }
  co_return found;
}

Task<absl::Status> NodeOperations::AwaitReady(NodeName node, ApplicationSpec spec,
                                              StartId start_id) {
  DROVER_CO_ASSIGN_OR_RETURN(std::shared_ptr<NodeHandle> handle, nodes_.Find(node));
  container::v1::AwaitReadyRequest request;
  request.set_application(spec.name.value());
  request.set_start_id(start_id.value());
  const absl::Duration limit = spec.readiness.value_or(Readiness()).timeout;
  auto response =
      co_await handle->container->AwaitReady(std::move(request), limit + absl::Seconds(30));
  if (response.ok()) co_return absl::OkStatus();
  const absl::Status& status = response.status();
  if (absl::IsNotFound(status)) {
    co_return absl::FailedPreconditionError(
        absl::StrCat("its container is gone: ", status.message()));
  }
  // The service's own deadline, unlike the call's, has a reason.
  if (absl::IsDeadlineExceeded(status) && !ReasonOf(status).empty()) {
    co_return absl::FailedPreconditionError(status.message());
  }
  co_return status;
}

Task<absl::Status> NodeOperations::RemoveContainer(NodeName node, ApplicationSpec spec,
                                                   Generation generation) {
  DROVER_CO_ASSIGN_OR_RETURN(std::shared_ptr<NodeHandle> handle, nodes_.Find(node));
  container::v1::RemoveContainerRequest request;
  *request.mutable_fence() = journal_.fence();
  request.set_application(spec.name.value());
  request.set_generation(generation.value());
  auto response =
      co_await handle->container->RemoveContainer(std::move(request), StopDeadline(spec));
  if (absl::IsNotFound(response.status())) co_return absl::OkStatus();
  co_return response.status();
}

}  // namespace drover::coordinator
