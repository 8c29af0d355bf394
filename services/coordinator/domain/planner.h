// From what the two files ask for and what the nodes answered: what has to be done.
//
// The rule above all: an application whose volumes exist anywhere, or might, never gets empty ones.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_PLANNER_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_PLANNER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/coordinator/domain/cluster_view.h"
#include "services/coordinator/domain/records.h"

namespace drover::coordinator {

struct Plan {
  // By application, and for one application in the order in which they are carried out (a resize
  // may come beside something else). One that cannot be carried out is FAILED already, and says
  // why: those of other applications are done all the same.
  std::vector<Action> actions;
  std::vector<std::string> warnings;
  // What keeps the cluster from being as asked, and is no action's fault: a listed node that does
  // not answer.
  std::vector<std::string> problems;
  // Of the actions and of what they were made from.
  std::string fingerprint;
};

// The node that `written` names: by registered name, else by address (which may be a host name).
// INVALID_ARGUMENT (UNKNOWN_NODE) if none.
absl::StatusOr<NodeName> ResolveNode(const std::vector<NodeView>& nodes,
                                     const std::string& written);

// INVALID_ARGUMENT, with all problems at once, if the desired state contradicts itself or the
// cluster: unknown node (reason UNKNOWN_NODE), a node named twice, unknown application, an
// application placed twice, an external port claimed twice among what is to run in the whole
// cluster, applications that depend on each other in a circle.
absl::StatusOr<Plan> MakePlan(const DesiredState& desired, const ClusterView& view);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_PLANNER_H_
