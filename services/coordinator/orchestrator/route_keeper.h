// Keeps every node's routing table equal to what the journal says.
#ifndef DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_ROUTE_KEEPER_H_
#define DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_ROUTE_KEEPER_H_

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/common/async/task.h"
#include "services/common/time/clock.h"
#include "services/coordinator/domain/records.h"
#include "services/coordinator/domain/route_history.h"
#include "services/coordinator/orchestrator/host_resolver.h"
#include "services/coordinator/orchestrator/journal.h"
#include "services/coordinator/orchestrator/node_directory.h"

namespace drover::coordinator {

// Tables are numbered: a change takes a new revision, durable together with the records it comes
// from, and is then pushed to all nodes at once: the difference to a node that took one of the last
// tables from us, the whole table to others. A node that does not answer gets the newest table when
// it is back (Reconciler). Not thread-safe.
class RouteKeeper {
 public:
  RouteKeeper(Journal& journal, const NodeDirectory& nodes, HostResolver& hosts, const Clock& clock)
      : journal_(journal), nodes_(nodes), hosts_(hosts), clock_(clock) {}

  // Makes `change` and a new revision durable, then pushes it. An error naming the nodes
  // that answered and refused it; the table stands all the same, and the reconciler goes on. With
  // it `owner`, to which the ports lead from then on, ends what `release_holder` holds there. The
  // other nodes must not yet: what waited there would wait again at the owner, and stay in both
  // relays.
  Task<absl::Status> Change(drover::coordinator::Change change, std::string release_holder = "",
                            NodeName owner = NodeName());

  // Pushes the newest table, whole, to one node.
  Task<absl::Status> Push(std::shared_ptr<NodeHandle> node);

  // New connections to `ports` wait on all nodes that answer, until Release(). The nodes end a hold
  // by themselves if nobody renews it, so that none outlives us.
  Task<void> Hold(std::string holder, std::vector<int> ports);
  Task<void> Release(std::string holder);
  // Renews what would end soon. Called every few seconds.
  Task<void> RenewHolds();
  // Holds on one node what it does not hold, though it should: its proxy was away, or has forgotten
  // it in a restart. `there`: who holds something there, by its own word.
  Task<void> RestoreHolds(std::shared_ptr<NodeHandle> node, std::set<std::string> there);

  // FAILED_PRECONDITION (PORT_TAKEN) naming the first of `ports` on which something else
  // listens on a node that answers.
  Task<absl::Status> CheckPorts(std::vector<int> ports);

 private:
  struct Held {
    std::vector<int> ports;
    absl::Time sent;
  };

  // The kernel's tables want addresses; nodes may be registered with host names.
  using Addresses = std::shared_ptr<const std::map<NodeName, std::string>>;
  // The table that a node was sent last.
  struct Sent {
    int64_t revision = 0;
    Addresses addresses;
  };

  proxy::v1::SetHoldRequest HoldRequest(const std::string& holder,
                                        const std::vector<int>& ports) const;
  proxy::v1::ReleaseHoldRequest ReleaseRequest(const std::string& holder) const;
  Task<void> SendHold(std::string holder, std::vector<int> ports);
  Task<Addresses> AddressesOfNodes();
  // What changed since the table that the node was sent last; the whole table if that is not known
  // or the node has another.
  Task<absl::Status> PushChange(std::shared_ptr<NodeHandle> node, Addresses addresses,
                                std::string release_holder);
  Task<absl::Status> PushTable(std::shared_ptr<NodeHandle> node, Addresses addresses,
                               std::string release_holder);
  // OK, or why the node has not got `revision`.
  Task<absl::Status> Pushed(std::shared_ptr<NodeHandle> node, int64_t revision,
                            absl::Status answer);

  Journal& journal_;
  const NodeDirectory& nodes_;
  HostResolver& hosts_;
  const Clock& clock_;
  std::map<std::string, Held> held_;  // By holder.
  RouteHistory history_;
  std::map<NodeName, Sent> sent_;
  // The last that were resolved, shared while they stay the same.
  Addresses addresses_;
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_ROUTE_KEEPER_H_
