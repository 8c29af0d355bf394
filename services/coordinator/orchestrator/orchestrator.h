// The coordinator's parts, wired together over one journal.
#ifndef DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_ORCHESTRATOR_H_
#define DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_ORCHESTRATOR_H_

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "services/common/async/background_tasks.h"
#include "services/common/async/sleeper.h"
#include "services/common/time/clock.h"
#include "services/coordinator/orchestrator/adopter.h"
#include "services/coordinator/orchestrator/application_operations.h"
#include "services/coordinator/orchestrator/busy_applications.h"
#include "services/coordinator/orchestrator/cutover_turns.h"
#include "services/coordinator/orchestrator/deployment_planner.h"
#include "services/coordinator/orchestrator/deployment_runner.h"
#include "services/coordinator/orchestrator/first_contact.h"
#include "services/coordinator/orchestrator/host_resolver.h"
#include "services/coordinator/orchestrator/journal.h"
#include "services/coordinator/orchestrator/migration_manager.h"
#include "services/coordinator/orchestrator/node_directory.h"
#include "services/coordinator/orchestrator/node_operations.h"
#include "services/coordinator/orchestrator/node_registry.h"
#include "services/coordinator/orchestrator/observer.h"
#include "services/coordinator/orchestrator/reconciler.h"
#include "services/coordinator/orchestrator/route_keeper.h"
#include "services/coordinator/orchestrator/takeover.h"
#include "services/coordinator/orchestrator/volume_operations.h"

namespace drover::coordinator {

// What the orchestrator is made over; all outlive it.
struct OrchestratorDeps {
  Journal& journal;
  NodeConnector& connector;
  HostResolver& hosts;
  const Clock& clock;
  Sleeper& sleeper;
  boost::asio::any_io_executor executor;
};

// Making it fills the directory from the journal; Recover() goes on with what was under way. The
// members are in the order in which each needs those before it. Not thread-safe.
class Orchestrator {
 public:
  explicit Orchestrator(OrchestratorDeps deps);

  // Compares the journal with what the nodes have obeyed; then, unless it is an old copy's, resumes
  // unfinished moves and deployments, and begins to reconcile.
  void Recover();

  // What stands against a change, for whoever is asked for one: FAILED_PRECONDITION
  // (RECOVERY_MODE). Waits until the comparison has ended.
  Task<absl::Status> CheckMayChange();

  // Ends the recovery mode (adopter.h), and goes on with what is unfinished then.
  Task<absl::StatusOr<AdoptionReport>> Adopt(std::set<NodeName> without, std::string caller);

  // Ends all background work; what is unfinished goes on at the next start.
  Task<void> Stop();

  Journal& journal;
  HostResolver& hosts;
  const Clock& clock;
  Sleeper& sleeper;
  BackgroundTasks background;
  BusyApplications busy;
  NodeDirectory nodes;
  FirstContact contact;
  RouteKeeper routes;
  NodeRegistry registry;
  Observer observer;
  Adopter adopter;
  NodeOperations node_operations;
  ApplicationOperations operations;
  VolumeOperations volumes;
  CutoverTurns turns;
  MigrationManager migrations;
  DeploymentPlanner planner;
  DeploymentRunner deployments;
  Takeover takeover;
  Reconciler reconciler;

 private:
  MigrationDeps DepsOfMoves(Sleeper& sleeper);
  Task<void> CompareAndResume();
  void Resume();

  bool is_comparing_ = false;
  bool is_reconciling_ = false;
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_ORCHESTRATOR_H_
