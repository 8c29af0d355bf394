// What is left to do of a deployment that a restart of the coordinator has interrupted.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_REPLAN_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_REPLAN_H_

#include "absl/status/statusor.h"
#include "services/coordinator/domain/planner.h"
#include "services/coordinator/domain/records.h"

namespace drover::coordinator {

// Done, or failed.
bool HasEnded(const Action& action);

// Makes what has not ended in `deployment` the `plan` as it is now. Nothing is done for an
// application that had nothing to be done before, or of which an action has failed: that would be
// tried twice for one command. Without a plan nothing more is done at all.
void Replan(const absl::StatusOr<Plan>& plan, DeploymentRecord& deployment);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_REPLAN_H_
