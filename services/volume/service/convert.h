// Between what is on the wire and what the domain speaks of.
#ifndef DROVER_SERVICES_VOLUME_SERVICE_CONVERT_H_
#define DROVER_SERVICES_VOLUME_SERVICE_CONVERT_H_

#include <google/protobuf/repeated_ptr_field.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "drover/common/v1/application.pb.h"
#include "drover/volume/v1/volume.pb.h"
#include "drover/volume/v1/volume_service.pb.h"
#include "google/protobuf/duration.pb.h"
#include "services/volume/driver/group_manager.h"
#include "services/volume/driver/start_table.h"

namespace drover::volume {

v1::Pool ToProto(const NodeName& node, const std::string& backend, const PoolInfo& pool);
v1::Snapshot ToProto(const SnapshotRef& snapshot);
v1::Snapshot ToProto(const StoredSnapshot& snapshot);
v1::VolumeGroup ToProto(const NodeName& node, const GroupView& view);
v1::Slot ToProto(const Slot& slot);

// INVALID_ARGUMENT naming the field, each.
absl::StatusOr<ApplicationName> ApplicationFrom(const std::string& name);
absl::StatusOr<Generation> GenerationFrom(int64_t generation);
absl::StatusOr<drover::volume::MigrationKey> KeyFrom(const v1::MigrationKey& key);
absl::StatusOr<StartId> StartIdFrom(const std::string& start_id);
absl::StatusOr<ContainerId> ContainerIdFrom(const std::string& container_id);
absl::StatusOr<std::vector<VolumeRecord>> VolumesFrom(
    const google::protobuf::RepeatedPtrField<common::v1::VolumeSpec>& specs);
std::vector<Slot> SlotsFrom(const std::vector<VolumeRecord>& volumes);
absl::StatusOr<SnapshotRef> SnapshotFrom(const v1::Snapshot& snapshot);
// A source's group as a destination is told of it.
absl::StatusOr<GroupView> GroupFrom(const v1::VolumeGroup& group);

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_SERVICE_CONVERT_H_
