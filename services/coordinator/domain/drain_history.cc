#include "services/coordinator/domain/drain_history.h"

#include "absl/strings/str_cat.h"

namespace drover::coordinator {

std::map<ApplicationName, MovedApplication> MovedAway(
    const std::vector<const DeploymentRecord*>& deployments,
    const std::vector<const MigrationRecord*>& migrations, const NodeRecord& node) {
  std::map<MigrationId, Generation> generations;
  for (const MigrationRecord* migration : migrations) {
    generations[migration->id] = migration->generation;
  }
  std::map<ApplicationName, MovedApplication> moved;
  for (const DeploymentRecord* deployment : deployments) {
    if (!deployment->drain.has_value() || deployment->drain->node != node.name) continue;
    if (deployment->create_time < node.cordon_time) continue;
    for (const Action& action : deployment->actions) {
      // One without a migration was moved by somebody else before its turn came.
      const auto generation = generations.find(action.migration);
      if (action.state != ActionState::kDone || generation == generations.end()) continue;
      if (deployment->drain->restore) {
        moved.erase(action.application);
      } else {
        moved[action.application] = {action.to, generation->second};
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
