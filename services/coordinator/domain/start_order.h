// Who starts before whom within a deployment.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_START_ORDER_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_START_ORDER_H_

#include <optional>

#include "absl/status/status.h"
#include "services/coordinator/domain/records.h"

namespace drover::coordinator {

// Whether `action` may begin now; nothing while something that it waits for has not ended. What
// starts an application waits for whatever starts those that it depends on; FAILED_PRECONDITION if
// that failed. Everything else begins at once.
std::optional<absl::Status> StartTurn(const DeploymentRecord& deployment, const Action& action);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_START_ORDER_H_
