// Asks all nodes what is on them.
#ifndef DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_OBSERVER_H_
#define DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_OBSERVER_H_

#include <memory>
#include <vector>

#include "services/common/async/task.h"
#include "services/coordinator/domain/cluster_view.h"
#include "services/coordinator/orchestrator/busy_applications.h"
#include "services/coordinator/orchestrator/journal.h"
#include "services/coordinator/orchestrator/node_directory.h"

namespace drover::coordinator {

GroupView GroupViewOf(const volume::v1::VolumeGroup& proto);
ContainerView ContainerViewOf(const container::v1::Container& proto);

// How long a node has for its answers: 3 s, before anything is decided by them; or less than 2 s,
// where somebody is told at once that a service of it is away, hangs or is cut off.
enum class Patience { kAll, kLittle };

// All three services of one node. One that does not answer makes the node unreachable; what the
// others answered is kept.
Task<NodeView> ObserveNode(std::shared_ptr<NodeHandle> node, Patience patience = Patience::kAll);

// The whole cluster, all nodes at once. Not thread-safe.
class Observer {
 public:
  Observer(const Journal& journal, NodeDirectory& nodes, const BusyApplications& busy)
      : journal_(journal), nodes_(nodes), busy_(busy) {}

  Task<ClusterView> Observe(Patience patience = Patience::kAll) const;

 private:
  const Journal& journal_;
  NodeDirectory& nodes_;
  const BusyApplications& busy_;
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_OBSERVER_H_
