// Brings nodes that were away back to what the journal says.
#ifndef DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_RECONCILER_H_
#define DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_RECONCILER_H_

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "services/common/async/async_mutex.h"
#include "services/common/async/background_tasks.h"
#include "services/common/async/change_signal.h"
#include "services/common/async/task.h"
#include "services/coordinator/orchestrator/busy_applications.h"
#include "services/coordinator/orchestrator/first_contact.h"
#include "services/coordinator/orchestrator/migration_step.h"
#include "services/coordinator/orchestrator/takeover.h"

namespace drover::coordinator {

// Every two seconds: a node whose table is old gets the newest one; a route follows a container
// that the node's service has started anew; a node that missed the end of an aborted move is told,
// as is one that was away which volumes are still its own; what could not be started again after an
// aborted move is started; holds are renewed; a node that has not answered yet is asked what it
// knows (FirstContact). In recovery mode nothing of it. Each is a task of its own, and waits for no
// other: a node that hangs delays nothing but its own. What fails is begun again the next time. Not
// thread-safe.
class Reconciler {
 public:
  Reconciler(MigrationDeps deps, FirstContact& contact, Takeover& takeover, BusyApplications& busy,
             BackgroundTasks& background)
      : deps_(deps), contact_(contact), takeover_(takeover), busy_(busy), background_(background) {}

  // Never ends.
  Task<void> Run();

  // One round, and the end of all that is under way.
  Task<void> Reconcile();

 private:
  void BeginRound();
  // Does nothing while the `work` of that name, begun in an earlier round, is under way.
  void Begin(std::string name, Task<void> work);
  Task<void> RunToEnd(std::string name, Task<void> work);

  Task<void> ReconcileNode(std::shared_ptr<NodeHandle> node);
  // Of moves that are over: an order to hold that was long on its way came after the release.
  Task<void> ReleaseLateHolds(std::shared_ptr<NodeHandle> node,
                              proxy::v1::GetRoutesResponse routes);
  Task<absl::Status> ReconcileRoutes(std::shared_ptr<NodeHandle> node);
  Task<absl::Status> FollowContainers(std::shared_ptr<NodeHandle> node,
                                      std::vector<container::v1::Container> containers);
  // A move's words are still its problem, and they are that it did not get ready.
  bool DidNotGetReady(const ApplicationRecord& application) const;
  // `abort`: the command for the node that missed it.
  Task<void> FinishAbort(MigrationId id, Command abort);
  // Its readiness is not waited for: the route follows it.
  Task<void> StartAtSource(MigrationId id);
  // `problem`: why the application could not be started, for its status.
  Task<void> RecordStart(MigrationId id, bool pending, std::string problem);

  const MigrationDeps deps_;
  FirstContact& contact_;
  Takeover& takeover_;
  BusyApplications& busy_;
  BackgroundTasks& background_;
  std::set<std::string> under_way_;
  ChangeSignal ended_;
  // Both ends of a move may be told at the same time, and share its record.
  const std::shared_ptr<AsyncMutex> recording_ = std::make_shared<AsyncMutex>();
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_RECONCILER_H_
