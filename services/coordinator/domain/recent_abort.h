// Moves that were undone a short while ago.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_RECENT_ABORT_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_RECENT_ABORT_H_

#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/common/ids/ids.h"
#include "services/coordinator/domain/migration_record.h"

namespace drover::coordinator {

// Why the last move of an application was undone, in the move's words, for an hour: whoever began
// it may not have waited for its end. After that the list of moves has it. `migrations`: oldest
// first.
std::map<ApplicationName, std::string> RecentAborts(
    const std::vector<const MigrationRecord*>& migrations, absl::Time now);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_RECENT_ABORT_H_
