// The cluster as the nodes answered just now, beside what the coordinator remembers.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_CLUSTER_VIEW_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_CLUSTER_VIEW_H_

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/common/ids/ids.h"
#include "services/coordinator/domain/application_spec.h"
#include "services/coordinator/domain/records.h"

namespace drover::coordinator {

enum class GroupState { kOwned, kSealing, kSealed, kReceiving, kPrepared, kRetired, kDiverged };

// Why an owner does not serve what it owns. See OwnershipDoubt in volume.proto.
enum class OwnershipDoubt { kNone, kAwaitsCoordinator, kOlderPool };

// One that somebody has taken.
struct SnapshotView {
  std::string name;
  absl::Time create_time;
  friend bool operator==(const SnapshotView&, const SnapshotView&) = default;
};

struct VolumeView {
  std::string id;
  std::string dataset_id;
  std::string mountpoint;
  int64_t maximum_size_bytes = 0;
  int64_t size_bytes = 0;
  std::string newest_snapshot;
  absl::Time newest_snapshot_time;
  std::vector<SnapshotView> snapshots;  // Oldest first.
  // The application does not use it any more.
  bool detached = false;
  friend bool operator==(const VolumeView&, const VolumeView&) = default;
};

// All volumes of one application on one node.
struct GroupView {
  ApplicationName application;
  GroupState state = GroupState::kOwned;
  Generation generation;
  MigrationId migration;  // The holder of its lock; empty if none.
  Generation migration_generation;
  OwnershipDoubt doubt = OwnershipDoubt::kNone;
  std::vector<VolumeView> volumes;
  friend bool operator==(const GroupView&, const GroupView&) = default;
};

enum class ContainerState { kStaging, kGated, kStarting, kReady, kExited };

struct ContainerView {
  ApplicationName application;
  ContainerId container_id;
  StartId start_id;
  ContainerState state = ContainerState::kReady;
  Generation generation;
  std::string config_hash;
  // Its settings are in force on the node.
  ApplicationSpec spec;
  std::string image;
  std::string image_digest;
  int exit_code = 0;
  std::string problem;
  // It has ended, and its restart policy starts it again.
  bool starts_again = false;
  // Of what it writes there nothing is kept.
  std::vector<std::string> unkept_paths;
  friend bool operator==(const ContainerView&, const ContainerView&) = default;
};

// "ended with exit code 3"; or why its process was never begun, which is no end of its own.
std::string HowItEnded(const ContainerView& container);

// One start of a coordinator.
struct CoordinatorStart {
  int64_t epoch = 0;
  std::string nonce;
  friend auto operator<=>(const CoordinatorStart&, const CoordinatorStart&) = default;
};

// Whom one of a node's services has obeyed last.
struct ObeyedCoordinator {
  std::string service;     // `volume`, `container` or `proxy`.
  CoordinatorStart start;  // Epoch 0 if nobody.
  int64_t sequence = 0;    // The highest entry of the journal that it was told of.
  friend bool operator==(const ObeyedCoordinator&, const ObeyedCoordinator&) = default;
};

struct NodeView {
  NodeName name;
  std::string address;
  bool cordoned = false;
  bool reachable = false;  // All three services answered.
  std::string problem;     // Which does not, and why.
  // Why its container engine does not answer: nothing can be started there, and of what runs there
  // only the past is known. Empty if it does.
  std::string engine_problem;
  std::string backend;
  // Bytes of the pool and of the machine's memory; 0 where it is not known.
  int64_t pool_bytes = 0;
  int64_t free_pool_bytes = 0;
  int64_t memory_bytes = 0;
  int64_t available_memory_bytes = 0;
  std::vector<GroupView> groups;
  std::vector<ContainerView> containers;
  bool volumes_known = false;             // Its volume service answered.
  bool containers_known = false;          // Its container service answered.
  int64_t route_revision = 0;             // What the node's proxy has in force.
  std::vector<ObeyedCoordinator> obeyed;  // Of each service that answered.
};

struct ClusterView {
  std::vector<NodeView> nodes;
  std::map<ApplicationName, ApplicationRecord> applications;
  // Applications with an unfinished migration, or another operation under way.
  std::set<ApplicationName> busy;
  std::set<ApplicationName> migrating;

  const NodeView* FindNode(const NodeName& name) const;
};

// The state says that its node is the owner: it holds the data, and the application may only run
// there.
bool IsOwner(GroupState state);

// `OWNED`.
const char* GroupStateName(GroupState state);

// The group or container of `application` on `node`; null if there is none.
const GroupView* FindGroup(const NodeView& node, const ApplicationName& application);
const ContainerView* FindContainer(const NodeView& node, const ApplicationName& application);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_CLUSTER_VIEW_H_
