// What stands in the way of a move or a start before it is begun, in words.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_MOVE_PROBLEM_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_MOVE_PROBLEM_H_

#include <string>

#include "absl/status/status.h"
#include "services/coordinator/domain/cluster_view.h"
#include "services/coordinator/domain/owner_choice.h"

namespace drover::coordinator {

// Each is empty, or OK, if nothing does.

std::string BusyProblem(const ClusterView& view, const ApplicationName& name);
// At its owner: another one is the journal's, or the volumes are not free.
std::string OwnerProblem(const ClusterView& view, const ApplicationName& name, const Held& owner);
// At the node that would take it from there.
std::string DestinationProblem(const NodeView& destination, const ApplicationName& name,
                               const Held& owner);
// With its container engine.
std::string EngineProblem(const NodeView& destination, const ApplicationName& name,
                          const Held& owner);
// At a node that would get an application which it does not have; FAILED_PRECONDITION (CORDONED).
absl::Status CheckCordon(const NodeName& node, bool cordoned);

// "redis runs on node1 as before".
std::string WhereItIs(const ApplicationName& name, const Held& owner);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_MOVE_PROBLEM_H_
