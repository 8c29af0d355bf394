// Who owns an application's volumes, when a node that was away comes back.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_OWNERSHIP_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_OWNERSHIP_H_

#include <map>
#include <set>
#include <vector>

#include "absl/status/status.h"
#include "services/coordinator/domain/cluster_view.h"
#include "services/coordinator/domain/owner_choice.h"

namespace drover::coordinator {

// What a node has to be told about what it holds.
struct OwnershipOrders {
  struct Group {
    ApplicationName application;
    Generation generation;
    friend bool operator==(const Group&, const Group&) = default;
  };

  // Its own, which it may serve again.
  std::vector<Group> confirm;
  // Claimed elsewhere meanwhile, under this newer generation.
  std::vector<Group> diverge;
  // What still runs of a diverged copy.
  std::vector<ApplicationName> remove_containers;
};

// `moving`: applications with an unfinished move, which tells both ends itself.
OwnershipOrders OwnershipOrdersFor(const NodeView& node,
                                   const std::map<ApplicationName, ApplicationRecord>& applications,
                                   const std::set<ApplicationName>& moving);

// OK if `held`, which says that it owns the application's volumes, may serve them: it is whom the
// journal means, or the journal's owner answers and owns them no more. FAILED_PRECONDITION, saying
// what to do, if it was replaced, or would serve beside an owner that does not answer: a claim that
// broke off, and an adoption without a node, leave such ones.
absl::Status CheckOwner(const ClusterView& view, const ApplicationName& application,
                        const Held& held);

// OK if `node` may become owner of the application's volumes at the price of writes that are not in
// its copy. NOT_FOUND, UNAVAILABLE; FAILED_PRECONDITION if that node keeps no copy, owns them
// already (ALREADY_OWNER), or if another owner answers: then a move loses nothing.
absl::Status CheckClaim(const ClusterView& view, const ApplicationName& application,
                        const NodeName& node);

// OK if what `node` keeps of the application is a DIVERGED copy, which nothing needs.
absl::Status CheckDeleteDiverged(const ClusterView& view, const ApplicationName& application,
                                 const NodeName& node);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_OWNERSHIP_H_
