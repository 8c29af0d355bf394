// Which nodes belong to the cluster.
#ifndef DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_NODE_REGISTRY_H_
#define DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_NODE_REGISTRY_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/common/async/async_mutex.h"
#include "services/common/async/task.h"
#include "services/coordinator/domain/cluster_view.h"
#include "services/coordinator/orchestrator/first_contact.h"
#include "services/coordinator/orchestrator/journal.h"
#include "services/coordinator/orchestrator/node_directory.h"
#include "services/coordinator/orchestrator/route_keeper.h"

namespace drover::coordinator {

// Keeps the journal's nodes and the directory of handles equal. Not thread-safe.
class NodeRegistry {
 public:
  // Fills the directory from the journal.
  NodeRegistry(Journal& journal, NodeDirectory& nodes, FirstContact& contact, RouteKeeper& routes);

  // Registers a node whose three services answer under its own name. Repeating it is OK.
  // INVALID_ARGUMENT for a bad name or address; ALREADY_EXISTS if name or address is taken;
  // UNAVAILABLE saying which service does not answer. In recovery mode too, since all nodes have to
  // answer before it can end; the node is told nothing then.
  Task<absl::StatusOr<NodeView>> Add(NodeName name, std::string address);

  // A cordoned node gets no applications; what is there stays. NOT_FOUND.
  Task<absl::StatusOr<NodeRecord>> SetCordoned(NodeName name, bool cordoned, absl::Time now);

  // NOT_FOUND; FAILED_PRECONDITION while something needs it (domain/node_removal.h).
  Task<absl::Status> Remove(NodeName name);

 private:
  // Changes of one node's record, one after the other.
  const std::shared_ptr<AsyncMutex> changing_ = std::make_shared<AsyncMutex>();
  Journal& journal_;
  NodeDirectory& nodes_;
  FirstContact& contact_;
  RouteKeeper& routes_;
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_NODE_REGISTRY_H_
