// VolumeClient over gRPC.
#ifndef DROVER_SERVICES_VOLUME_CLIENT_GRPC_VOLUME_CLIENT_H_
#define DROVER_SERVICES_VOLUME_CLIENT_GRPC_VOLUME_CLIENT_H_

#include <grpcpp/channel.h>

#include <functional>
#include <memory>
#include <string>

#include "drover/volume/v1/volume_service.grpc.pb.h"
#include "services/volume/client/volume_client.h"

namespace drover::volume {

class GrpcVolumeClient : public VolumeClient {
 public:
  explicit GrpcVolumeClient(std::shared_ptr<grpc::Channel> channel);

  Task<absl::StatusOr<volume::v1::GetPoolResponse>> GetPool(volume::v1::GetPoolRequest request,
                                                            absl::Duration timeout) override;
  Task<absl::StatusOr<volume::v1::ListGroupsResponse>> ListGroups(
      volume::v1::ListGroupsRequest request, absl::Duration timeout) override;
  Task<absl::StatusOr<volume::v1::GetGroupResponse>> GetGroup(volume::v1::GetGroupRequest request,
                                                              absl::Duration timeout) override;
  Task<absl::StatusOr<volume::v1::CreateGroupResponse>> CreateGroup(
      volume::v1::CreateGroupRequest request, absl::Duration timeout) override;
  Task<absl::StatusOr<volume::v1::DeleteGroupResponse>> DeleteGroup(
      volume::v1::DeleteGroupRequest request, absl::Duration timeout) override;
  Task<absl::StatusOr<volume::v1::ResizeVolumeResponse>> ResizeVolume(
      volume::v1::ResizeVolumeRequest request, absl::Duration timeout) override;
  Task<absl::StatusOr<volume::v1::CreateSnapshotResponse>> CreateSnapshot(
      volume::v1::CreateSnapshotRequest request, absl::Duration timeout) override;
  Task<absl::StatusOr<volume::v1::SetAttachedVolumesResponse>> SetAttachedVolumes(
      volume::v1::SetAttachedVolumesRequest request, absl::Duration timeout) override;
  Task<absl::StatusOr<volume::v1::DeleteVolumeResponse>> DeleteVolume(
      volume::v1::DeleteVolumeRequest request, absl::Duration timeout) override;
  Task<absl::StatusOr<volume::v1::RollBackVolumeResponse>> RollBackVolume(
      volume::v1::RollBackVolumeRequest request, absl::Duration timeout) override;
  Task<absl::StatusOr<volume::v1::CloneGroupResponse>> CloneGroup(
      volume::v1::CloneGroupRequest request, absl::Duration timeout) override;
  Task<absl::StatusOr<volume::v1::DeleteSnapshotResponse>> DeleteSnapshot(
      volume::v1::DeleteSnapshotRequest request, absl::Duration timeout) override;
  Task<absl::StatusOr<volume::v1::LockGroupResponse>> LockGroup(
      volume::v1::LockGroupRequest request, absl::Duration timeout) override;
  Task<absl::StatusOr<volume::v1::ReserveGroupResponse>> ReserveGroup(
      volume::v1::ReserveGroupRequest request, absl::Duration timeout) override;
  Task<absl::Status> PushRound(
      volume::v1::PushRoundRequest request, absl::Duration timeout,
      std::function<void(const volume::v1::PushRoundResponse&)> on_message) override;
  Task<absl::StatusOr<volume::v1::SealResponse>> Seal(volume::v1::SealRequest request,
                                                      absl::Duration timeout) override;
  Task<absl::StatusOr<volume::v1::PrepareResponse>> Prepare(volume::v1::PrepareRequest request,
                                                            absl::Duration timeout) override;
  Task<absl::StatusOr<volume::v1::ActivateResponse>> Activate(volume::v1::ActivateRequest request,
                                                              absl::Duration timeout) override;
  Task<absl::StatusOr<volume::v1::RetireGroupResponse>> RetireGroup(
      volume::v1::RetireGroupRequest request, absl::Duration timeout) override;
  Task<absl::StatusOr<volume::v1::FinishMigrationResponse>> FinishMigration(
      volume::v1::FinishMigrationRequest request, absl::Duration timeout) override;
  Task<absl::StatusOr<volume::v1::AbortMigrationResponse>> AbortMigration(
      volume::v1::AbortMigrationRequest request, absl::Duration timeout) override;
  Task<absl::StatusOr<volume::v1::ClaimGroupResponse>> ClaimGroup(
      volume::v1::ClaimGroupRequest request, absl::Duration timeout) override;
  Task<absl::StatusOr<volume::v1::DivergeGroupResponse>> DivergeGroup(
      volume::v1::DivergeGroupRequest request, absl::Duration timeout) override;
  Task<absl::StatusOr<volume::v1::ConfirmOwnershipResponse>> ConfirmOwnership(
      volume::v1::ConfirmOwnershipRequest request, absl::Duration timeout) override;
  Task<absl::StatusOr<volume::v1::AttachSlotsResponse>> AttachSlots(
      volume::v1::AttachSlotsRequest request, absl::Duration timeout) override;
  Task<absl::StatusOr<volume::v1::AwaitGateResponse>> AwaitGate(
      volume::v1::AwaitGateRequest request, absl::Duration timeout) override;
  Task<absl::StatusOr<volume::v1::OpenGateResponse>> OpenGate(volume::v1::OpenGateRequest request,
                                                              absl::Duration timeout) override;
  Task<absl::StatusOr<volume::v1::ReleaseSlotsResponse>> ReleaseSlots(
      volume::v1::ReleaseSlotsRequest request, absl::Duration timeout) override;
  Task<absl::StatusOr<volume::v1::SeedVolumeResponse>> SeedVolume(
      std::string application, std::string volume_id,
      std::function<Task<absl::StatusOr<std::string>>()> next_tar_part,
      absl::Duration timeout) override;

 private:
  using Async = class volume::v1::VolumeService::Stub::async;

  // Shared with the calls under way, so that no callback ever drops the last reference to the
  // channel.
  std::shared_ptr<volume::v1::VolumeService::Stub> stub_;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_CLIENT_GRPC_VOLUME_CLIENT_H_
