// Why a deployment has failed, in words.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_DEPLOYMENT_ERROR_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_DEPLOYMENT_ERROR_H_

#include <string>
#include <vector>

#include "services/coordinator/domain/records.h"

namespace drover::coordinator {

// `problems`, and each error of an action once, with the applications that it is about. Empty if
// there is none.
std::string DeploymentError(const std::vector<std::string>& problems,
                            const std::vector<Action>& actions);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_DEPLOYMENT_ERROR_H_
