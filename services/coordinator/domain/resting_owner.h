// Where the volumes of an application are that nobody else is working on.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_RESTING_OWNER_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_RESTING_OWNER_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/coordinator/domain/cluster_view.h"
#include "services/coordinator/domain/owner_choice.h"

namespace drover::coordinator {

// Its owner answers and may be worked on. NOT_FOUND; ABORTED while something is under way;
// UNAVAILABLE; FAILED_PRECONDITION.
absl::StatusOr<Held> FindRestingOwner(const ClusterView& view, const ApplicationName& name);

// NOT_FOUND, with the names of those that there are.
absl::Status NoApplication(const std::map<ApplicationName, ApplicationRecord>& applications,
                           const std::string& name);

// Every registered node says what it has; else UNAVAILABLE, with `why` that is needed.
absl::Status CheckAllAnswer(const ClusterView& view, const std::string& why);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_RESTING_OWNER_H_
