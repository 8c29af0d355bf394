#include "services/coordinator/domain/roll_back_planner.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/common/status/reason.h"
#include "services/coordinator/domain/resting_owner.h"
#include "services/coordinator/domain/volume_name.h"

namespace drover::coordinator {
namespace {

const SnapshotView* FindSnapshot(const VolumeView& volume, const std::string& name) {
  for (const SnapshotView& snapshot : volume.snapshots) {
    if (snapshot.name == name) return &snapshot;
  }
  return nullptr;
}

// Another node that has it; empty if none does.
NodeName FoundElsewhere(const RollBack& roll_back, const ClusterView& view) {
  const VolumeName name = ParseVolumeName(roll_back.volume);
  for (const NodeView& node : view.nodes) {
    const GroupView* group = FindGroup(node, name.application);
    if (group != nullptr && !RolledBack(roll_back, *group).empty()) return node.name;
  }
  return NodeName();
}

absl::Status NoSuchSnapshot(const RollBack& roll_back, const Held& owner, const ClusterView& view) {
  const NodeName elsewhere = FoundElsewhere(roll_back, view);
  const VolumeName name = ParseVolumeName(roll_back.volume);
  if (!elsewhere.empty()) {
    return StatusWithReason(
        absl::StatusCode::kFailedPrecondition, "OTHER_NODE",
        absl::StrCat("snapshot ", roll_back.snapshot, " is on ", elsewhere.value(),
                     ", where it was taken, and the data of ", name.application.value(), " is on ",
                     owner.node->name.value(), "; move it there first: `drover move ",
                     name.application.value(), " ", elsewhere.value(), "`"));
  }
  std::set<std::string> known;
  for (const VolumeView& volume : owner.group->volumes) {
    if (!name.Covers(volume.id)) continue;
    for (const SnapshotView& snapshot : volume.snapshots) known.insert(snapshot.name);
  }
  return absl::NotFoundError(absl::StrCat(
      "there is no snapshot ", roll_back.snapshot, " of ", roll_back.volume,
      known.empty() ? absl::StrCat("; `drover volumes snapshot ", roll_back.volume, "` takes one")
                    : absl::StrCat("; there are: ", absl::StrJoin(known, ", "))));
}

// " (redis:log alone)" where it is not all of them.
std::string Alone(const ApplicationName& application, const std::vector<std::string>& ids,
                  const Held& owner) {
  if (ids.size() == owner.group->volumes.size()) return "";
  std::vector<std::string> shown;
  for (const std::string& id : ids) shown.push_back(VolumeDisplayName(application, id));
  return absl::StrCat(" (", absl::StrJoin(shown, ", "), " alone)");
}

}  // namespace

std::vector<std::string> RolledBack(const RollBack& roll_back, const GroupView& group) {
  const VolumeName name = ParseVolumeName(roll_back.volume);
  std::vector<std::string> ids;
  for (const VolumeView& volume : group.volumes) {
    if (name.Covers(volume.id) && FindSnapshot(volume, roll_back.snapshot) != nullptr) {
      ids.push_back(volume.id);
    }
  }
  return ids;
}

absl::StatusOr<Plan> PlanRollBack(const RollBack& roll_back, const ClusterView& view) {
  const VolumeName name = ParseVolumeName(roll_back.volume);
  absl::StatusOr<Held> owner = FindRestingOwner(view, name.application);
  if (!owner.ok()) return owner.status();
  const std::vector<std::string> ids = RolledBack(roll_back, *owner->group);
  if (ids.empty()) return NoSuchSnapshot(roll_back, *owner, view);
  Plan plan;
  Action& back = plan.actions.emplace_back();
  back.kind = ActionKind::kRollBack;
  back.application = name.application;
  back.to = owner->node->name;
  back.reason =
      absl::StrCat("to snapshot ", roll_back.snapshot, Alone(name.application, ids, *owner));
  for (const VolumeView& volume : owner->group->volumes) {
    const bool stays = std::find(ids.begin(), ids.end(), volume.id) == ids.end();
    if (!stays || !name.Covers(volume.id) || volume.detached) continue;
    plan.warnings.push_back(absl::StrCat(VolumeDisplayName(name.application, volume.id),
                                         " has no snapshot ", roll_back.snapshot,
                                         " and stays as it is"));
  }
  if (view.applications.at(name.application).running) {
    Action& start = plan.actions.emplace_back();
    start.kind = ActionKind::kStart;
    start.application = name.application;
    start.to = owner->node->name;
    start.reason = "it was running";
  }
  return plan;
}

}  // namespace drover::coordinator
