#include "services/coordinator/orchestrator/deployment_planner.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/status/status_macros.h"
#include "services/coordinator/domain/cutover_history.h"
#include "services/coordinator/domain/drain_planner.h"
#include "services/coordinator/domain/fingerprint.h"
#include "services/coordinator/domain/prediction.h"
#include "services/coordinator/domain/restart_history.h"
#include "services/coordinator/orchestrator/node_names.h"
#include "services/coordinator/orchestrator/when_all.h"

namespace drover::coordinator {
namespace {

// What is so if the action is not begun.
std::string WithoutIt(const Action& action) {
  const std::string& name = action.application.value();
  const NodeName& node = action.from.empty() ? action.to : action.from;
  switch (action.kind) {
    case ActionKind::kCreate:
      return absl::StrCat(name, " was not created and runs nowhere");
    case ActionKind::kStart:
      return absl::StrCat(name, " is not running and its data is on ", node.value());
    default:
      return absl::StrCat(name, " stays on ", node.value(), " as it is");
  }
}

}  // namespace

Task<absl::StatusOr<DeploymentPlan>> DeploymentPlanner::MakePlan(DesiredState desired) {
  const ClusterView view = co_await observer_.Observe();
  for (NodeAssignment& assignment : desired.nodes) {
    assignment.node = co_await RegisteredName(hosts_, view.nodes, assignment.node);
  }
  DeploymentPlan made;
  DROVER_CO_ASSIGN_OR_RETURN(made.plan, coordinator::MakePlan(desired, view));
  PredictInterruptions(made.plan, view);
  made.plan = co_await NameTakenPorts(std::move(made.plan), desired);
  made.desired = std::move(desired);
  co_return made;
}

Task<Plan> DeploymentPlanner::NameTakenPorts(Plan plan, DesiredState desired) {
  std::map<ApplicationName, std::vector<int>> ports;
  std::vector<int> all;
  for (const Action& action : plan.actions) {
    if (!action.error.empty()) continue;
    const ApplicationSpec spec = SpecOf(desired, action.application);
    for (int port : operations_.NewPorts(action.kind, spec)) {
      ports[action.application].push_back(port);
      all.push_back(port);
    }
  }
  // Nearly always this one question is all.
  const absl::Status free = co_await operations_.CheckPorts(std::move(all));
  if (free.ok()) co_return plan;
  std::vector<Task<absl::Status>> questions;
  for (const auto& [name, wanted] : ports) questions.push_back(operations_.CheckPorts(wanted));
  const std::vector<absl::Status> answers = co_await WhenAll(std::move(questions));
  std::map<ApplicationName, absl::Status> taken;
  size_t next = 0;
  for (const auto& [name, wanted] : ports) taken[name] = answers[next++];
  for (Action& action : plan.actions) {
    const auto found = taken.find(action.application);
    if (!action.error.empty() || found == taken.end() || found->second.ok()) continue;
    action.state = ActionState::kFailed;
    action.error = absl::StrCat(found->second.message(), "; ", WithoutIt(action));
    // Whoever agrees to the rest does not agree to what is possible once the port is free.
    plan.fingerprint = Fingerprint().Add(plan.fingerprint).Add(action.application.value()).Hex();
  }
  co_return plan;
}

Task<Drain> DeploymentPlanner::Resolve(Drain drain, const std::vector<NodeView>& nodes) {
  drain.node = NodeName(co_await RegisteredName(hosts_, nodes, drain.node.value()));
  for (NodeName& destination : drain.destinations) {
    destination = NodeName(co_await RegisteredName(hosts_, nodes, destination.value()));
  }
  co_return drain;
}

std::map<ApplicationName, MovedApplication> DeploymentPlanner::MovedAwayFrom(
    const NodeName& name) const {
  const auto node = journal_.nodes().find(name);
  if (node == journal_.nodes().end()) return {};
  return MovedAway(journal_.deployments(), journal_.migrations(), node->second);
}

absl::StatusOr<Plan> DeploymentPlanner::PlanOf(const Drain& drain, const ClusterView& view) const {
  absl::StatusOr<Plan> plan = drain.restore ? PlanRestore(drain, MovedAwayFrom(drain.node), view)
                                            : PlanDrain(drain, view, journal_.migrations());
  if (plan.ok()) PredictInterruptions(*plan, view);
  return plan;
}

Task<absl::StatusOr<DrainPlan>> DeploymentPlanner::MakePlan(Drain drain) {
  ClusterView view = co_await observer_.Observe();
  DrainPlan made;
  made.drain = co_await Resolve(std::move(drain), view.nodes);
  DROVER_CO_ASSIGN_OR_RETURN(made.plan, PlanOf(made.drain, view));
  made.plan = co_await NameTakenPorts(std::move(made.plan), DesiredState());
  co_return made;
}

void DeploymentPlanner::PredictInterruptions(Plan& plan, const ClusterView& view) const {
  const std::vector<const MigrationRecord*> migrations = journal_.migrations();
  const std::vector<const DeploymentRecord*> deployments = journal_.deployments();
  for (Action& action : plan.actions) {
    const bool moves = action.kind == ActionKind::kMove;
    if (!action.error.empty() || (!moves && action.kind != ActionKind::kRestart)) continue;
    const NodeName& source = moves ? action.from : action.to;
    const NodeView* node = view.FindNode(source);
    const ContainerView* container =
        node == nullptr ? nullptr : FindContainer(*node, action.application);
    if (container == nullptr || container->state == ContainerState::kExited) continue;
    const CutoverHistory history = HistoryOf(migrations, action.application, source, action.to);
    action.prediction = moves
                            ? Predict(history, {}, false, clock_.Now())
                            : PredictRestart(RestartsOf(deployments, action.application), history);
  }
}

ApplicationSpec DeploymentPlanner::SpecOf(const DesiredState& desired,
                                          const ApplicationName& name) const {
  if (const ApplicationSpec* asked = FindSpec(desired, name)) return *asked;
  const ApplicationRecord* record = journal_.FindApplication(name);
  if (record != nullptr) return record->spec;
  ApplicationSpec spec;
  spec.name = name;
  return spec;
}

}  // namespace drover::coordinator
