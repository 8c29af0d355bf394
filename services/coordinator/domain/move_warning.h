// What is worth knowing before an application is moved, and does not stand in the way.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_MOVE_WARNING_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_MOVE_WARNING_H_

#include <string>
#include <vector>

#include "services/coordinator/domain/cluster_view.h"

namespace drover::coordinator {

// Of an application that should run on `owner`, and does not serve there now: whoever moves it
// would take the move for the cause. Empty if it serves, or is not meant to run.
std::string NotReadyWarning(const ClusterView& view, const ApplicationName& name,
                            const NodeView& owner);

// All there are of a move that changes nothing about the application.
std::vector<std::string> MoveWarnings(const ClusterView& view, const ApplicationName& name,
                                      const NodeView& owner);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_MOVE_WARNING_H_
