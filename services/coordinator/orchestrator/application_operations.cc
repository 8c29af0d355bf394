#include "services/coordinator/orchestrator/application_operations.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"
#include "services/coordinator/convert/spec_convert.h"
#include "services/coordinator/domain/owner_choice.h"
#include "services/coordinator/domain/routes.h"
#include "services/coordinator/domain/volume_name.h"
#include "services/coordinator/orchestrator/transient.h"

namespace drover::coordinator {
namespace {

// `status` followed by what holds now.
absl::Status WithOutcome(const absl::Status& status, const std::string& node,
                         const std::string& outcome) {
  return absl::Status(status.code(), absl::StrCat(node, ": ", status.message(), "; ", outcome));
}

bool Serves(const container::v1::Container& container) {
  return container.state() == container::v1::CONTAINER_STATE_STARTING ||
         container.state() == container::v1::CONTAINER_STATE_READY;
}

std::vector<int> Added(const std::vector<int>& before, const std::vector<int>& after) {
  std::vector<int> added;
  std::set_difference(after.begin(), after.end(), before.begin(), before.end(),
                      std::back_inserter(added));
  return added;
}

}  // namespace

ApplicationRecord ApplicationOperations::RecordOf(const ApplicationSpec& spec, const NodeName& node,
                                                  const Generation& generation) const {
  ApplicationRecord record;
  const ApplicationRecord* current = journal_.FindApplication(spec.name);
  if (current != nullptr) record = *current;
  record.name = spec.name;
  record.spec = spec;
  record.node = node;
  record.generation = generation;
  record.running = true;
  record.problem.clear();
  ++record.revision;
  return record;
}

Task<void> ApplicationOperations::Remember(ApplicationRecord record) {
  Change change;
  change.applications.push_back(std::move(record));
  co_await journal_.Commit(std::move(change));
}

Task<absl::Status> ApplicationOperations::Create(ApplicationSpec spec, NodeName node) {
  const std::string outcome = absl::StrCat(spec.name.value(), " was not created and runs nowhere");
  absl::Status status = co_await routes_.CheckPorts(ExternalPorts(spec));
  if (!status.ok()) co_return WithOutcome(status, node.value(), outcome);
  status = co_await EnsureImageFor(node, spec);
  if (!status.ok()) co_return WithOutcome(status, node.value(), outcome);
  DROVER_CO_ASSIGN_OR_RETURN(std::shared_ptr<NodeHandle> handle, nodes_.Find(node));
  volume::v1::CreateGroupRequest request;
  *request.mutable_fence() = journal_.fence();
  request.set_application(spec.name.value());
  const Generation generation = journal_.TakeGeneration();
  request.set_generation(generation.value());
  for (const VolumeSpec& volume : spec.volumes) *request.add_volumes() = ToProto(volume);
  // The generation is durable before anybody hears of it. The application has no record until its
  // volumes exist: one that could not be made is nowhere, and keeps no node from being removed.
  Change only_the_generation;
  co_await journal_.Commit(std::move(only_the_generation));
  auto create = [&] { return handle->volume->CreateGroup(request, kCallDeadline); };
  auto created = co_await retry_.WhileUnavailable(create);
  if (!created.ok()) co_return WithOutcome(created.status(), node.value(), outcome);
  ApplicationRecord record = RecordOf(spec, node, generation);
  co_await Remember(record);
  co_return co_await Run(std::move(record));
}

absl::Status ApplicationOperations::CheckNewest(const ApplicationName& name, const NodeName& node,
                                                Generation generation) const {
  const ApplicationRecord* record = journal_.FindApplication(name);
  if (record == nullptr) return absl::OkStatus();
  const Generation newest = record->node == node ? record->generation : NewestOwnership(*record);
  if (newest <= generation) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(node.value(), " has older data of ",
                                                    name.value(), " than ", record->node.value(),
                                                    ", which owns it; nothing was changed"));
}

Task<absl::Status> ApplicationOperations::Start(ApplicationSpec spec, NodeName node,
                                                Generation generation) {
  DROVER_CO_RETURN_IF_ERROR(CheckNewest(spec.name, node, generation));
  const std::string outcome =
      absl::StrCat(spec.name.value(), " is not running and its data is on ", node.value());
  absl::Status status = co_await routes_.CheckPorts(ExternalPorts(spec));
  if (!status.ok()) co_return WithOutcome(status, node.value(), outcome);
  WantedImage image = {.application = spec.name, .name = spec.image};
  status = co_await EnsureImage(node, std::move(image));
  if (!status.ok()) co_return WithOutcome(status, node.value(), outcome);
  status = co_await EnsureVolumes(spec, node, generation);
  if (!status.ok()) co_return WithOutcome(status, node.value(), outcome);
  ApplicationRecord record = RecordOf(spec, node, generation);
  co_await Remember(record);
  co_return co_await Run(std::move(record));
}

std::vector<int> ApplicationOperations::RoutedPorts(const ApplicationName& name) const {
  const ApplicationRecord* current = journal_.FindApplication(name);
  const bool is_routed = current != nullptr && current->route.has_value();
  return is_routed ? ExternalPorts(current->spec) : std::vector<int>();
}

std::vector<int> ApplicationOperations::NewPorts(ActionKind kind,
                                                 const ApplicationSpec& spec) const {
  switch (kind) {
    case ActionKind::kCreate:
    case ActionKind::kStart:
    case ActionKind::kMove:
      return ExternalPorts(spec);
    case ActionKind::kRestart:
    case ActionKind::kReroute:
    case ActionKind::kUpdate:
      return Added(RoutedPorts(spec.name), ExternalPorts(spec));
    default:
      return {};
  }
}

Task<absl::Status> ApplicationOperations::Update(ApplicationSpec spec, NodeName node,
                                                 Generation generation) {
  DROVER_CO_RETURN_IF_ERROR(CheckNewest(spec.name, node, generation));
  const absl::Status status = co_await CheckPorts(NewPorts(ActionKind::kUpdate, spec));
  if (!status.ok()) {
    co_return WithOutcome(status, node.value(),
                          absl::StrCat(spec.name.value(), " runs on ", node.value(), " as before"));
  }
  ApplicationRecord record = RecordOf(spec, node, generation);
  co_await Remember(record);
  co_return co_await Run(std::move(record));
}

Task<absl::StatusOr<absl::Duration>> ApplicationOperations::Restart(ApplicationSpec spec,
                                                                    NodeName node,
                                                                    Generation generation) {
  DROVER_CO_RETURN_IF_ERROR(CheckNewest(spec.name, node, generation));
  const std::string outcome =
      absl::StrCat(spec.name.value(), " runs on ", node.value(), " as before");
  absl::Status status = co_await CheckPorts(NewPorts(ActionKind::kRestart, spec));
  if (!status.ok()) co_return WithOutcome(status, node.value(), outcome);
  status = co_await EnsureImageFor(node, spec);
  if (!status.ok()) co_return WithOutcome(status, node.value(), outcome);
  const std::vector<int> before = RoutedPorts(spec.name), after = ExternalPorts(spec);
  std::vector<int> held;
  std::set_union(before.begin(), before.end(), after.begin(), after.end(),
                 std::back_inserter(held));
  const std::string holder = absl::StrCat("restart-", spec.name.value());
  const absl::Time begin = clock_.Now();
  co_await routes_.Hold(holder, held);
  status = co_await EnsureVolumes(spec, node, generation);
  if (status.ok()) {
    ApplicationRecord record = RecordOf(spec, node, generation);
    co_await Remember(record);
    status = co_await Run(std::move(record));
  } else {
    const std::string now = absl::StrCat("whether ", spec.name.value(),
                                         " still runs is shown by `drover status`; deploy again");
    status = WithOutcome(status, node.value(), now);
  }
  co_await routes_.Release(holder);
  if (!status.ok()) co_return status;
  co_return clock_.Now() - begin;
}

Task<absl::Status> ApplicationOperations::EnsureVolumes(const ApplicationSpec& spec, NodeName node,
                                                        Generation generation) {
  DROVER_CO_ASSIGN_OR_RETURN(std::shared_ptr<NodeHandle> handle, nodes_.Find(node));
  volume::v1::ListGroupsRequest list;
  list.set_records_only(true);
  auto look = [&] { return handle->volume->ListGroups(list, kCallDeadline); };
  auto groups = co_await retry_.WhileUnavailable(look);
  if (!groups.ok()) co_return groups.status();
  std::set<std::pair<std::string, std::string>> asked, there;
  for (const VolumeSpec& volume : spec.volumes) asked.emplace(volume.id, volume.mountpoint);
  for (const auto& group : groups->groups()) {
    if (group.application() != spec.name.value()) continue;
    for (const auto& volume : group.volumes()) {
      if (!volume.detached()) there.emplace(volume.id(), volume.mountpoint());
    }
  }
  if (asked == there) co_return absl::OkStatus();
  DROVER_CO_RETURN_IF_ERROR(co_await TakeDown(spec.name, node));
  volume::v1::SetAttachedVolumesRequest request;
  *request.mutable_fence() = journal_.fence();
  request.set_application(spec.name.value());
  request.set_generation(generation.value());
  for (const VolumeSpec& volume : spec.volumes) *request.add_volumes() = ToProto(volume);
  auto set = [&] { return handle->volume->SetAttachedVolumes(request, kCallDeadline); };
  auto changed = co_await retry_.WhileUnavailable(set);
  co_return changed.status();
}

Task<absl::Status> ApplicationOperations::EnsureImageFor(NodeName node, ApplicationSpec spec) {
  WantedImage image = {.application = spec.name, .name = spec.image};
  for (const VolumeSpec& volume : spec.volumes) image.mountpoints.push_back(volume.mountpoint);
  co_return co_await EnsureImage(std::move(node), std::move(image));
}

Task<absl::Status> ApplicationOperations::EnsureImage(NodeName node, WantedImage image) {
  auto ensure = [&] { return operations_.EnsureImage(node, image); };
  co_return co_await retry_.WhileUnavailable(ensure);
}

Task<absl::Status> ApplicationOperations::Run(ApplicationRecord record) {
  auto start = [&] { return operations_.Start(record.node, record.spec, record.generation); };
  absl::StatusOr<StartedContainer> started = co_await retry_.WhileUnavailable(start);
  if (!started.ok()) co_return co_await FailToStart(std::move(record), started.status());
  auto wait = [&] { return operations_.AwaitReady(record.node, record.spec, started->start_id); };
  const absl::Status ready = co_await retry_.WhileUnavailable(wait);
  if (!ready.ok()) {
    co_return co_await FailToGetReady(std::move(record), started->container_id, ready);
  }
  record.route = RouteTarget{record.node, started->container_id};
  const std::string now = absl::StrCat(record.name.value(), " runs on ", record.node.value());
  Change change;
  change.applications.push_back(std::move(record));
  absl::Status routed = co_await routes_.Change(std::move(change));
  if (routed.ok()) co_return routed;
  co_return absl::Status(
      routed.code(), absl::StrCat(routed.message(), "; ", now, ", but not every node leads to it"));
}

Task<absl::Status> ApplicationOperations::FailToStart(ApplicationRecord record, absl::Status why) {
  const std::string& name = record.name.value();
  const std::string& node = record.node.value();
  // The order may have ended the old start or not, and its answer may have been lost: only the node
  // knows. While it does not say that the old start is over, its route stays.
  auto there = co_await operations_.FindContainer(record.node, record.name);
  const bool serves = there.ok() && there->has_value() && Serves(**there);
  const bool as_before = serves && record.route.has_value() &&
                         record.route->container_id.value() == (*there)->container_id();
  std::string outcome;
  if (as_before) {
    outcome = absl::StrCat(name, " runs on ", node, " as before");
  } else if (there.ok() && !serves) {
    outcome = absl::StrCat(name, " does not serve; its data is on ", node);
  } else {
    outcome = absl::StrCat("whether ", name, " serves is not known; its data is on ", node);
  }
  if (there.ok() && !as_before) record.route.reset();
  const absl::Status status = WithOutcome(why, node, outcome);
  record.problem = std::string(status.message());
  Change change;
  change.applications.push_back(std::move(record));
  (void)co_await routes_.Change(std::move(change));
  co_return status;
}

Task<absl::Status> ApplicationOperations::FailToGetReady(ApplicationRecord record,
                                                         ContainerId started, absl::Status why) {
  const std::string& name = record.name.value();
  const std::string& node = record.node.value();
  std::string message;
  if (IsTransient(why)) {
    message = absl::StrCat(node, ": ", why.message(), "; ", name,
                           " was started there, but whether it is ready is not known: it gets "
                           "connections as soon as ",
                           node, " says so");
  } else {
    message = absl::StrCat(name, " did not get ready on ", node, ": ", why.message(),
                           "; it was started there, with its data, but gets no connections (see "
                           "`drover logs ",
                           name, "`)");
  }
  // A start that was answered as running already keeps its route while nothing speaks against it.
  const bool is_routed = record.route.has_value() && record.route->container_id == started;
  if (!is_routed || !IsTransient(why)) record.route.reset();
  record.problem = message;
  Change change;
  change.applications.push_back(std::move(record));
  (void)co_await routes_.Change(std::move(change));
  co_return absl::Status(why.code(), message);
}

Task<absl::Status> ApplicationOperations::Stop(ApplicationName name, NodeName node) {
  co_return co_await Remove(std::move(name), std::move(node), /*is_to_run=*/false);
}

Task<absl::Status> ApplicationOperations::TakeDown(ApplicationName name, NodeName node) {
  co_return co_await Remove(std::move(name), std::move(node), /*is_to_run=*/true);
}

Task<absl::Status> ApplicationOperations::Remove(ApplicationName name, NodeName node,
                                                 bool is_to_run) {
  const ApplicationRecord* current = journal_.FindApplication(name);
  ApplicationSpec spec;
  if (current != nullptr) spec = current->spec;
  spec.name = name;
  auto remove = [&] { return operations_.RemoveContainer(node, spec, Generation()); };
  absl::Status removed = co_await retry_.WhileUnavailable(remove);
  if (!removed.ok()) {
    co_return WithOutcome(removed, node.value(),
                          absl::StrCat("whether ", name.value(), " still runs is not known"));
  }
  Change change;
  if (current != nullptr) {
    change.applications = {*current};
    ApplicationRecord& record = change.applications[0];
    ++record.revision;
    record.running = record.running && is_to_run;
    record.route.reset();
    record.problem.clear();
  }
  co_return co_await routes_.Change(std::move(change));
}

Task<absl::Status> ApplicationOperations::Resize(ApplicationSpec spec, NodeName node,
                                                 GroupView group) {
  DROVER_CO_ASSIGN_OR_RETURN(std::shared_ptr<NodeHandle> handle, nodes_.Find(node));
  for (const VolumeSpec& asked : spec.volumes) {
    const bool is_so =
        std::any_of(group.volumes.begin(), group.volumes.end(), [&](const VolumeView& volume) {
          return volume.id == asked.id && volume.maximum_size_bytes == asked.maximum_size_bytes;
        });
    if (is_so) continue;
    volume::v1::ResizeVolumeRequest request;
    *request.mutable_fence() = journal_.fence();
    request.set_application(spec.name.value());
    request.set_volume_id(asked.id);
    request.set_maximum_size_bytes(asked.maximum_size_bytes);
    auto resize = [&] { return handle->volume->ResizeVolume(request, kCallDeadline); };
    auto resized = co_await retry_.WhileUnavailable(resize);
    if (!resized.ok()) {
      co_return WithOutcome(
          resized.status(), node.value(),
          absl::StrCat("the size limit of ", VolumeDisplayName(spec.name, asked.id),
                       " is as before and the application was not touched"));
    }
  }
  const ApplicationRecord* current = journal_.FindApplication(spec.name);
  if (current != nullptr) {
    ApplicationRecord record = *current;
    ++record.revision;
    record.spec.volumes = spec.volumes;
    co_await Remember(std::move(record));
  }
  co_return absl::OkStatus();
}

Task<absl::Status> ApplicationOperations::Reroute(ApplicationSpec spec, NodeName node,
                                                  Generation generation, ContainerId container) {
  const absl::Status status = co_await CheckPorts(NewPorts(ActionKind::kReroute, spec));
  if (!status.ok()) {
    co_return WithOutcome(
        status, node.value(),
        absl::StrCat(spec.name.value(), " runs on ", node.value(), " with its ports as before"));
  }
  Change change;
  change.applications.push_back(RecordOf(spec, node, generation));
  change.applications.back().route = RouteTarget{node, container};
  co_return co_await routes_.Change(std::move(change));
}

}  // namespace drover::coordinator
