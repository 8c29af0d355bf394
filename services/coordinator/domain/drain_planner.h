// From what the nodes answered: what empties one of them, and what brings that back.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_DRAIN_PLANNER_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_DRAIN_PLANNER_H_

#include <map>
#include <vector>

#include "absl/status/statusor.h"
#include "services/coordinator/domain/cluster_view.h"
#include "services/coordinator/domain/drain_history.h"
#include "services/coordinator/domain/planner.h"
#include "services/coordinator/domain/records.h"

namespace drover::coordinator {

// A MOVE for each application that runs on the node, the greatest first; one that cannot go
// anywhere is FAILED already, and says why: one that another move brings there, too, or may bring
// back. Stopped ones stay, with a warning. INVALID_ARGUMENT if the node is not registered, or is
// one of the destinations.
absl::StatusOr<Plan> PlanDrain(const Drain& drain, const ClusterView& view,
                               const std::vector<const MigrationRecord*>& migrations);

// A MOVE for each of `moved_away` that is still where it was put. INVALID_ARGUMENT if the node is
// not registered.
absl::StatusOr<Plan> PlanRestore(const Drain& drain,
                                 const std::map<ApplicationName, MovedApplication>& moved_away,
                                 const ClusterView& view);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_DRAIN_PLANNER_H_
