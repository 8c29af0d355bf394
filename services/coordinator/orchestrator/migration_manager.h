// All moves: begins them, resumes them after a restart, and knows which are under way.
#ifndef DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_MIGRATION_MANAGER_H_
#define DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_MIGRATION_MANAGER_H_

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "services/common/async/background_tasks.h"
#include "services/common/async/task.h"
#include "services/coordinator/domain/cluster_view.h"
#include "services/coordinator/orchestrator/busy_applications.h"
#include "services/coordinator/orchestrator/migration_driver.h"

namespace drover::coordinator {

struct MoveRequest {
  MigrationId id;  // Never used before.
  ApplicationName application;
  NodeName source;
  NodeName destination;
  ApplicationSpec spec;  // What is to run there.
  MigrationOptions options;
  std::string requested_by;
};

// Moves of different applications go on side by side, each with its own driver. Not thread-safe.
class MigrationManager {
 public:
  MigrationManager(MigrationDeps deps, BusyApplications& busy, BackgroundTasks& background);

  // Goes on with every unfinished move of the journal. Called once, before anything else.
  void ResumeAll();

  // Makes the move durable and begins it; answers at once. `token` is the application's. `view` is
  // fresh. UNAVAILABLE if the source's container service did not answer; FAILED_PRECONDITION
  // if it does not own the application's volumes, or if the destination is cordoned (CORDONED).
  Task<absl::StatusOr<MigrationId>> Begin(MoveRequest request, ClusterView view,
                                          BusyApplications::Token token);

  // NOT_FOUND; FAILED_PRECONDITION from COMMITTED on.
  Task<absl::Status> Cancel(MigrationId id, std::string by);

  // Ends a committed move whose destination does not come back, by an operator's word; without a
  // return. FAILED_PRECONDITION before COMMITTED.
  Task<absl::Status> GiveUp(MigrationId id, std::string by);

  // Resumes when the move, and its return if there is one, has ended.
  Task<void> Wait(MigrationId id);
  // The same, but UNAVAILABLE once it has come to a standstill in which it cannot be given up.
  Task<absl::Status> WaitUnlessItStandsStill(MigrationId id);

  // Null if it is not under way.
  const MigrationDriver* FindDriver(const MigrationId& id) const;

 private:
  // Of the move, or of its return; null if neither is under way.
  const MigrationDriver* FindDriverOrReturn(MigrationId id) const;
  absl::StatusOr<std::shared_ptr<MigrationDriver>> RunningDriver(const MigrationId& id) const;
  void Drive(const MigrationRecord& record, BusyApplications::Token token);
  Task<void> DriveToEnd(std::shared_ptr<MigrationDriver> driver, MigrationId id,
                        BusyApplications::Token token);

  const MigrationDeps deps_;
  BusyApplications& busy_;
  BackgroundTasks& background_;
  std::map<MigrationId, std::shared_ptr<MigrationDriver>> drivers_;
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_MIGRATION_MANAGER_H_
