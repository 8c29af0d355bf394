#include "services/coordinator/domain/move_problem.h"

#include "absl/strings/str_cat.h"
#include "services/common/status/reason.h"
#include "services/coordinator/domain/ownership.h"

namespace drover::coordinator {

std::string BusyProblem(const ClusterView& view, const ApplicationName& name) {
  if (!view.busy.contains(name)) return "";
  return absl::StrCat("another operation on ", name.value(), " is under way; wait for its end");
}

std::string OwnerProblem(const ClusterView& view, const ApplicationName& name, const Held& owner) {
  const absl::Status status = CheckOwner(view, name, owner);
  if (!status.ok()) return std::string(status.message());
  if (owner.group->migration.empty() && owner.group->state == GroupState::kOwned) return "";
  return absl::StrCat("the volumes of ", name.value(), " on ", owner.node->name.value(),
                      " are still ", GroupStateName(owner.group->state), " for migration ",
                      owner.group->migration.value(),
                      "; an aborted move is cleaned up within seconds: run the command again");
}

std::string EngineProblem(const NodeView& destination, const ApplicationName& name,
                          const Held& owner) {
  if (destination.engine_problem.empty()) return "";
  return absl::StrCat(destination.name.value(), ": ", destination.engine_problem, "; ",
                      WhereItIs(name, owner));
}

std::string DestinationProblem(const NodeView& destination, const ApplicationName& name,
                               const Held& owner) {
  if (!destination.reachable) {
    return absl::StrCat(destination.name.value(), " does not answer (", destination.problem, "); ",
                        WhereItIs(name, owner));
  }
  if (destination.backend.empty() || destination.backend == owner.node->backend) return "";
  return absl::StrCat("the pool of ", destination.name.value(), " is ", destination.backend,
                      ", that of ", owner.node->name.value(), " is ", owner.node->backend,
                      ": they cannot exchange data; ", WhereItIs(name, owner));
}

absl::Status CheckCordon(const NodeName& node, bool cordoned) {
  if (!cordoned) return absl::OkStatus();
  return StatusWithReason(
      absl::StatusCode::kFailedPrecondition, "CORDONED",
      absl::StrCat(node.value(), " is cordoned, so it gets no applications; `drover uncordon ",
                   node.value(), "` ends that"));
}

std::string WhereItIs(const ApplicationName& name, const Held& owner) {
  const ContainerView* container = FindContainer(*owner.node, name);
  const bool runs = container != nullptr && (container->state == ContainerState::kReady ||
                                             container->state == ContainerState::kStarting);
  return runs ? absl::StrCat(name.value(), " runs on ", owner.node->name.value(), " as before")
              : absl::StrCat(name.value(), " is not running and its data is on ",
                             owner.node->name.value());
}

}  // namespace drover::coordinator
