// The nodes that users mean.
#ifndef DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_NODE_NAMES_H_
#define DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_NODE_NAMES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/common/async/task.h"
#include "services/coordinator/domain/cluster_view.h"
#include "services/coordinator/orchestrator/host_resolver.h"

namespace drover::coordinator {

// The registered name of the one node that `written` names: by its name, by its address, or by a
// host name or address that both stand for. `written` itself if there is no such node, or more.
// `nodes` outlive the task.
Task<std::string> RegisteredName(HostResolver& hosts, const std::vector<NodeView>& nodes,
                                 std::string written);

// The same. INVALID_ARGUMENT (UNKNOWN_NODE) if there is no such node, or more.
Task<absl::StatusOr<NodeName>> FindNode(HostResolver& hosts, const std::vector<NodeView>& nodes,
                                        std::string written);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_NODE_NAMES_H_
