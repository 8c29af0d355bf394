// What has to be done to make a copy of an application and its data.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_CLONE_PLANNER_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_CLONE_PLANNER_H_

#include "absl/status/statusor.h"
#include "services/coordinator/domain/application_spec.h"
#include "services/coordinator/domain/cluster_view.h"
#include "services/coordinator/domain/planner.h"
#include "services/coordinator/domain/records.h"

namespace drover::coordinator {

struct ClonePlan {
  ApplicationSpec spec;
  // The copy is made where the source is; then it starts there, or moves to its node.
  Plan plan;
};

// `clone` with its node's registered name, if it has one. INVALID_ARGUMENT with all that is wrong
// with its ports at once; ALREADY_EXISTS for a name that is taken; UNAVAILABLE while a node does
// not answer that might have that name; FAILED_PRECONDITION.
absl::StatusOr<ClonePlan> PlanClone(const Clone& clone, const ClusterView& view);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_CLONE_PLANNER_H_
