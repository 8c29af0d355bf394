// VolumeService: thin handlers over the driver.
#ifndef DROVER_SERVICES_VOLUME_SERVICE_VOLUME_SERVICE_H_
#define DROVER_SERVICES_VOLUME_SERVICE_VOLUME_SERVICE_H_

#include <string>

#include "drover/volume/v1/volume_service.grpc.pb.h"
#include "services/common/async/server_call.h"
#include "services/common/fence/epoch_guard.h"
#include "services/volume/driver/app_starts.h"
#include "services/volume/driver/group_manager.h"
#include "services/volume/driver/push_rounds.h"
#include "services/volume/driver/sealer.h"
#include "services/volume/driver/seeder.h"
#include "services/volume/driver/serving_guard.h"
#include "services/volume/driver/volume_history.h"

namespace drover::volume {

// gRPC calls it from its own threads; every handler's coroutine runs on the io thread.
class VolumeServiceImpl : public v1::VolumeService::CallbackService {
 public:
  struct Deps {
    CallScope& calls;
    NodeName node;
    std::string backend;
    EpochGuard& epochs;
    ServingGuard& guard;
    GroupManager& groups;
    VolumeHistory& history;
    AppStarts& starts;
    PushRounds& pushes;
    Sealer& sealer;
    Seeder& seeder;
  };
  explicit VolumeServiceImpl(Deps deps) : deps_(std::move(deps)) {}

  using Context = grpc::CallbackServerContext;

  grpc::ServerUnaryReactor* GetPool(Context* context, const v1::GetPoolRequest* request,
                                    v1::GetPoolResponse* response) override;
  grpc::ServerUnaryReactor* ListGroups(Context* context, const v1::ListGroupsRequest* request,
                                       v1::ListGroupsResponse* response) override;
  grpc::ServerUnaryReactor* GetGroup(Context* context, const v1::GetGroupRequest* request,
                                     v1::GetGroupResponse* response) override;
  grpc::ServerUnaryReactor* CreateGroup(Context* context, const v1::CreateGroupRequest* request,
                                        v1::CreateGroupResponse* response) override;
  grpc::ServerUnaryReactor* DeleteGroup(Context* context, const v1::DeleteGroupRequest* request,
                                        v1::DeleteGroupResponse* response) override;
  grpc::ServerUnaryReactor* ResizeVolume(Context* context, const v1::ResizeVolumeRequest* request,
                                         v1::ResizeVolumeResponse* response) override;
  grpc::ServerUnaryReactor* SetAttachedVolumes(Context* context,
                                               const v1::SetAttachedVolumesRequest* request,
                                               v1::SetAttachedVolumesResponse* response) override;
  grpc::ServerUnaryReactor* DeleteVolume(Context* context, const v1::DeleteVolumeRequest* request,
                                         v1::DeleteVolumeResponse* response) override;
  grpc::ServerUnaryReactor* RollBackVolume(Context* context,
                                           const v1::RollBackVolumeRequest* request,
                                           v1::RollBackVolumeResponse* response) override;
  grpc::ServerUnaryReactor* CloneGroup(Context* context, const v1::CloneGroupRequest* request,
                                       v1::CloneGroupResponse* response) override;
  grpc::ServerUnaryReactor* CreateSnapshot(Context* context,
                                           const v1::CreateSnapshotRequest* request,
                                           v1::CreateSnapshotResponse* response) override;
  grpc::ServerUnaryReactor* DeleteSnapshot(Context* context,
                                           const v1::DeleteSnapshotRequest* request,
                                           v1::DeleteSnapshotResponse* response) override;
  grpc::ServerUnaryReactor* LockGroup(Context* context, const v1::LockGroupRequest* request,
                                      v1::LockGroupResponse* response) override;
  grpc::ServerUnaryReactor* ReserveGroup(Context* context, const v1::ReserveGroupRequest* request,
                                         v1::ReserveGroupResponse* response) override;
  grpc::ServerWriteReactor<v1::PushRoundResponse>* PushRound(
      Context* context, const v1::PushRoundRequest* request) override;
  grpc::ServerUnaryReactor* Seal(Context* context, const v1::SealRequest* request,
                                 v1::SealResponse* response) override;
  grpc::ServerUnaryReactor* Prepare(Context* context, const v1::PrepareRequest* request,
                                    v1::PrepareResponse* response) override;
  grpc::ServerUnaryReactor* Activate(Context* context, const v1::ActivateRequest* request,
                                     v1::ActivateResponse* response) override;
  grpc::ServerUnaryReactor* RetireGroup(Context* context, const v1::RetireGroupRequest* request,
                                        v1::RetireGroupResponse* response) override;
  grpc::ServerUnaryReactor* FinishMigration(Context* context,
                                            const v1::FinishMigrationRequest* request,
                                            v1::FinishMigrationResponse* response) override;
  grpc::ServerUnaryReactor* AbortMigration(Context* context,
                                           const v1::AbortMigrationRequest* request,
                                           v1::AbortMigrationResponse* response) override;
  grpc::ServerUnaryReactor* ClaimGroup(Context* context, const v1::ClaimGroupRequest* request,
                                       v1::ClaimGroupResponse* response) override;
  grpc::ServerUnaryReactor* DivergeGroup(Context* context, const v1::DivergeGroupRequest* request,
                                         v1::DivergeGroupResponse* response) override;
  grpc::ServerUnaryReactor* ConfirmOwnership(Context* context,
                                             const v1::ConfirmOwnershipRequest* request,
                                             v1::ConfirmOwnershipResponse* response) override;
  grpc::ServerUnaryReactor* AttachSlots(Context* context, const v1::AttachSlotsRequest* request,
                                        v1::AttachSlotsResponse* response) override;
  grpc::ServerReadReactor<v1::SeedVolumeRequest>* SeedVolume(
      Context* context, v1::SeedVolumeResponse* response) override;
  grpc::ServerUnaryReactor* AwaitGate(Context* context, const v1::AwaitGateRequest* request,
                                      v1::AwaitGateResponse* response) override;
  grpc::ServerUnaryReactor* OpenGate(Context* context, const v1::OpenGateRequest* request,
                                     v1::OpenGateResponse* response) override;
  grpc::ServerUnaryReactor* ReleaseSlots(Context* context, const v1::ReleaseSlotsRequest* request,
                                         v1::ReleaseSlotsResponse* response) override;

 private:
  // Of what every participant call carries: the fence is current, the fields are within limits.
  struct Participant {
    ApplicationName application;
    drover::volume::MigrationKey key;
  };
  absl::StatusOr<Participant> Admit(const v1::MigrationKey& key);
  // For the calls that change state without a migration.
  absl::StatusOr<ApplicationName> Admit(const common::v1::Fence& fence,
                                        const std::string& application);

  // One handler per call; the proto says what it does.
  Task<absl::StatusOr<v1::CreateGroupResponse>> DoCreateGroup(v1::CreateGroupRequest request);
  Task<absl::StatusOr<v1::DeleteGroupResponse>> DoDeleteGroup(v1::DeleteGroupRequest request);
  Task<absl::StatusOr<v1::ResizeVolumeResponse>> DoResizeVolume(v1::ResizeVolumeRequest request);
  Task<absl::StatusOr<v1::SetAttachedVolumesResponse>> DoSetAttachedVolumes(
      v1::SetAttachedVolumesRequest request);
  Task<absl::StatusOr<v1::DeleteVolumeResponse>> DoDeleteVolume(v1::DeleteVolumeRequest request);
  Task<absl::StatusOr<v1::RollBackVolumeResponse>> DoRollBackVolume(
      v1::RollBackVolumeRequest request);
  Task<absl::StatusOr<v1::CloneGroupResponse>> DoCloneGroup(v1::CloneGroupRequest request);
  Task<absl::StatusOr<v1::CreateSnapshotResponse>> DoCreateSnapshot(
      v1::CreateSnapshotRequest request);
  Task<absl::StatusOr<v1::DeleteSnapshotResponse>> DoDeleteSnapshot(
      v1::DeleteSnapshotRequest request);
  Task<absl::StatusOr<v1::LockGroupResponse>> DoLockGroup(v1::LockGroupRequest request);
  Task<absl::StatusOr<v1::ReserveGroupResponse>> DoReserveGroup(v1::ReserveGroupRequest request);
  Task<absl::Status> DoPushRound(v1::PushRoundRequest request,
                                 ResponseWriter<v1::PushRoundResponse>& writer);
  Task<absl::StatusOr<v1::SealResponse>> DoSeal(v1::SealRequest request);
  Task<absl::StatusOr<v1::PrepareResponse>> DoPrepare(v1::PrepareRequest request);
  Task<absl::StatusOr<v1::ActivateResponse>> DoActivate(v1::ActivateRequest request);
  Task<absl::StatusOr<v1::RetireGroupResponse>> DoRetireGroup(v1::RetireGroupRequest request);
  Task<absl::StatusOr<v1::FinishMigrationResponse>> DoFinishMigration(
      v1::FinishMigrationRequest request);
  Task<absl::StatusOr<v1::AbortMigrationResponse>> DoAbortMigration(
      v1::AbortMigrationRequest request);
  Task<absl::StatusOr<v1::ClaimGroupResponse>> DoClaimGroup(v1::ClaimGroupRequest request);
  Task<absl::StatusOr<v1::DivergeGroupResponse>> DoDivergeGroup(v1::DivergeGroupRequest request);
  Task<absl::StatusOr<v1::ConfirmOwnershipResponse>> DoConfirmOwnership(
      v1::ConfirmOwnershipRequest request);
  Task<absl::StatusOr<v1::AttachSlotsResponse>> DoAttachSlots(v1::AttachSlotsRequest request);
  Task<absl::StatusOr<v1::SeedVolumeResponse>> DoSeedVolume(
      RequestReader<v1::SeedVolumeRequest>& reader);
  Task<absl::StatusOr<v1::AwaitGateResponse>> DoAwaitGate(v1::AwaitGateRequest request);
  Task<absl::StatusOr<v1::OpenGateResponse>> DoOpenGate(v1::OpenGateRequest request);
  Task<absl::StatusOr<v1::ReleaseSlotsResponse>> DoReleaseSlots(v1::ReleaseSlotsRequest request);

  const Deps deps_;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_SERVICE_VOLUME_SERVICE_H_
