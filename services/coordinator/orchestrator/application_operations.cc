#include "services/coordinator/orchestrator/application_operations.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"
#include "services/coordinator/convert/spec_convert.h"
#include "services/coordinator/domain/routes.h"

namespace drover::coordinator {
namespace {

// `status` followed by what holds now.
absl::Status WithOutcome(const absl::Status& status, const std::string& node,
                         const std::string& outcome) {
  return absl::Status(status.code(), absl::StrCat(node, ": ", status.message(), "; ", outcome));
}

absl::Status NotReady(const absl::Status& why, const ApplicationRecord& record) {
  const std::string& name = record.name.value();
  return absl::Status(
      why.code(), absl::StrCat(name, " did not get ready on ", record.node.value(), ": ",
                               why.message(), "; it was started there, with its data, but gets no ",
                               "connections (see `drover logs ", name, "`)"));
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
  status = co_await operations_.EnsureImage(node, spec.image, NodeName(), "");
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
  auto created = co_await handle->volume->CreateGroup(std::move(request), kCallDeadline);
  if (!created.ok()) co_return WithOutcome(created.status(), node.value(), outcome);
  ApplicationRecord record = RecordOf(spec, node, generation);
  co_await Remember(record);
  co_return co_await Run(std::move(record), false);
}

Task<absl::Status> ApplicationOperations::Start(ApplicationSpec spec, NodeName node,
                                                Generation generation) {
  const std::string outcome =
      absl::StrCat(spec.name.value(), " is not running and its data is on ", node.value());
  absl::Status status = co_await routes_.CheckPorts(ExternalPorts(spec));
  if (!status.ok()) co_return WithOutcome(status, node.value(), outcome);
  status = co_await operations_.EnsureImage(node, spec.image, NodeName(), "");
  if (!status.ok()) co_return WithOutcome(status, node.value(), outcome);
  ApplicationRecord record = RecordOf(spec, node, generation);
  co_await Remember(record);
  co_return co_await Run(std::move(record), false);
}

Task<absl::Status> ApplicationOperations::Restart(ApplicationSpec spec, NodeName node,
                                                  Generation generation) {
  const std::string outcome =
      absl::StrCat(spec.name.value(), " runs on ", node.value(), " as before");
  const ApplicationRecord* current = journal_.FindApplication(spec.name);
  const std::vector<int> before =
      current == nullptr ? std::vector<int>() : ExternalPorts(current->spec);
  const std::vector<int> after = ExternalPorts(spec);
  absl::Status status = co_await routes_.CheckPorts(Added(before, after));
  if (!status.ok()) co_return WithOutcome(status, node.value(), outcome);
  status = co_await operations_.EnsureImage(node, spec.image, NodeName(), "");
  if (!status.ok()) co_return WithOutcome(status, node.value(), outcome);
  std::vector<int> held;
  std::set_union(before.begin(), before.end(), after.begin(), after.end(),
                 std::back_inserter(held));
  const std::string holder = absl::StrCat("restart-", spec.name.value());
  co_await routes_.Hold(holder, held);
  ApplicationRecord record = RecordOf(spec, node, generation);
  co_await Remember(record);
  status = co_await Run(std::move(record), true);
  co_await routes_.Release(holder);
  co_return status;
}

Task<absl::Status> ApplicationOperations::Run(ApplicationRecord record, bool restart) {
  absl::StatusOr<StartedContainer> started =
      co_await operations_.Start(record.node, record.spec, record.generation, restart);
  absl::Status status = started.status();
  if (!status.ok()) {
    status = WithOutcome(
        status, record.node.value(),
        absl::StrCat(record.name.value(), " does not serve; its data is on ", record.node.value()));
  } else {
    status = co_await operations_.AwaitReady(record.node, record.spec, started->start_id);
    if (!status.ok()) status = NotReady(status, record);
  }
  if (!status.ok()) {
    record.problem = std::string(status.message());
    record.route.reset();
  } else {
    record.route = RouteTarget{record.node, started->container_id};
  }
  const std::string now = absl::StrCat(record.name.value(), " runs on ", record.node.value());
  Change change;
  change.applications.push_back(std::move(record));
  absl::Status routed = co_await routes_.Change(std::move(change));
  if (!status.ok()) co_return status;
  if (!routed.ok()) {
    co_return absl::Status(routed.code(), absl::StrCat(routed.message(), "; ", now,
                                                       ", but not every node leads to it"));
  }
  co_return absl::OkStatus();
}

Task<absl::Status> ApplicationOperations::Stop(ApplicationName name, NodeName node) {
  const ApplicationRecord* current = journal_.FindApplication(name);
  ApplicationSpec spec;
  if (current != nullptr) spec = current->spec;
  spec.name = name;
  absl::Status removed = co_await operations_.RemoveContainer(node, spec, Generation());
  if (!removed.ok()) {
    co_return WithOutcome(removed, node.value(),
                          absl::StrCat("whether ", name.value(), " still runs is not known"));
  }
  Change change;
  if (current != nullptr) {
    change.applications = {*current};
    ApplicationRecord& record = change.applications[0];
    ++record.revision;
    record.running = false;
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
    auto resized = co_await handle->volume->ResizeVolume(std::move(request), kCallDeadline);
    if (!resized.ok()) {
      co_return WithOutcome(resized.status(), node.value(),
                            absl::StrCat("the size limit of ", spec.name.value(),
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
  const ApplicationRecord* current = journal_.FindApplication(spec.name);
  const std::vector<int> before = current == nullptr || !current->route.has_value()
                                      ? std::vector<int>()
                                      : ExternalPorts(current->spec);
  absl::Status status = co_await routes_.CheckPorts(Added(before, ExternalPorts(spec)));
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
