// What is done to an application where it is: everything a plan holds but moves.
#ifndef DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_APPLICATION_OPERATIONS_H_
#define DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_APPLICATION_OPERATIONS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/common/async/task.h"
#include "services/common/time/clock.h"
#include "services/coordinator/domain/cluster_view.h"
#include "services/coordinator/orchestrator/journal.h"
#include "services/coordinator/orchestrator/node_operations.h"
#include "services/coordinator/orchestrator/retry.h"
#include "services/coordinator/orchestrator/route_keeper.h"

namespace drover::coordinator {

// Each ends with the application as asked and routed, or with one sentence that says what runs
// where now. Every step can be repeated, so running the command again after a failure goes on where
// this one ended; a node that does not answer is asked again for 30 s. The caller holds the
// application's token. Not thread-safe.
class ApplicationOperations {
 public:
  ApplicationOperations(Journal& journal, const NodeDirectory& nodes, NodeOperations& operations,
                        RouteKeeper& routes, const Clock& clock, Retry retry)
      : journal_(journal),
        nodes_(nodes),
        operations_(operations),
        routes_(routes),
        clock_(clock),
        retry_(retry) {}

  // The external ports that an action of that kind will want to be free.
  std::vector<int> NewPorts(ActionKind kind, const ApplicationSpec& spec) const;
  // They are, on all nodes that answer.
  Task<absl::Status> CheckPorts(std::vector<int> ports) { return routes_.CheckPorts(ports); }

  // New volumes and a first start. The planner has proved that the name is new to the cluster.
  Task<absl::Status> Create(ApplicationSpec spec, NodeName node);
  // A start where the volumes are.
  Task<absl::Status> Start(ApplicationSpec spec, NodeName node, Generation generation);
  // One restart with a changed configuration, clients held meanwhile. If the new image is missing,
  // the application is not touched. Answers for how long clients were held.
  Task<absl::StatusOr<absl::Duration>> Restart(ApplicationSpec spec, NodeName node,
                                               Generation generation);
  // Settings that take effect without a restart, and external ports.
  Task<absl::Status> Update(ApplicationSpec spec, NodeName node, Generation generation);
  // The container goes; application and volumes stay.
  Task<absl::Status> Stop(ApplicationName name, NodeName node);
  // The container goes for a while: the application is still to run.
  Task<absl::Status> TakeDown(ApplicationName name, NodeName node);
  // `group` as it is there now.
  Task<absl::Status> Resize(ApplicationSpec spec, NodeName node, GroupView group);
  // Routes only.
  Task<absl::Status> Reroute(ApplicationSpec spec, NodeName node, Generation generation,
                             ContainerId container);

 private:
  // FAILED_PRECONDITION if another node, or a newer generation, owns the volumes by now: what was
  // planned is too old.
  absl::Status CheckNewest(const ApplicationName& name, const NodeName& node,
                           Generation generation) const;
  // The external ports that lead to it now.
  std::vector<int> RoutedPorts(const ApplicationName& name) const;
  Task<absl::Status> EnsureImage(NodeName node, WantedImage image);
  // It must also fit the volumes, which are new or change.
  Task<absl::Status> EnsureImageFor(NodeName node, ApplicationSpec spec);
  // The node's group has the volumes that the application uses; if it has others the application
  // is stopped first.
  Task<absl::Status> EnsureVolumes(const ApplicationSpec& spec, NodeName node,
                                   Generation generation);
  // Removes the container and what leads to it.
  Task<absl::Status> Remove(ApplicationName name, NodeName node, bool is_to_run);
  // Start, ready, route: the end that Create, Start, Restart and Update share.
  Task<absl::Status> Run(ApplicationRecord record);
  // Give up: what serves now is recorded as far as it is known, and said.
  Task<absl::Status> FailToStart(ApplicationRecord record, absl::Status why);
  Task<absl::Status> FailToGetReady(ApplicationRecord record, ContainerId started,
                                    absl::Status why);
  ApplicationRecord RecordOf(const ApplicationSpec& spec, const NodeName& node,
                             const Generation& generation) const;
  Task<void> Remember(ApplicationRecord record);

  Journal& journal_;
  const NodeDirectory& nodes_;
  NodeOperations& operations_;
  RouteKeeper& routes_;
  const Clock& clock_;
  Retry retry_;
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_APPLICATION_OPERATIONS_H_
