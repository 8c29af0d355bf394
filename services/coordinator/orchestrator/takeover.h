// Operators' ways out when a node does not come back, and what follows when it does.
#ifndef DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_TAKEOVER_H_
#define DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_TAKEOVER_H_

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/common/async/task.h"
#include "services/common/time/clock.h"
#include "services/coordinator/domain/ownership.h"
#include "services/coordinator/orchestrator/application_operations.h"
#include "services/coordinator/orchestrator/busy_applications.h"
#include "services/coordinator/orchestrator/first_contact.h"
#include "services/coordinator/orchestrator/journal.h"
#include "services/coordinator/orchestrator/migration_manager.h"
#include "services/coordinator/orchestrator/node_operations.h"
#include "services/coordinator/orchestrator/observer.h"
#include "services/coordinator/orchestrator/route_keeper.h"

namespace drover::coordinator {

// Not thread-safe.
class Takeover {
 public:
  struct Deps {
    Journal& journal;
    const NodeDirectory& nodes;
    NodeOperations& node_operations;
    ApplicationOperations& operations;
    const Observer& observer;
    BusyApplications& busy;
    MigrationManager& migrations;
    RouteKeeper& routes;
    const FirstContact& contact;
    const Clock& clock;
  };
  explicit Takeover(Deps deps) : deps_(deps) {}

  // Makes `node` the owner of the application's volumes, of the copy that it keeps: writes that are
  // not in it are given up. Then the application is started there, if it was running. `by` has
  // accepted the loss. See CheckClaim for what is refused. A repeat after a failure goes on.
  Task<absl::Status> Claim(ApplicationName application, NodeName node, std::string by);

  // OK if Claim() would begin. Changes nothing.
  Task<absl::Status> CheckMayClaim(ApplicationName application, NodeName node) const;

  // Deletes what `node` keeps as DIVERGED of the application.
  Task<absl::Status> DeleteDiverged(ApplicationName application, NodeName node);

  // Tells a node that answers what is its own, and what was claimed elsewhere while it was away;
  // but nothing while another node may know better (FirstContact).
  Task<absl::Status> TellOwnership(std::shared_ptr<NodeHandle> node,
                                   std::vector<container::v1::Container> containers);

 private:
  // With nobody else at work on the application: the node, a move that is stuck, the journal.
  Task<absl::Status> TakeOver(ApplicationName application, NodeName node, MigrationId stuck,
                              std::string by);
  // An earlier claim made it the owner and did not come to the start.
  bool HasClaimBrokenOff(const ApplicationName& application, const NodeName& node,
                         const ClusterView& view) const;
  // Then it is started; else `already`.
  Task<absl::Status> StartIfClaimBrokeOff(ApplicationName application, NodeName node,
                                          ClusterView view, absl::Status already);
  // The move from or to a node that is lost, which would hold the application for ever; empty if
  // there is none. ABORTED for a move that has a way out.
  absl::StatusOr<MigrationId> FindStuck(const ApplicationName& application, const NodeName& claimer,
                                        const ClusterView& view) const;
  Task<absl::Status> ClaimOnNode(ApplicationName application, NodeName node, Generation generation);
  Task<absl::Status> Diverge(std::shared_ptr<NodeHandle> node, OwnershipOrders::Group group);
  // The record of the new owner; and nobody finishes an abort at the old one any more, which would
  // start the application there.
  Change ChangeOf(const ApplicationName& application, const NodeName& node,
                  Generation generation) const;

  const Deps deps_;
  std::set<ApplicationName> claiming_;
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_TAKEOVER_H_
