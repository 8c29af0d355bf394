#include "services/coordinator/orchestrator/deployment_runner.h"

#include <glog/logging.h>

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/ids/random_id.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"
#include "services/coordinator/domain/clone_planner.h"
#include "services/coordinator/domain/deployment_error.h"
#include "services/coordinator/domain/move_problem.h"
#include "services/coordinator/domain/replan.h"
#include "services/coordinator/domain/roll_back_planner.h"
#include "services/coordinator/domain/standstill.h"
#include "services/coordinator/domain/start_order.h"
#include "services/coordinator/domain/unkept.h"
#include "services/coordinator/orchestrator/node_names.h"
#include "services/coordinator/orchestrator/when_all.h"

namespace drover::coordinator {
namespace {

// Each once, in the order of the plan.
std::deque<ApplicationName> Applications(const DeploymentRecord& deployment) {
  std::deque<ApplicationName> names;
  std::set<ApplicationName> seen;
  for (const Action& action : deployment.actions) {
    if (seen.insert(action.application).second) names.push_back(action.application);
  }
  return names;
}

absl::Status CheckFingerprint(const Plan& plan, const std::string& fingerprint) {
  if (fingerprint.empty() || fingerprint == plan.fingerprint) return absl::OkStatus();
  return StatusWithReason(absl::StatusCode::kFailedPrecondition, "PLAN_CHANGED",
                          "the cluster has changed since the plan was made; look at the new plan "
                          "and run the command again");
}

// What each of the moves that are made at a time may have of the bandwidth.
MigrationOptions ShareOf(MigrationOptions options, const Plan& plan, int parallel) {
  int64_t moves = std::count_if(plan.actions.begin(), plan.actions.end(),
                                [](const Action& action) { return action.error.empty(); });
  if (parallel > 0) moves = std::min<int64_t>(moves, parallel);
  if (options.bandwidth_bytes_per_second > 0 && moves > 1) {
    options.bandwidth_bytes_per_second =
        std::max<int64_t>(1, options.bandwidth_bytes_per_second / moves);
  }
  return options;
}

// How many of `count` applications are worked on at a time.
size_t Width(const DeploymentRecord& deployment, size_t count) {
  const int limit = deployment.drain.has_value() ? deployment.drain->parallel : 0;
  return limit <= 0 ? count : std::min<size_t>(count, limit);
}

}  // namespace

absl::Status DeploymentRunner::CheckNoneIsUnderWay() const {
  for (const DeploymentRecord* other : deps_.journal.deployments()) {
    if (other->state != DeploymentState::kRunning) continue;
    return absl::AbortedError(absl::StrCat("deployment ", other->id, " of ", other->requested_by,
                                           " is under way; wait for its end"));
  }
  return absl::OkStatus();
}

Task<absl::StatusOr<std::string>> DeploymentRunner::Create(DesiredState desired,
                                                           std::string fingerprint,
                                                           MigrationOptions options,
                                                           std::string requested_by) {
  AsyncMutex::Lock lock = co_await creating_->Acquire();
  DROVER_CO_RETURN_IF_ERROR(CheckNoneIsUnderWay());
  DROVER_CO_ASSIGN_OR_RETURN(DeploymentPlan made,
                             co_await deps_.planner.MakePlan(std::move(desired)));
  DROVER_CO_RETURN_IF_ERROR(CheckFingerprint(made.plan, fingerprint));
  DeploymentRecord record;
  record.desired = std::move(made.desired);
  record.options = options;
  record.requested_by = std::move(requested_by);
  co_return co_await Begin(std::move(record), std::move(made.plan));
}

Task<absl::StatusOr<std::string>> DeploymentRunner::Create(Drain drain, std::string fingerprint,
                                                           MigrationOptions options,
                                                           std::string requested_by) {
  AsyncMutex::Lock lock = co_await creating_->Acquire();
  DROVER_CO_RETURN_IF_ERROR(CheckNoneIsUnderWay());
  DROVER_CO_ASSIGN_OR_RETURN(DrainPlan made, co_await deps_.planner.MakePlan(std::move(drain)));
  DROVER_CO_RETURN_IF_ERROR(CheckFingerprint(made.plan, fingerprint));
  auto cordoned =
      co_await deps_.registry.SetCordoned(made.drain.node, !made.drain.restore, deps_.clock.Now());
  if (!cordoned.ok()) co_return cordoned.status();
  DeploymentRecord record;
  record.drain = made.drain;
  record.options = ShareOf(options, made.plan, made.drain.parallel);
  record.requested_by = std::move(requested_by);
  co_return co_await Begin(std::move(record), std::move(made.plan));
}

Task<absl::StatusOr<std::string>> DeploymentRunner::Create(RollBack roll_back,
                                                           std::string requested_by) {
  AsyncMutex::Lock lock = co_await creating_->Acquire();
  DROVER_CO_RETURN_IF_ERROR(CheckNoneIsUnderWay());
  const ClusterView view = co_await deps_.observer.Observe();
  DROVER_CO_ASSIGN_OR_RETURN(Plan plan, PlanRollBack(roll_back, view));
  DeploymentRecord record;
  record.roll_back = std::move(roll_back);
  record.requested_by = std::move(requested_by);
  co_return co_await Begin(std::move(record), std::move(plan));
}

Task<absl::StatusOr<std::string>> DeploymentRunner::Create(Clone clone, MigrationOptions options,
                                                           std::string requested_by) {
  AsyncMutex::Lock lock = co_await creating_->Acquire();
  DROVER_CO_RETURN_IF_ERROR(CheckNoneIsUnderWay());
  const ClusterView view = co_await deps_.observer.Observe();
  if (!clone.node.empty()) {
    DROVER_CO_ASSIGN_OR_RETURN(clone.node,
                               co_await FindNode(deps_.hosts, view.nodes, clone.node.value()));
  }
  DROVER_CO_ASSIGN_OR_RETURN(ClonePlan made, PlanClone(clone, view));
  DeploymentRecord record;
  record.desired.applications.push_back(std::move(made.spec));
  record.clone = std::move(clone);
  record.options = options;
  record.requested_by = std::move(requested_by);
  co_return co_await Begin(std::move(record), std::move(made.plan));
}

Task<absl::StatusOr<std::string>> DeploymentRunner::Begin(DeploymentRecord record, Plan plan) {
  record.id = RandomHex(8);
  record.actions = std::move(plan.actions);
  record.warnings = std::move(plan.warnings);
  record.problems = std::move(plan.problems);
  record.create_time = deps_.clock.Now();
  record.revision = 1;
  const std::string id = record.id;
  Change change;
  change.deployments.push_back(std::move(record));
  co_await deps_.journal.Commit(std::move(change));
  deps_.background.Spawn(absl::StrCat("deployment ", id), Run(id));
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
    if (HasEnded(action) || deps_.journal.FindMigration(action.migration) == nullptr) continue;
    const absl::Status result = co_await WaitForMove(id, action.migration);
    auto end = [&result](Action& one) {
      one.state = result.ok() ? ActionState::kDone : ActionState::kFailed;
      one.error = std::string(result.message());
    };
    co_await UpdateAction(id, i, std::move(end));
  }
  if (before.roll_back.has_value()) {
    co_await GiveUpRollBackOfWhatServes(id);
  } else if (!before.clone.has_value()) {
    co_await PlanAgain(id);
  }
  co_await Run(std::move(id));
}

Task<void> DeploymentRunner::GiveUpRollBackOfWhatServes(std::string id) {
  const DeploymentRecord before = *deps_.journal.FindDeployment(id);
  const ClusterView view = co_await deps_.observer.Observe();
  for (size_t i = 0; i < before.actions.size(); ++i) {
    const Action& action = before.actions[i];
    const NodeView* node = view.FindNode(action.to);
    const bool serves = node != nullptr && FindContainer(*node, action.application) != nullptr;
    if (action.kind != ActionKind::kRollBack || HasEnded(action) || !serves) continue;
    auto give_up = [](Action& one) {
      one.state = ActionState::kFailed;
      one.error =
          "the coordinator was restarted before it had begun, and nothing was put back; "
          "ask again";
    };
    co_await UpdateAction(id, i, std::move(give_up));
  }
}

Task<void> DeploymentRunner::PlanAgain(std::string id) {
  const DeploymentRecord before = *deps_.journal.FindDeployment(id);
  absl::StatusOr<Plan> plan = Plan();
  if (before.drain.has_value()) {
    absl::StatusOr<DrainPlan> made = co_await deps_.planner.MakePlan(*before.drain);
    plan = made.ok() ? absl::StatusOr<Plan>(std::move(made->plan)) : made.status();
  } else {
    absl::StatusOr<DeploymentPlan> made = co_await deps_.planner.MakePlan(before.desired);
    plan = made.ok() ? absl::StatusOr<Plan>(std::move(made->plan)) : made.status();
  }
  auto replan = [&plan](DeploymentRecord& record) { Replan(plan, record); };
  co_await Update(std::move(id), std::move(replan));
}

Task<void> DeploymentRunner::Run(std::string id) {
  const DeploymentRecord& deployment = *deps_.journal.FindDeployment(id);
  auto queue = std::make_shared<std::deque<ApplicationName>>(Applications(deployment));
  std::vector<Task<absl::Status>> work;
  for (size_t i = Width(deployment, queue->size()); i > 0; --i) work.push_back(Work(id, queue));
  (void)co_await WhenAll(std::move(work));
  co_await Finish(std::move(id));
}

Task<absl::Status> DeploymentRunner::Work(std::string id,
                                          std::shared_ptr<std::deque<ApplicationName>> queue) {
  while (!queue->empty()) {
    ApplicationName name = std::move(queue->front());
    queue->pop_front();
    // Its action says how it ended.
    (void)co_await RunApplication(id, std::move(name));
  }
  co_return absl::OkStatus();
}

Task<absl::Status> DeploymentRunner::RunApplication(std::string id, ApplicationName name) {
  absl::Status status;
  const size_t count = deps_.journal.FindDeployment(id)->actions.size();
  for (size_t i = 0; i < count; ++i) {
    const Action action = deps_.journal.FindDeployment(id)->actions[i];
    if (action.application != name || HasEnded(action)) continue;
    // What could not be put back runs again as it was; but only when nobody would repeat that.
    const bool is_refused = deps_.journal.FindDeployment(id)->roll_back.has_value() &&
                            !status.ok() && ReasonOf(status) != kHalfPutBack;
    if (status.ok() || is_refused) status = co_await Execute(id, i);
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
  DROVER_CO_RETURN_IF_ERROR(CheckGoesOn(deployment));
  DROVER_CO_ASSIGN_OR_RETURN(BusyApplications::Token token, deps_.busy.Acquire(action.application));
  ApplicationSpec spec = deps_.planner.SpecOf(deployment.desired, action.application);
  if (action.kind == ActionKind::kCreate) {
    const auto node = deps_.journal.nodes().find(action.to);
    if (node != deps_.journal.nodes().end()) {
      DROVER_CO_RETURN_IF_ERROR(CheckCordon(action.to, node->second.cordoned));
    }
    co_return co_await deps_.operations.Create(std::move(spec), action.to);
  }
  if (action.kind == ActionKind::kStop) {
    co_return co_await deps_.operations.Stop(action.application, action.from);
  }
  if (action.kind == ActionKind::kRollBack) {
    co_return co_await deps_.volumes.RollBack(*deployment.roll_back, action.to);
  }
  if (action.kind == ActionKind::kClone) {
    co_return co_await deps_.volumes.Clone(std::move(spec), deployment.clone->source, action.to);
  }
  // The others work on what is there, so they look at it as it is now.
  ClusterView view = co_await ObserveWith(action.to);
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
    DROVER_CO_ASSIGN_OR_RETURN(
        const absl::Duration interruption,
        co_await deps_.operations.Restart(std::move(spec), action.to, group->generation));
    auto measure = [interruption](Action& one) { one.interruption = interruption; };
    co_await UpdateAction(deployment.id, index, std::move(measure));
    co_return absl::OkStatus();
  }
  if (action.kind == ActionKind::kUpdate) {
    co_return co_await deps_.operations.Update(std::move(spec), action.to, group->generation);
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

Task<ClusterView> DeploymentRunner::ObserveWith(NodeName node) {
  ClusterView view;
  auto look = [&]() -> Task<absl::Status> {
    view = co_await deps_.observer.Observe();
    const NodeView* there = view.FindNode(node);
    const bool is_silent = there != nullptr && !there->reachable;
    co_return is_silent ? absl::UnavailableError("it does not answer") : absl::OkStatus();
  };
  (void)co_await retry_.WhileUnavailable(look);
  co_return view;
}

Task<bool> DeploymentRunner::WasMovedMeanwhile(DeploymentRecord deployment, Action action,
                                               size_t index) {
  const ApplicationRecord* record = deps_.journal.FindApplication(action.application);
  if (!deployment.drain.has_value() || record == nullptr || record->node == action.from) {
    co_return false;
  }
  auto say = [node = record->node](Action& one) {
    one.to = node;
    one.reason = "somebody else has moved it meanwhile";
  };
  co_await UpdateAction(deployment.id, index, std::move(say));
  co_return true;
}

absl::Status DeploymentRunner::CheckGoesOn(const DeploymentRecord& deployment) const {
  if (!deployment.drain.has_value()) return absl::OkStatus();
  const auto node = deps_.journal.nodes().find(deployment.drain->node);
  return CheckDrainGoesOn(deployment,
                          node == deps_.journal.nodes().end() ? nullptr : &node->second);
}

Task<absl::Status> DeploymentRunner::Move(DeploymentRecord deployment, Action action, size_t index,
                                          ClusterView view, BusyApplications::Token token) {
  const bool was_moved = co_await WasMovedMeanwhile(deployment, action, index);
  if (was_moved) co_return absl::OkStatus();
  MoveRequest request;
  request.id = MigrationId(RandomHex(8));
  request.application = action.application;
  request.source = action.from;
  request.destination = action.to;
  request.spec = deps_.planner.SpecOf(deployment.desired, action.application);
  request.options = deployment.options;
  request.requested_by = deployment.requested_by;
  const MigrationId migration = request.id;
  // Before the move exists: after a crash in between there is a name too much, not a move too much.
  auto remember = [&migration](Action& one) { one.migration = migration; };
  co_await UpdateAction(deployment.id, index, std::move(remember));
  // Once more: it is over as soon as the uncordon is answered.
  const absl::Status goes_on = CheckGoesOn(deployment);
  absl::StatusOr<MigrationId> begun = MigrationId();
  if (goes_on.ok()) {
    begun = co_await deps_.migrations.Begin(std::move(request), std::move(view), std::move(token));
  } else {
    begun = goes_on;
  }
  if (!begun.ok()) {
    auto forget = [](Action& one) { one.migration = MigrationId(); };
    co_await UpdateAction(deployment.id, index, std::move(forget));
    co_return begun.status();
  }
  co_return co_await WaitForMove(deployment.id, migration);
}

Task<absl::Status> DeploymentRunner::WaitForMove(std::string deployment, MigrationId id) {
  const absl::Status ended = co_await deps_.migrations.WaitUnlessItStandsStill(id);
  if (ended.ok()) co_return ResultOf(id);
  if (!RunsAtDestination(*deps_.journal.FindMigration(id))) co_return ended;
  // What was asked for is so.
  auto warn = [&ended](DeploymentRecord& record) { record.warnings.emplace_back(ended.message()); };
  co_await Update(std::move(deployment), std::move(warn));
  co_return absl::OkStatus();
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

Task<std::vector<std::string>> DeploymentRunner::WarningsOf(std::string id) {
  const DeploymentRecord deployment = *deps_.journal.FindDeployment(id);
  std::set<ApplicationName> started;
  for (const Action& action : deployment.actions) {
    const bool changes = action.kind != ActionKind::kStop && action.kind != ActionKind::kResize &&
                         action.kind != ActionKind::kReroute && action.kind != ActionKind::kUpdate;
    // Also what did not get ready: its container is there, and will be replaced.
    if (changes) started.insert(action.application);
  }
  std::vector<std::string> warnings = deployment.warnings;
  if (started.empty()) co_return warnings;
  const ClusterView view = co_await deps_.observer.Observe();
  for (const NodeView& node : view.nodes) {
    for (const ContainerView& container : node.containers) {
      std::string unkept = UnkeptWarning(container);
      const bool is_new = !unkept.empty() && started.contains(container.application) &&
                          std::find(warnings.begin(), warnings.end(), unkept) == warnings.end();
      if (is_new) warnings.push_back(std::move(unkept));
    }
  }
  co_return warnings;
}

Task<void> DeploymentRunner::Finish(std::string id) {
  std::vector<std::string> warnings = co_await WarningsOf(id);
  auto finish = [this, warnings](DeploymentRecord& record) {
    record.warnings = warnings;
    record.error = DeploymentError(record.problems, record.actions);
    record.state = record.error.empty() ? DeploymentState::kDone : DeploymentState::kFailed;
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
