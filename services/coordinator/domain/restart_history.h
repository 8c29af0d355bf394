// The history of restarts, read from the journal of deployments: no second record of it is kept.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_RESTART_HISTORY_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_RESTART_HISTORY_H_

#include <vector>

#include "absl/time/time.h"
#include "services/coordinator/domain/records.h"

namespace drover::coordinator {

// How long the newest 20 restarts of `application` have interrupted it. `deployments`: oldest
// first.
std::vector<absl::Duration> RestartsOf(const std::vector<const DeploymentRecord*>& deployments,
                                       const ApplicationName& application);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_RESTART_HISTORY_H_
