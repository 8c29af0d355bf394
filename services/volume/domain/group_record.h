// What a node knows, durably, about all volumes of one application: one record, one fate.
#ifndef DROVER_SERVICES_VOLUME_DOMAIN_GROUP_RECORD_H_
#define DROVER_SERVICES_VOLUME_DOMAIN_GROUP_RECORD_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "services/common/ids/ids.h"

namespace drover::volume {

// See GroupState in proto/drover/volume/v1/volume.proto for the picture.
enum class GroupState {
  kOwned,
  kSealing,
  kSealed,
  kReceiving,
  kPrepared,
  kRetired,
  kDiverged,
  kDiscarded,
};

// The upper-case word of `state`, as status output and records spell it: "OWNED".
std::string GroupStateName(GroupState state);
// The state of that name; nothing if there is none.
std::optional<GroupState> GroupStateFromName(const std::string& name);

// The node is the owner: it holds the only data that may be served, sealed or not.
bool IsOwner(GroupState state);

// A snapshot, and what proves that two nodes hold the same one (btrfs UUID or ZFS GUID).
struct SnapshotRef {
  std::string name;
  std::string identity;

  friend bool operator==(const SnapshotRef&, const SnapshotRef&) = default;
};

struct VolumeRecord {
  // Empty for the only volume of an application.
  std::string id;
  // UUID, the same on every node that holds a copy.
  std::string dataset_id;
  // Absolute path in the container.
  std::string mountpoint;
  // 0 = unlimited.
  int64_t maximum_size_bytes = 0;
  // The newest snapshot that another node is known to hold too: the next incremental move needs it.
  std::optional<SnapshotRef> base;
  // The snapshot that the migration in progress hands over; set from SEALED or PREPARED on.
  std::optional<SnapshotRef> final;
  // The application does not use it any more; it is kept, and moved along.
  bool detached = false;
  // No program has seen it: it was added to a group that had served already, or came so with a
  // move.
  bool fresh = false;
  // It came with the move that is arriving, onto a node that kept other volumes of the group: if
  // the move is undone, or those are claimed, it is not one of them.
  bool added = false;
  // The snapshot that it is being put back to: what is in the live volume is of no worth until it
  // has been. Empty if none.
  std::string roll_back;

  friend bool operator==(const VolumeRecord&, const VolumeRecord&) = default;
};

// The start of a container whose gate was opened last: what a seal must prove dead.
struct GateRecord {
  StartId start_id;
  ContainerId container_id;
  // Relative to the root of each hierarchy.
  std::string cgroup;
  // GATE_OPEN was made durable, and that start has not been proved dead since.
  bool open = false;

  friend bool operator==(const GateRecord&, const GateRecord&) = default;
};

// A migration as every participant call names it.
struct MigrationKey {
  MigrationId migration;
  // What the destination gets if the move commits.
  Generation generation;

  friend bool operator==(const MigrationKey&, const MigrationKey&) = default;
};

struct GroupRecord {
  ApplicationName application;
  GroupState state = GroupState::kOwned;
  // Under which this node is owner, or was the last time.
  Generation generation;
  // The migration that holds the group's lock.
  std::optional<MigrationKey> lock;
  // The migration that was retired or finished here last: repeating its last call is answered
  // again, and aborting it is refused.
  MigrationId concluded;
  // New migrations must be above this: those up to it were aborted here, or are over.
  Generation refused_generation;
  // Before RECEIVING the group was RETIRED, and Abort goes back to that.
  bool retired_before = false;
  // Data was served or received: seeding from the image would destroy it.
  bool served = false;
  std::vector<VolumeRecord> volumes;
  std::optional<GateRecord> gate;
  // Counts changes.
  int64_t revision = 0;

  friend bool operator==(const GroupRecord&, const GroupRecord&) = default;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_DOMAIN_GROUP_RECORD_H_
