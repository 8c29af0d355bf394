// Carries out desired states, drains, rollbacks and clones.
#ifndef DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_DEPLOYMENT_RUNNER_H_
#define DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_DEPLOYMENT_RUNNER_H_

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/common/async/async_mutex.h"
#include "services/common/async/background_tasks.h"
#include "services/common/async/task.h"
#include "services/common/time/clock.h"
#include "services/coordinator/domain/planner.h"
#include "services/coordinator/orchestrator/application_operations.h"
#include "services/coordinator/orchestrator/busy_applications.h"
#include "services/coordinator/orchestrator/deployment_planner.h"
#include "services/coordinator/orchestrator/host_resolver.h"
#include "services/coordinator/orchestrator/journal.h"
#include "services/coordinator/orchestrator/migration_manager.h"
#include "services/coordinator/orchestrator/node_registry.h"
#include "services/coordinator/orchestrator/observer.h"
#include "services/coordinator/orchestrator/retry.h"
#include "services/coordinator/orchestrator/volume_operations.h"

namespace drover::coordinator {

struct DeploymentDeps {
  Journal& journal;
  const Observer& observer;
  DeploymentPlanner& planner;
  BusyApplications& busy;
  ApplicationOperations& operations;
  VolumeOperations& volumes;
  MigrationManager& migrations;
  const Clock& clock;
  BackgroundTasks& background;
  HostResolver& hosts;
  NodeRegistry& registry;
  Retry retry;
};

// One deployment at a time. Its applications are worked on side by side, but for those that depend
// on each other; one that fails stops only what depends on it. After a restart of the coordinator
// an unfinished deployment is planned again from its desired state or its drain, which is all that
// has to be remembered; of a rollback or a clone the steps that are left are done. Not thread-safe.
class DeploymentRunner {
 public:
  explicit DeploymentRunner(DeploymentDeps deps) : deps_(deps), retry_(deps.retry) {}

  // Plans, makes it durable, begins it; answers the deployment's id at once. ABORTED while another
  // is under way; FAILED_PRECONDITION (PLAN_CHANGED) if `fingerprint` is given and is not the
  // plan's.
  Task<absl::StatusOr<std::string>> Create(DesiredState desired, std::string fingerprint,
                                           MigrationOptions options, std::string requested_by);

  // The same for a drain, which cordons its node, or ends that. The bandwidth of `options` is for
  // all of its moves together.
  Task<absl::StatusOr<std::string>> Create(Drain drain, std::string fingerprint,
                                           MigrationOptions options, std::string requested_by);

  // Puts an application's volumes back to a snapshot. See PlanRollBack for what is refused.
  Task<absl::StatusOr<std::string>> Create(RollBack roll_back, std::string requested_by);
  // Makes a copy of an application, beside it or, by a move, on another node. See PlanClone.
  Task<absl::StatusOr<std::string>> Create(Clone clone, MigrationOptions options,
                                           std::string requested_by);

  // Goes on with the unfinished ones. Called once, after MigrationManager::ResumeAll().
  void ResumeAll();

 private:
  // ABORTED while a deployment is under way.
  absl::Status CheckNoneIsUnderWay() const;
  // Makes `record` durable and begins it.
  Task<absl::StatusOr<std::string>> Begin(DeploymentRecord record, Plan plan);
  Task<void> Resume(std::string id);
  // Where the application still has its container, it has been serving: what was acknowledged
  // meanwhile is not taken back.
  Task<void> GiveUpRollBackOfWhatServes(std::string id);
  // What is unfinished, as the cluster is now.
  Task<void> PlanAgain(std::string id);
  Task<void> Run(std::string id);
  // Takes applications from the queue until it is empty.
  Task<absl::Status> Work(std::string id, std::shared_ptr<std::deque<ApplicationName>> queue);
  // The actions of one application, one after the other, until one fails.
  Task<absl::Status> RunApplication(std::string id, ApplicationName name);
  // Once it is its turn.
  Task<absl::Status> Execute(std::string id, size_t index);
  Task<absl::Status> Carry(DeploymentRecord deployment, Action action, size_t index);
  Task<absl::Status> Move(DeploymentRecord deployment, Action action, size_t index,
                          ClusterView view, BusyApplications::Token token);
  // Its result; UNAVAILABLE if it has come to a standstill, in which it is left to itself.
  // One that runs where it was to go is a success, with a warning in the deployment.
  Task<absl::Status> WaitForMove(std::string deployment, MigrationId id);
  absl::Status ResultOf(const MigrationId& id) const;
  // A drain need not move the application any more: somebody else did, and the action says so.
  Task<bool> WasMovedMeanwhile(DeploymentRecord deployment, Action action, size_t index);
  // FAILED_PRECONDITION if it is a drain that was ended.
  absl::Status CheckGoesOn(const DeploymentRecord& deployment) const;
  // The plan's, and those of what was started: of an image that was not there a plan knows nothing.
  Task<std::vector<std::string>> WarningsOf(std::string id);
  Task<void> Finish(std::string id);

  // Changes the newest record and makes it durable; one change at a time.
  Task<void> Update(std::string id, std::function<void(DeploymentRecord&)> change);
  Task<void> UpdateAction(std::string id, size_t index, std::function<void(Action&)> change);

  // The cluster once that node says what it has, or after 30 s.
  Task<ClusterView> ObserveWith(NodeName node);

  const DeploymentDeps deps_;
  Retry retry_;
  const std::shared_ptr<AsyncMutex> updating_ = std::make_shared<AsyncMutex>();
  const std::shared_ptr<AsyncMutex> creating_ = std::make_shared<AsyncMutex>();
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_DEPLOYMENT_RUNNER_H_
