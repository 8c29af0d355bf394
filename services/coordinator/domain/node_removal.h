// Whether a node may leave the cluster.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_NODE_REMOVAL_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_NODE_REMOVAL_H_

#include <map>
#include <vector>

#include "absl/status/status.h"
#include "services/coordinator/domain/cluster_view.h"
#include "services/coordinator/domain/migration_record.h"
#include "services/coordinator/domain/records.h"

namespace drover::coordinator {

// FAILED_PRECONDITION naming what still needs the node: an unfinished move (which could never end
// without it, and would keep its application busy for ever), an application whose volumes are
// there, or volumes that the node itself says it owns. `node` is as it was seen just now; one that
// does not answer shows no volumes, so our records decide.
absl::Status CheckRemoval(const NodeView& node,
                          const std::map<ApplicationName, ApplicationRecord>& applications,
                          const std::vector<const MigrationRecord*>& migrations);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_NODE_REMOVAL_H_
