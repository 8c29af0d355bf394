#include "services/coordinator/orchestrator/volume_operations.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"
#include "services/common/time/proto_time.h"
#include "services/coordinator/domain/resting_owner.h"
#include "services/coordinator/domain/roll_back_planner.h"
#include "services/coordinator/domain/volume_name.h"
#include "services/coordinator/orchestrator/transient.h"

namespace drover::coordinator {
namespace {

// Measuring nothing, but a large pool's tree is written first.
constexpr absl::Duration kStorageDeadline = absl::Minutes(2);

absl::Status At(const NodeName& node, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(node.value(), ": ", status.message()));
}

// What holds now is not what was before, nor what was asked for.
absl::Status NotKnown(const absl::Status& status) {
  return StatusWithReason(
      status.code(), kHalfPutBack,
      absl::StrCat(status.message(),
                   "; how far it was put back is not known, so it was not started: do it again"));
}

const VolumeView* FindVolume(const GroupView& group, const std::string& id) {
  for (const VolumeView& volume : group.volumes) {
    if (volume.id == id) return &volume;
  }
  return nullptr;
}

// Where anything of the application is; its owner last, so that a repeat finds it.
std::vector<Held> OwnerLast(const ClusterView& view, const ApplicationName& name) {
  std::vector<Held> all = GroupsOf(view, name);
  std::stable_partition(all.begin(), all.end(),
                        [](const Held& held) { return !IsOwner(held.group->state); });
  return all;
}

}  // namespace

std::vector<VolumeSnapshot> SnapshotsOf(const ClusterView& view, const std::string& volume) {
  const VolumeName asked = ParseVolumeName(volume);
  std::vector<VolumeSnapshot> all;
  for (const NodeView& node : view.nodes) {
    for (const GroupView& group : node.groups) {
      if (!volume.empty() && group.application != asked.application) continue;
      for (const VolumeView& one : group.volumes) {
        if (!asked.Covers(one.id)) continue;
        for (const SnapshotView& snapshot : one.snapshots) {
          all.push_back({VolumeDisplayName(group.application, one.id), snapshot.name, node.name,
                         snapshot.create_time});
        }
      }
    }
  }
  std::stable_sort(all.begin(), all.end(), [](const VolumeSnapshot& a, const VolumeSnapshot& b) {
    return std::tie(a.volume, a.create_time) < std::tie(b.volume, b.create_time);
  });
  return all;
}

Task<absl::StatusOr<std::vector<VolumeSnapshot>>> VolumeOperations::CreateSnapshots(
    std::string volume, std::string snapshot) {
  const VolumeName asked = ParseVolumeName(volume);
  // Before it is busy by us.
  ClusterView view = co_await deps_.observer.Observe();
  absl::StatusOr<Held> owner = FindRestingOwner(view, asked.application);
  if (!owner.ok()) co_return owner.status();
  DROVER_CO_ASSIGN_OR_RETURN(BusyApplications::Token token, deps_.busy.Acquire(asked.application));
  std::vector<std::string> ids;
  for (const VolumeView& one : owner->group->volumes) {
    if (asked.Covers(one.id)) ids.push_back(one.id);
  }
  if (ids.empty()) {
    co_return absl::NotFoundError(absl::StrCat(
        "there is no volume ", volume, "; `drover volumes list` shows those that there are"));
  }
  for (const VolumeSnapshot& one : SnapshotsOf(view, volume)) {
    if (one.name != snapshot || one.node != owner->node->name) continue;
    co_return absl::AlreadyExistsError(absl::StrCat("there is a snapshot ", snapshot, " of ",
                                                    one.volume, " already; choose another name"));
  }
  DROVER_CO_ASSIGN_OR_RETURN(std::shared_ptr<NodeHandle> handle,
                             deps_.nodes.Find(owner->node->name));
  std::vector<VolumeSnapshot> made;
  for (const std::string& id : ids) {
    volume::v1::CreateSnapshotRequest request;
    *request.mutable_fence() = deps_.journal.fence();
    request.set_application(asked.application.value());
    request.set_volume_id(id);
    request.set_snapshot(snapshot);
    auto response = co_await handle->volume->CreateSnapshot(std::move(request), kStorageDeadline);
    if (!response.ok()) co_return At(owner->node->name, response.status());
    made.push_back({VolumeDisplayName(asked.application, id), snapshot, owner->node->name,
                    TimeOf(response->snapshot().create_time())});
  }
  co_return made;
}

Task<absl::StatusOr<std::vector<VolumeSnapshot>>> VolumeOperations::DeleteSnapshots(
    std::string volume, std::string snapshot) {
  const VolumeName asked = ParseVolumeName(volume);
  DROVER_CO_ASSIGN_OR_RETURN(BusyApplications::Token token, deps_.busy.Acquire(asked.application));
  const ClusterView view = co_await deps_.observer.Observe();
  std::vector<VolumeSnapshot> found = SnapshotsOf(view, volume);
  std::erase_if(found, [&](const VolumeSnapshot& one) { return one.name != snapshot; });
  if (found.empty()) {
    co_return absl::NotFoundError(absl::StrCat("no node that answers has a snapshot ", snapshot,
                                               " of ", volume,
                                               "; `drover volumes snapshots` shows what there is"));
  }
  for (const VolumeSnapshot& one : found) {
    DROVER_CO_ASSIGN_OR_RETURN(std::shared_ptr<NodeHandle> handle, deps_.nodes.Find(one.node));
    volume::v1::DeleteSnapshotRequest request;
    *request.mutable_fence() = deps_.journal.fence();
    request.set_application(asked.application.value());
    request.set_volume_id(ParseVolumeName(one.volume).id);
    request.set_snapshot(snapshot);
    auto deleted = co_await handle->volume->DeleteSnapshot(std::move(request), kStorageDeadline);
    if (!deleted.ok()) co_return At(one.node, deleted.status());
  }
  co_return found;
}

Task<absl::Status> VolumeOperations::Delete(std::string volume) {
  const VolumeName asked = ParseVolumeName(volume);
  DROVER_CO_ASSIGN_OR_RETURN(BusyApplications::Token token, deps_.busy.Acquire(asked.application));
  ClusterView view = co_await deps_.observer.Observe();
  // Before anything goes: what a node keeps that does not answer would come back with it.
  DROVER_CO_RETURN_IF_ERROR(
      CheckAllAnswer(view, absl::StrCat("might keep a copy of ", volume, "; nothing was deleted")));
  const ApplicationRecord* record = deps_.journal.FindApplication(asked.application);
  const std::vector<Held> owners = OwnersOf(view, asked.application);
  if (record == nullptr && GroupsOf(view, asked.application).empty()) {
    co_return NoApplication(deps_.journal.applications(), asked.application.value());
  }
  const VolumeView* detached = nullptr;
  bool has_others = false;
  for (const Held& owner : owners) {
    const VolumeView* one = FindVolume(*owner.group, asked.id);
    if (one != nullptr && one->detached) detached = one;
    has_others = owner.group->volumes.size() > 1;
  }
  const bool is_running = record != nullptr && record->running;
  if (detached != nullptr && asked.id.empty() && !is_running && has_others) {
    co_return StatusWithReason(
        absl::StatusCode::kFailedPrecondition, "AMBIGUOUS",
        absl::StrCat(volume, " is an unattached volume and a stopped application that has others; ",
                     "start it to delete that volume alone, and then, stopped again, all"));
  }
  if (detached != nullptr && (is_running || !asked.id.empty())) {
    co_return co_await DeleteVolume(asked.application, asked.id, std::move(view));
  }
  if (!asked.id.empty()) {
    co_return StatusWithReason(
        absl::StatusCode::kFailedPrecondition, "ATTACHED",
        absl::StrCat("no volume ", volume, " is unattached: one that ", asked.application.value(),
                     " uses is taken out of its file first, and all of a stopped application go "
                     "with `drover volumes delete ",
                     asked.application.value(), "`"));
  }
  if (is_running) {
    co_return StatusWithReason(
        absl::StatusCode::kFailedPrecondition, "RUNNING",
        absl::StrCat(asked.application.value(), " is to run on ", record->node.value(),
                     "; take it out of the deployment file and deploy, then delete it"));
  }
  co_return co_await DeleteApplication(asked.application, std::move(view));
}

Task<absl::Status> VolumeOperations::DeleteApplication(ApplicationName name, ClusterView view) {
  for (const Held& held : GroupsOf(view, name)) {
    if (held.group->state != GroupState::kDiverged) continue;
    co_return absl::FailedPreconditionError(
        absl::StrCat(held.node->name.value(), " keeps a DIVERGED copy of ", name.value(),
                     ", which may hold what no other has; look at it, then `drover volumes delete ",
                     name.value(), " --node ", held.node->name.value(), "` first"));
  }
  for (const NodeView& node : view.nodes) {
    if (FindContainer(node, name) == nullptr) continue;
    ApplicationSpec spec;
    spec.name = name;
    const absl::Status removed =
        co_await deps_.node_operations.RemoveContainer(node.name, spec, Generation());
    if (!removed.ok()) co_return At(node.name, removed);
  }
  for (const Held& held : OwnerLast(view, name)) {
    DROVER_CO_RETURN_IF_ERROR(co_await DeleteGroup(held.node->name, *held.group));
  }
  Change change;
  change.removed_applications.push_back(std::move(name));
  co_await deps_.journal.Commit(std::move(change));
  co_return absl::OkStatus();
}

Task<absl::Status> VolumeOperations::DeleteGroup(NodeName node, GroupView group) {
  DROVER_CO_ASSIGN_OR_RETURN(std::shared_ptr<NodeHandle> handle, deps_.nodes.Find(node));
  volume::v1::DeleteGroupRequest request;
  *request.mutable_fence() = deps_.journal.fence();
  request.set_application(group.application.value());
  request.set_generation(group.generation.value());
  auto deleted = co_await handle->volume->DeleteGroup(std::move(request), kStorageDeadline);
  if (deleted.ok() || absl::IsNotFound(deleted.status())) co_return absl::OkStatus();
  co_return At(node, deleted.status());
}

Task<absl::Status> VolumeOperations::DeleteVolume(ApplicationName name, std::string id,
                                                  ClusterView view) {
  for (const Held& held : OwnerLast(view, name)) {
    const bool is_kept = held.group->state == GroupState::kDiverged;
    if (is_kept || FindVolume(*held.group, id) == nullptr) continue;
    DROVER_CO_ASSIGN_OR_RETURN(std::shared_ptr<NodeHandle> handle,
                               deps_.nodes.Find(held.node->name));
    volume::v1::DeleteVolumeRequest request;
    *request.mutable_fence() = deps_.journal.fence();
    request.set_application(name.value());
    request.set_volume_id(id);
    auto deleted = co_await handle->volume->DeleteVolume(std::move(request), kStorageDeadline);
    if (!deleted.ok()) co_return At(held.node->name, deleted.status());
  }
  co_return absl::OkStatus();
}

Task<absl::Status> VolumeOperations::RollBack(coordinator::RollBack what, NodeName node) {
  const ApplicationName name = ParseVolumeName(what.volume).application;
  const ClusterView view = co_await deps_.observer.Observe();
  const NodeView* owner = view.FindNode(node);
  const GroupView* group = owner == nullptr ? nullptr : FindGroup(*owner, name);
  if (group == nullptr) {
    co_return NotKnown(absl::UnavailableError(absl::StrCat(
        node.value(), " does not answer any more, or lost the volumes of ", name.value())));
  }
  const std::vector<std::string> ids = RolledBack(what, *group);
  if (ids.empty()) {
    co_return absl::NotFoundError(absl::StrCat("snapshot ", what.snapshot, " of ", what.volume,
                                               " has gone meanwhile; nothing was put back"));
  }
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.operations.TakeDown(name, node));
  std::vector<std::string> done;
  for (const std::string& id : ids) {
    auto go_back = [&] { return RollBackVolume(node, name, id, what.snapshot); };
    const absl::Status status = co_await deps_.retry.WhileUnavailable(go_back);
    if (!status.ok() && (IsTransient(status) || !done.empty())) {
      co_return NotKnown(At(node, status));
    }
    if (!status.ok()) co_return At(node, status);
    done.push_back(id);
  }
  co_return absl::OkStatus();
}

Task<absl::Status> VolumeOperations::RollBackVolume(NodeName node, ApplicationName name,
                                                    std::string id, std::string snapshot) {
  DROVER_CO_ASSIGN_OR_RETURN(std::shared_ptr<NodeHandle> handle, deps_.nodes.Find(node));
  volume::v1::RollBackVolumeRequest request;
  *request.mutable_fence() = deps_.journal.fence();
  request.set_application(name.value());
  request.set_volume_id(id);
  request.set_snapshot(snapshot);
  auto response = co_await handle->volume->RollBackVolume(std::move(request), kStorageDeadline);
  co_return response.status();
}

Task<absl::Status> VolumeOperations::Clone(ApplicationSpec spec, ApplicationName source,
                                           NodeName node) {
  DROVER_CO_ASSIGN_OR_RETURN(const Generation generation,
                             co_await MakeClone(spec.name, source, node));
  ApplicationRecord record;
  record.name = spec.name;
  record.spec = std::move(spec);
  record.node = node;
  record.generation = generation;
  record.revision = 1;
  Change change;
  change.applications.push_back(std::move(record));
  co_await deps_.journal.Commit(std::move(change));
  co_return absl::OkStatus();
}

Task<absl::StatusOr<Generation>> VolumeOperations::MakeClone(ApplicationName name,
                                                             ApplicationName source,
                                                             NodeName node) {
  const ClusterView view = co_await deps_.observer.Observe();
  const NodeView* there = view.FindNode(node);
  const GroupView* made = there == nullptr ? nullptr : FindGroup(*there, name);
  // By this coordinator before it was restarted: the name was new when the clone was asked for.
  if (made != nullptr) co_return made->generation;
  DROVER_CO_ASSIGN_OR_RETURN(std::shared_ptr<NodeHandle> handle, deps_.nodes.Find(node));
  const Generation generation = deps_.journal.TakeGeneration();
  Change only_the_generation;
  co_await deps_.journal.Commit(std::move(only_the_generation));
  volume::v1::CloneGroupRequest request;
  *request.mutable_fence() = deps_.journal.fence();
  request.set_application(source.value());
  request.set_clone(name.value());
  request.set_generation(generation.value());
  auto clone = [&] { return handle->volume->CloneGroup(request, kStorageDeadline); };
  auto response = co_await deps_.retry.WhileUnavailable(clone);
  if (response.ok()) co_return Generation(response->group().generation());
  const std::string now = IsTransient(response.status())
                              ? absl::StrCat("whether ", name.value(),
                                             " was made is not known; `drover volumes delete ",
                                             name.value(), "` deletes what there is of it")
                              : absl::StrCat(name.value(), " was not made");
  co_return absl::Status(response.status().code(),
                         absl::StrCat(node.value(), ": ", response.status().message(), "; ", now,
                                      ", and ", source.value(), " goes on as before"));
}

}  // namespace drover::coordinator
