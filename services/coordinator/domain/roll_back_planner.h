// What has to be done to put an application's volumes back to a snapshot.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_ROLL_BACK_PLANNER_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_ROLL_BACK_PLANNER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/coordinator/domain/cluster_view.h"
#include "services/coordinator/domain/planner.h"
#include "services/coordinator/domain/records.h"

namespace drover::coordinator {

// NOT_FOUND; FAILED_PRECONDITION (OTHER_NODE) for a snapshot that is not where the volumes are;
// ABORTED, UNAVAILABLE.
absl::StatusOr<Plan> PlanRollBack(const RollBack& roll_back, const ClusterView& view);

// The volumes of `group` that it is about and that have the snapshot: by id.
std::vector<std::string> RolledBack(const RollBack& roll_back, const GroupView& group);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_ROLL_BACK_PLANNER_H_
