#include "services/coordinator/domain/drain_history.h"

#include "absl/strings/str_cat.h"

namespace drover::coordinator {

std::map<ApplicationName, MovedApplication> MovedAway(
    const std::vector<const DeploymentRecord*>& deployments,
    const std::vector<const MigrationRecord*>& migrations, const NodeRecord& node) {
  std::map<MigrationId, const MigrationRecord*> by_id;
  for (const MigrationRecord* migration : migrations) by_id[migration->id] = migration;
  std::map<ApplicationName, MovedApplication> moved;
  for (const DeploymentRecord* deployment : deployments) {
    if (!deployment->drain.has_value() || deployment->drain->node != node.name) continue;
    if (deployment->create_time < node.cordon_time) continue;
    for (const Action& action : deployment->actions) {
      // One without a migration was moved by somebody else before its turn came.
      const auto found = by_id.find(action.migration);
      if (found == by_id.end()) continue;
      // A move that stood still failed for its drain, and may have ended well after it.
      const MigrationRecord& migration = *found->second;
      const bool has_moved = migration.state == MigrationState::kDone && !migration.not_ready;
      if (action.state != ActionState::kDone && !has_moved) continue;
      if (deployment->drain->restore) {
        moved.erase(action.application);
      } else {
        moved[action.application] = {action.to, migration.generation};
      }
    }
  }
  return moved;
}

absl::Status CheckDrainGoesOn(const DeploymentRecord& deployment, const NodeRecord* node) {
  if (!deployment.drain.has_value() || deployment.drain->restore) return absl::OkStatus();
  // It was cordoned before the drain was recorded.
  const bool goes_on =
      node != nullptr && node->cordoned && node->cordon_time <= deployment.create_time;
  if (goes_on) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(deployment.drain->node.value(), " was uncordoned, which ended its drain"));
}

}  // namespace drover::coordinator
