#include "services/volume/service/convert.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/status/status_macros.h"
#include "services/common/time/proto_time.h"
#include "services/volume/domain/names.h"
#include "services/volume/domain/transitions.h"

namespace drover::volume {
namespace {

v1::GroupState ToProto(GroupState state) {
  switch (state) {
    case GroupState::kOwned:
      return v1::GROUP_STATE_OWNED;
    case GroupState::kSealing:
      return v1::GROUP_STATE_SEALING;
    case GroupState::kSealed:
      return v1::GROUP_STATE_SEALED;
    case GroupState::kReceiving:
      return v1::GROUP_STATE_RECEIVING;
    case GroupState::kPrepared:
      return v1::GROUP_STATE_PREPARED;
    case GroupState::kRetired:
      return v1::GROUP_STATE_RETIRED;
    case GroupState::kDiverged:
      return v1::GROUP_STATE_DIVERGED;
    case GroupState::kDiscarded:
      return v1::GROUP_STATE_DISCARDED;
  }
  return v1::GROUP_STATE_UNSPECIFIED;
}

v1::OwnershipDoubt ToProto(Doubt doubt) {
  switch (doubt) {
    case Doubt::kNone:
      return v1::OWNERSHIP_DOUBT_UNSPECIFIED;
    case Doubt::kAwaitsCoordinator:
      return v1::OWNERSHIP_DOUBT_AWAITS_COORDINATOR;
    case Doubt::kOlderPool:
      return v1::OWNERSHIP_DOUBT_OLDER_POOL;
  }
  return v1::OWNERSHIP_DOUBT_UNSPECIFIED;
}

v1::GateRecord ToProto(const GateRecord& gate) {
  v1::GateRecord proto;
  proto.set_start_id(gate.start_id.value());
  proto.set_container_id(gate.container_id.value());
  proto.set_cgroup(gate.cgroup);
  proto.set_open(gate.open);
  return proto;
}

v1::Volume ToProto(const GroupRecord& record, const VolumeRecord& volume,
                   const GroupView::Contents& contents) {
  v1::Volume proto;
  proto.set_name(VolumeDisplayName(record.application, volume.id));
  proto.set_detached(volume.detached);
  proto.set_fresh(IsFresh(record, volume));
  proto.set_id(volume.id);
  proto.set_dataset_id(volume.dataset_id);
  proto.set_mountpoint(volume.mountpoint);
  proto.set_maximum_size_bytes(volume.maximum_size_bytes);
  proto.set_size_bytes(contents.size_bytes);
  for (const StoredSnapshot& one : contents.snapshots) {
    *proto.add_snapshots() = drover::volume::ToProto(one);
  }
  return proto;
}

absl::Status CheckMountpoint(const std::string& mountpoint) {
  if (!mountpoint.empty() && mountpoint[0] == '/' && mountpoint.size() < 4096) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("mountpoint \"", mountpoint, "\" is not an absolute path"));
}

}  // namespace

v1::Pool ToProto(const NodeName& node, const std::string& backend, const PoolInfo& pool) {
  v1::Pool proto;
  proto.set_name(absl::StrCat("nodes/", node.value(), "/pool"));
  proto.set_backend(backend);
  proto.set_identity(pool.identity);
  proto.set_size_bytes(pool.size_bytes);
  proto.set_free_bytes(pool.free_bytes);
  return proto;
}

v1::Snapshot ToProto(const SnapshotRef& snapshot) {
  v1::Snapshot proto;
  proto.set_name(snapshot.name);
  proto.set_identity(snapshot.identity);
  proto.set_migration(MigrationOfSnapshot(snapshot.name).value());
  return proto;
}

v1::Snapshot ToProto(const StoredSnapshot& snapshot) {
  v1::Snapshot proto = ToProto(snapshot.ref);
  *proto.mutable_create_time() = ProtoOf(snapshot.create_time);
  return proto;
}

v1::VolumeGroup ToProto(const NodeName& node, const GroupView& view) {
  const GroupRecord& record = view.record;
  v1::VolumeGroup proto;
  proto.set_name(absl::StrCat("nodes/", node.value(), "/groups/", record.application.value()));
  proto.set_application(record.application.value());
  proto.set_state(ToProto(record.state));
  proto.set_generation(record.generation.value());
  if (record.lock.has_value()) {
    proto.set_migration(record.lock->migration.value());
    proto.set_migration_generation(record.lock->generation.value());
  }
  for (size_t i = 0; i < record.volumes.size(); ++i) {
    *proto.add_volumes() = ToProto(record, record.volumes[i], view.contents[i]);
  }
  if (record.gate.has_value()) *proto.mutable_gate() = ToProto(*record.gate);
  proto.set_revision(record.revision);
  proto.set_doubt(ToProto(view.doubt));
  return proto;
}

v1::Slot ToProto(const Slot& slot) {
  v1::Slot proto;
  proto.set_volume_id(slot.volume_id);
  proto.set_mountpoint(slot.mountpoint);
  proto.set_path(slot.path);
  return proto;
}

absl::StatusOr<ApplicationName> ApplicationFrom(const std::string& name) {
  DROVER_RETURN_IF_ERROR(CheckPlainName("application", name));
  return ApplicationName(name);
}

absl::StatusOr<Generation> GenerationFrom(int64_t generation) {
  if (generation > 0) return Generation(generation);
  return absl::InvalidArgumentError("generation must be above 0");
}

absl::StatusOr<drover::volume::MigrationKey> KeyFrom(const v1::MigrationKey& key) {
  DROVER_RETURN_IF_ERROR(CheckPlainName("migration", key.migration()));
  // It is part of snapshots' names.
  if (key.migration().size() > 48) {
    return absl::InvalidArgumentError("migration: its id is longer than 48 bytes");
  }
  DROVER_ASSIGN_OR_RETURN(Generation generation, GenerationFrom(key.generation()));
  return drover::volume::MigrationKey{MigrationId(key.migration()), generation};
}

absl::StatusOr<StartId> StartIdFrom(const std::string& start_id) {
  DROVER_RETURN_IF_ERROR(CheckStartId(start_id));
  return StartId(start_id);
}

absl::StatusOr<ContainerId> ContainerIdFrom(const std::string& container_id) {
  DROVER_RETURN_IF_ERROR(CheckContainerId(container_id));
  return ContainerId(container_id);
}

absl::StatusOr<std::vector<VolumeRecord>> VolumesFrom(
    const google::protobuf::RepeatedPtrField<common::v1::VolumeSpec>& specs) {
  std::vector<VolumeRecord> volumes;
  std::set<std::string> ids;
  for (const common::v1::VolumeSpec& spec : specs) {
    DROVER_RETURN_IF_ERROR(CheckVolumeId(spec.id()));
    DROVER_RETURN_IF_ERROR(CheckMountpoint(spec.mountpoint()));
    if (!ids.insert(spec.id()).second || spec.maximum_size_bytes() < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("volume \"", spec.id(), "\" is named twice or has a negative size"));
    }
    volumes.push_back({.id = spec.id(),
                       .dataset_id = spec.dataset_id(),
                       .mountpoint = spec.mountpoint(),
                       .maximum_size_bytes = spec.maximum_size_bytes()});
  }
  return volumes;
}

std::vector<Slot> SlotsFrom(const std::vector<VolumeRecord>& volumes) {
  std::vector<Slot> slots;
  for (const VolumeRecord& volume : volumes) {
    slots.push_back({.volume_id = volume.id, .mountpoint = volume.mountpoint});
  }
  return slots;
}

absl::StatusOr<SnapshotRef> SnapshotFrom(const v1::Snapshot& snapshot) {
  DROVER_RETURN_IF_ERROR(CheckPlainName("snapshot", snapshot.name()));
  if (!snapshot.identity().empty()) {
    return SnapshotRef{.name = snapshot.name(), .identity = snapshot.identity()};
  }
  return absl::InvalidArgumentError(absl::StrCat("snapshot ", snapshot.name(), " has no identity"));
}

absl::StatusOr<GroupView> GroupFrom(const v1::VolumeGroup& group) {
  GroupView view;
  for (const v1::Volume& volume : group.volumes()) {
    DROVER_RETURN_IF_ERROR(CheckVolumeId(volume.id()));
    DROVER_RETURN_IF_ERROR(CheckMountpoint(volume.mountpoint()));
    view.record.volumes.push_back({.id = volume.id(),
                                   .dataset_id = volume.dataset_id(),
                                   .mountpoint = volume.mountpoint(),
                                   .maximum_size_bytes = volume.maximum_size_bytes(),
                                   .detached = volume.detached(),
                                   .fresh = volume.fresh()});
    GroupView::Contents contents{.size_bytes = volume.size_bytes()};
    for (const v1::Snapshot& one : volume.snapshots()) {
      contents.snapshots.push_back(
          {.ref = {.name = one.name(), .identity = one.identity()}, .create_time = {}});
    }
    view.contents.push_back(std::move(contents));
  }
  return view;
}

}  // namespace drover::volume
