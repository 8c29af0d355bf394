// What is done to volumes where they are: snapshots, going back, copies, deletion.
#ifndef DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_VOLUME_OPERATIONS_H_
#define DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_VOLUME_OPERATIONS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/common/async/task.h"
#include "services/coordinator/domain/cluster_view.h"
#include "services/coordinator/orchestrator/application_operations.h"
#include "services/coordinator/orchestrator/busy_applications.h"
#include "services/coordinator/orchestrator/journal.h"
#include "services/coordinator/orchestrator/node_operations.h"
#include "services/coordinator/orchestrator/observer.h"
#include "services/coordinator/orchestrator/retry.h"

namespace drover::coordinator {

// One snapshot of one volume, on one node.
struct VolumeSnapshot {
  std::string volume;  // `APP` or `APP:ID`.
  std::string name;
  NodeName node;
  absl::Time create_time;
};

// The reason of an error after which an application is neither as it was nor as was asked for.
inline constexpr char kHalfPutBack[] = "HALF_PUT_BACK";

// Every step can be repeated: running the command again after a failure goes on where this ended.
// Volumes are named `APP` (all of the application's) or `APP:ID`. Not thread-safe.
class VolumeOperations {
 public:
  struct Deps {
    Journal& journal;
    const NodeDirectory& nodes;
    NodeOperations& node_operations;
    ApplicationOperations& operations;
    const Observer& observer;
    BusyApplications& busy;
    Retry retry;
  };
  explicit VolumeOperations(Deps deps) : deps_(deps) {}

  // On the node that owns the volumes. ALREADY_EXISTS if any of them has one of that name.
  Task<absl::StatusOr<std::vector<VolumeSnapshot>>> CreateSnapshots(std::string volume,
                                                                    std::string snapshot);
  // On every node that answers; what was deleted. NOT_FOUND if there was none.
  Task<absl::StatusOr<std::vector<VolumeSnapshot>>> DeleteSnapshots(std::string volume,
                                                                    std::string snapshot);

  // A stopped application, or a volume that is not attached; on all nodes, which must answer.
  Task<absl::Status> Delete(std::string volume);

  // These are steps of a deployment, whose caller holds the application's token.

  // Stops the application and puts those of its volumes back that have the snapshot. It has to be
  // started again whether that succeeds or is refused, but not after kHalfPutBack.
  Task<absl::Status> RollBack(RollBack what, NodeName node);
  // The new group beside its source's on `node`, and the new application's record: not running.
  Task<absl::Status> Clone(ApplicationSpec spec, ApplicationName source, NodeName node);

 private:
  Task<absl::Status> DeleteApplication(ApplicationName name, ClusterView view);
  Task<absl::Status> DeleteVolume(ApplicationName name, std::string id, ClusterView view);
  Task<absl::Status> DeleteGroup(NodeName node, GroupView group);
  Task<absl::Status> RollBackVolume(NodeName node, ApplicationName name, std::string id,
                                    std::string snapshot);
  // The group of that name on the node, if an earlier attempt has made it.
  Task<absl::StatusOr<Generation>> MakeClone(ApplicationName name, ApplicationName source,
                                             NodeName node);

  Deps deps_;
};

// Those of `volume` that people have taken, by volume and oldest first; empty `volume`: of all.
std::vector<VolumeSnapshot> SnapshotsOf(const ClusterView& view, const std::string& volume);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_VOLUME_OPERATIONS_H_
