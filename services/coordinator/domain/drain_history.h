// What drains have moved away from a node, and until when they do.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_DRAIN_HISTORY_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_DRAIN_HISTORY_H_

#include <map>
#include <vector>

#include "absl/status/status.h"
#include "services/coordinator/domain/records.h"

namespace drover::coordinator {

struct MovedApplication {
  // Where it was put, and as which generation: one that has another by now has been moved since.
  NodeName node;
  Generation generation;
  friend bool operator==(const MovedApplication&, const MovedApplication&) = default;
};

// Each application that drains have moved away from `node` since it was cordoned last, and that
// none has brought back. Both lists: oldest first.
std::map<ApplicationName, MovedApplication> MovedAway(
    const std::vector<const DeploymentRecord*>& deployments,
    const std::vector<const MigrationRecord*>& migrations, const NodeRecord& node);

// FAILED_PRECONDITION if `deployment` is a drain whose node was uncordoned since, be it cordoned
// again or not. `node`: its record now, null if it has none any more.
absl::Status CheckDrainGoesOn(const DeploymentRecord& deployment, const NodeRecord* node);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_DRAIN_HISTORY_H_
