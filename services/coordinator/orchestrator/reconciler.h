// Brings nodes that were away back to what the journal says.
#ifndef DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_RECONCILER_H_
#define DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_RECONCILER_H_

#include <memory>

#include "services/common/async/sleeper.h"
#include "services/common/async/task.h"
#include "services/coordinator/orchestrator/busy_applications.h"
#include "services/coordinator/orchestrator/migration_step.h"

namespace drover::coordinator {

// Every two seconds: a node whose table is old gets the newest one; a route follows a container
// that the node's service has started anew; a node that missed the end of an aborted move is told.
// What fails is tried again the next time. Not thread-safe.
class Reconciler {
 public:
  Reconciler(MigrationDeps deps, BusyApplications& busy, Sleeper& sleeper)
      : deps_(deps), busy_(busy), sleeper_(sleeper) {}

  // Never ends.
  Task<void> Run();

  // One round.
  Task<void> Reconcile();

 private:
  Task<absl::Status> ReconcileNode(std::shared_ptr<NodeHandle> node);
  Task<absl::Status> ReconcileRoutes(std::shared_ptr<NodeHandle> node);
  Task<absl::Status> FollowContainers(std::shared_ptr<NodeHandle> node);
  Task<void> FinishAborts();

  const MigrationDeps deps_;
  BusyApplications& busy_;
  Sleeper& sleeper_;
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_RECONCILER_H_
