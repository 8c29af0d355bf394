// How other services call the volume service of a node.
#ifndef DROVER_SERVICES_VOLUME_CLIENT_VOLUME_CLIENT_H_
#define DROVER_SERVICES_VOLUME_CLIENT_VOLUME_CLIENT_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "drover/volume/v1/volume_service.pb.h"
#include "services/common/async/task.h"

namespace drover::volume {

// One method per call of VolumeService; its .proto says what each does and answers. Every call has
// a deadline; a stream's `on_message` runs on the calling coroutine's executor. Not thread-safe.
class VolumeClient {
 public:
  virtual ~VolumeClient() = default;

  virtual Task<absl::StatusOr<volume::v1::GetPoolResponse>> GetPool(
      volume::v1::GetPoolRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<volume::v1::ListGroupsResponse>> ListGroups(
      volume::v1::ListGroupsRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<volume::v1::GetGroupResponse>> GetGroup(
      volume::v1::GetGroupRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<volume::v1::CreateGroupResponse>> CreateGroup(
      volume::v1::CreateGroupRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<volume::v1::DeleteGroupResponse>> DeleteGroup(
      volume::v1::DeleteGroupRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<volume::v1::ResizeVolumeResponse>> ResizeVolume(
      volume::v1::ResizeVolumeRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<volume::v1::CreateSnapshotResponse>> CreateSnapshot(
      volume::v1::CreateSnapshotRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<volume::v1::SetAttachedVolumesResponse>> SetAttachedVolumes(
      volume::v1::SetAttachedVolumesRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<volume::v1::DeleteVolumeResponse>> DeleteVolume(
      volume::v1::DeleteVolumeRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<volume::v1::RollBackVolumeResponse>> RollBackVolume(
      volume::v1::RollBackVolumeRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<volume::v1::CloneGroupResponse>> CloneGroup(
      volume::v1::CloneGroupRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<volume::v1::DeleteSnapshotResponse>> DeleteSnapshot(
      volume::v1::DeleteSnapshotRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<volume::v1::LockGroupResponse>> LockGroup(
      volume::v1::LockGroupRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<volume::v1::ReserveGroupResponse>> ReserveGroup(
      volume::v1::ReserveGroupRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::Status> PushRound(
      volume::v1::PushRoundRequest request, absl::Duration timeout,
      std::function<void(const volume::v1::PushRoundResponse&)> on_message) = 0;
  virtual Task<absl::StatusOr<volume::v1::SealResponse>> Seal(volume::v1::SealRequest request,
                                                              absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<volume::v1::PrepareResponse>> Prepare(
      volume::v1::PrepareRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<volume::v1::ActivateResponse>> Activate(
      volume::v1::ActivateRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<volume::v1::RetireGroupResponse>> RetireGroup(
      volume::v1::RetireGroupRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<volume::v1::FinishMigrationResponse>> FinishMigration(
      volume::v1::FinishMigrationRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<volume::v1::AbortMigrationResponse>> AbortMigration(
      volume::v1::AbortMigrationRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<volume::v1::ClaimGroupResponse>> ClaimGroup(
      volume::v1::ClaimGroupRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<volume::v1::DivergeGroupResponse>> DivergeGroup(
      volume::v1::DivergeGroupRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<volume::v1::ConfirmOwnershipResponse>> ConfirmOwnership(
      volume::v1::ConfirmOwnershipRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<volume::v1::AttachSlotsResponse>> AttachSlots(
      volume::v1::AttachSlotsRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<volume::v1::AwaitGateResponse>> AwaitGate(
      volume::v1::AwaitGateRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<volume::v1::OpenGateResponse>> OpenGate(
      volume::v1::OpenGateRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<volume::v1::ReleaseSlotsResponse>> ReleaseSlots(
      volume::v1::ReleaseSlotsRequest request, absl::Duration timeout) = 0;
  // Sends what `next_tar_part` gives (at most 256 KiB each, empty = end) as the content of a new
  // volume.
  virtual Task<absl::StatusOr<volume::v1::SeedVolumeResponse>> SeedVolume(
      std::string application, std::string volume_id,
      std::function<Task<absl::StatusOr<std::string>>()> next_tar_part, absl::Duration timeout) = 0;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_CLIENT_VOLUME_CLIENT_H_
