#include "services/coordinator/orchestrator/deployment_runner.h"

#include <glog/logging.h>

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/common/ids/random_id.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"
#include "services/coordinator/domain/cutover_history.h"
#include "services/coordinator/domain/prediction.h"
#include "services/coordinator/domain/start_order.h"
#include "services/coordinator/orchestrator/node_names.h"
#include "services/coordinator/orchestrator/when_all.h"

namespace drover::coordinator {
namespace {

bool Finished(const Action& action) {
  return action.state == ActionState::kDone || action.state == ActionState::kFailed;
}

ApplicationSpec SpecOf(const DesiredState& desired, const ApplicationName& name) {
  if (const ApplicationSpec* defined = FindSpec(desired, name)) return *defined;
  ApplicationSpec spec;
  spec.name = name;
  return spec;
}

std::set<ApplicationName> Applications(const DeploymentRecord& deployment) {
  std::set<ApplicationName> names;
  for (const Action& action : deployment.actions) names.insert(action.application);
  return names;
}

}  // namespace

Task<absl::StatusOr<Plan>> DeploymentRunner::MakePlan(DesiredState desired) {
  ClusterView view = co_await deps_.observer.Observe();
  for (NodeAssignment& assignment : desired.nodes) {
    assignment.node = co_await RegisteredName(deps_.hosts, view.nodes, assignment.node);
  }
  DROVER_CO_ASSIGN_OR_RETURN(Plan plan, coordinator::MakePlan(desired, view));
  for (Action& action : plan.actions) PredictMove(action, view);
  co_return plan;
}

void DeploymentRunner::PredictMove(Action& action, const ClusterView& view) const {
  const NodeView* source = view.FindNode(action.from);
  if (action.kind != ActionKind::kMove || source == nullptr) return;
  const ContainerView* container = FindContainer(*source, action.application);
  if (container == nullptr || container->state == ContainerState::kExited) return;
  const CutoverHistory history =
      HistoryOf(deps_.journal.migrations(), action.application, action.from, action.to);
  action.predicted_interruption = Predict(history, {}, false, deps_.clock.Now()).expected;
}

Task<absl::StatusOr<std::string>> DeploymentRunner::Create(DesiredState desired,
                                                           std::string fingerprint,
                                                           MigrationOptions options,
                                                           std::string requested_by) {
  AsyncMutex::Lock lock = co_await creating_->Acquire();
  for (const DeploymentRecord* other : deps_.journal.deployments()) {
    if (other->state == DeploymentState::kRunning) {
      co_return absl::AbortedError(absl::StrCat("deployment ", other->id, " of ",
                                                other->requested_by,
                                                " is under way; wait for its end"));
    }
  }
  DROVER_CO_ASSIGN_OR_RETURN(Plan plan, co_await MakePlan(desired));
  if (!fingerprint.empty() && fingerprint != plan.fingerprint) {
    co_return StatusWithReason(absl::StatusCode::kFailedPrecondition, "PLAN_CHANGED",
                               "the cluster has changed since the plan was made; look at the new "
                               "plan and run the command again");
  }
  DeploymentRecord record;
  record.id = RandomHex(8);
  record.desired = std::move(desired);
  record.options = options;
  record.requested_by = std::move(requested_by);
  record.actions = plan.actions;
  record.create_time = deps_.clock.Now();
  record.revision = 1;
  const std::string id = record.id;
  Change change;
  change.deployments.push_back(std::move(record));
  co_await deps_.journal.Commit(std::move(change));
  deps_.background.Spawn(absl::StrCat("deployment ", id), Run(id, plan.problems));
  co_return id;
}

void DeploymentRunner::ResumeAll() {
  for (const DeploymentRecord* record : deps_.journal.deployments()) {
    if (record->state != DeploymentState::kRunning) continue;
    deps_.background.Spawn(absl::StrCat("deployment ", record->id), Resume(record->id));
  }
}

Task<void> DeploymentRunner::Resume(std::string id) {
  const DeploymentRecord before = *deps_.journal.FindDeployment(id);
  // Its moves go on by themselves; while they do, their applications are busy.
  for (size_t i = 0; i < before.actions.size(); ++i) {
    const Action& action = before.actions[i];
    if (Finished(action) || deps_.journal.FindMigration(action.migration) == nullptr) continue;
    co_await deps_.migrations.Wait(action.migration);
    const absl::Status result = ResultOf(action.migration);
    auto end = [&result](Action& one) {
      one.state = result.ok() ? ActionState::kDone : ActionState::kFailed;
      one.error = std::string(result.message());
    };
    co_await UpdateAction(id, i, std::move(end));
  }
  absl::StatusOr<Plan> plan = co_await MakePlan(before.desired);
  std::vector<std::string> problems;
  auto replan = [&plan](DeploymentRecord& record) {
    std::set<ApplicationName> unfinished;
    std::vector<Action> actions;
    for (const Action& action : record.actions) {
      if (Finished(action)) {
        actions.push_back(action);
      } else {
        unfinished.insert(action.application);
      }
    }
    for (const Action& action : plan->actions) {
      if (unfinished.contains(action.application)) actions.push_back(action);
    }
    record.actions = std::move(actions);
  };
  if (plan.ok()) {
    problems = plan->problems;
    co_await Update(id, std::move(replan));
  } else {
    problems.push_back(std::string(plan.status().message()));
  }
  co_await Run(std::move(id), std::move(problems));
}

Task<void> DeploymentRunner::Run(std::string id, std::vector<std::string> problems) {
  std::vector<Task<absl::Status>> work;
  for (const ApplicationName& name : Applications(*deps_.journal.FindDeployment(id))) {
    work.push_back(RunApplication(id, name));
  }
  (void)co_await WhenAll(std::move(work));
  co_await Finish(std::move(id), std::move(problems));
}

Task<absl::Status> DeploymentRunner::RunApplication(std::string id, ApplicationName name) {
  absl::Status status;
  const size_t count = deps_.journal.FindDeployment(id)->actions.size();
  for (size_t i = 0; i < count; ++i) {
    const Action action = deps_.journal.FindDeployment(id)->actions[i];
    if (action.application != name || Finished(action)) continue;
    if (status.ok()) status = co_await Execute(id, i);
    auto end = [&status](Action& one) {
      one.state = status.ok() ? ActionState::kDone : ActionState::kFailed;
      one.error = std::string(status.message());
    };
    co_await UpdateAction(id, i, std::move(end));
  }
  co_return status;
}

Task<absl::Status> DeploymentRunner::Execute(std::string id, size_t index) {
  while (true) {
    const uint64_t seen = deps_.journal.changed().count();
    const DeploymentRecord& now = *deps_.journal.FindDeployment(id);
    const std::optional<absl::Status> turn = StartTurn(now, now.actions[index]);
    if (turn.has_value() && !turn->ok()) co_return *turn;
    if (turn.has_value()) break;
    co_await deps_.journal.changed().Wait(seen);
  }
  auto begin = [](Action& action) { action.state = ActionState::kRunning; };
  co_await UpdateAction(id, index, std::move(begin));
  const DeploymentRecord deployment = *deps_.journal.FindDeployment(id);
  const Action action = deployment.actions[index];
  LOG(INFO) << "deployment " << id << ": " << ActionKindName(action.kind) << " "
            << action.application;
  absl::Status status = co_await Carry(deployment, action, index);
  LOG_IF(WARNING, !status.ok()) << "deployment " << id << ": " << ActionKindName(action.kind) << " "
                                << action.application << ": " << status;
  co_return status;
}

Task<absl::Status> DeploymentRunner::Carry(DeploymentRecord deployment, Action action,
                                           size_t index) {
  DROVER_CO_ASSIGN_OR_RETURN(BusyApplications::Token token, deps_.busy.Acquire(action.application));
  ApplicationSpec spec = SpecOf(deployment.desired, action.application);
  if (action.kind == ActionKind::kCreate) {
    co_return co_await deps_.operations.Create(std::move(spec), action.to);
  }
  if (action.kind == ActionKind::kStop) {
    co_return co_await deps_.operations.Stop(action.application, action.from);
  }
  // The others work on what is there, so they look at it as it is now.
  ClusterView view = co_await deps_.observer.Observe();
  if (action.kind == ActionKind::kMove) {
    co_return co_await Move(std::move(deployment), action, index, std::move(view),
                            std::move(token));
  }
  const NodeView* node = view.FindNode(action.to);
  const GroupView* group = node == nullptr ? nullptr : FindGroup(*node, action.application);
  if (group == nullptr) {
    co_return absl::UnavailableError(
        absl::StrCat(action.to.value(), " does not answer any more, or lost the volumes of ",
                     action.application.value(), "; nothing was changed"));
  }
  if (action.kind == ActionKind::kStart) {
    co_return co_await deps_.operations.Start(std::move(spec), action.to, group->generation);
  }
  if (action.kind == ActionKind::kRestart) {
    co_return co_await deps_.operations.Restart(std::move(spec), action.to, group->generation);
  }
  if (action.kind == ActionKind::kResize) {
    co_return co_await deps_.operations.Resize(std::move(spec), action.to, *group);
  }
  const ContainerView* container = FindContainer(*node, action.application);
  if (container == nullptr) {
    co_return absl::FailedPreconditionError(absl::StrCat(
        action.application.value(), " does not run on ", action.to.value(), " any more"));
  }
  co_return co_await deps_.operations.Reroute(std::move(spec), action.to, group->generation,
                                              container->container_id);
}

Task<absl::Status> DeploymentRunner::Move(DeploymentRecord deployment, Action action, size_t index,
                                          ClusterView view, BusyApplications::Token token) {
  MoveRequest request;
  request.id = MigrationId(RandomHex(8));
  request.application = action.application;
  request.source = action.from;
  request.destination = action.to;
  request.spec = SpecOf(deployment.desired, action.application);
  request.options = deployment.options;
  request.requested_by = deployment.requested_by;
  const MigrationId migration = request.id;
  // Before the move exists: after a crash in between there is a name too much, not a move too much.
  auto remember = [&migration](Action& one) { one.migration = migration; };
  co_await UpdateAction(deployment.id, index, std::move(remember));
  absl::StatusOr<MigrationId> begun =
      co_await deps_.migrations.Begin(std::move(request), std::move(view), std::move(token));
  if (!begun.ok()) {
    auto forget = [](Action& one) { one.migration = MigrationId(); };
    co_await UpdateAction(deployment.id, index, std::move(forget));
    co_return begun.status();
  }
  co_await deps_.migrations.Wait(migration);
  co_return ResultOf(migration);
}

absl::Status DeploymentRunner::ResultOf(const MigrationId& id) const {
  const MigrationRecord& record = *deps_.journal.FindMigration(id);
  if (record.error.empty()) return absl::OkStatus();
  std::string error = record.error;
  const MigrationRecord* back = deps_.journal.FindMigration(record.returned_by);
  if (back != nullptr && back->error.empty()) {
    absl::StrAppend(&error, ", where it runs again");
  } else if (back != nullptr) {
    absl::StrAppend(&error, ", but: ", back->error);
  }
  return absl::AbortedError(error);
}

Task<void> DeploymentRunner::Finish(std::string id, std::vector<std::string> problems) {
  auto finish = [this, problems](DeploymentRecord& record) {
    std::vector<std::string> errors = problems;
    for (const Action& action : record.actions) {
      if (action.state == ActionState::kFailed) {
        // Most errors name the application themselves.
        const std::string& name = action.application.value();
        const bool is_named = absl::StrContains(action.error, name);
        errors.push_back(is_named ? action.error : absl::StrCat(name, ": ", action.error));
      }
    }
    record.state = errors.empty() ? DeploymentState::kDone : DeploymentState::kFailed;
    record.error = absl::StrJoin(errors, "; ");
    record.end_time = deps_.clock.Now();
  };
  co_await Update(std::move(id), std::move(finish));
}

Task<void> DeploymentRunner::UpdateAction(std::string id, size_t index,
                                          std::function<void(Action&)> change) {
  auto update = [index, change](DeploymentRecord& record) { change(record.actions[index]); };
  co_await Update(std::move(id), std::move(update));
}

Task<void> DeploymentRunner::Update(std::string id, std::function<void(DeploymentRecord&)> change) {
  AsyncMutex::Lock lock = co_await updating_->Acquire();
  Change changes;
  changes.deployments.push_back(*deps_.journal.FindDeployment(id));
  change(changes.deployments[0]);
  ++changes.deployments[0].revision;
  co_await deps_.journal.Commit(std::move(changes));
}

}  // namespace drover::coordinator
