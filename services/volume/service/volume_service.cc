#include "services/volume/service/volume_service.h"

#include <optional>
#include <utility>

#include "services/common/ids/random_id.h"
#include "services/common/status/status_macros.h"
#include "services/common/time/proto_time.h"
#include "services/volume/domain/names.h"
#include "services/volume/service/convert.h"

namespace drover::volume {
namespace {

// As VolumesFrom, with dataset ids for those that bring none.
absl::StatusOr<std::vector<VolumeRecord>> NewVolumesFrom(
    const google::protobuf::RepeatedPtrField<common::v1::VolumeSpec>& specs) {
  DROVER_ASSIGN_OR_RETURN(std::vector<VolumeRecord> volumes, VolumesFrom(specs));
  for (VolumeRecord& volume : volumes) {
    if (volume.dataset_id.empty()) volume.dataset_id = RandomUuid();
  }
  return volumes;
}

}  // namespace

absl::StatusOr<VolumeServiceImpl::Participant> VolumeServiceImpl::Admit(
    const v1::MigrationKey& key) {
  DROVER_ASSIGN_OR_RETURN(ApplicationName application, Admit(key.fence(), key.application()));
  DROVER_ASSIGN_OR_RETURN(drover::volume::MigrationKey migration, KeyFrom(key));
  return Participant{std::move(application), std::move(migration)};
}

absl::StatusOr<ApplicationName> VolumeServiceImpl::Admit(const common::v1::Fence& fence,
                                                         const std::string& application) {
  DROVER_RETURN_IF_ERROR(deps_.epochs.Check(fence));
  return ApplicationFrom(application);
}

grpc::ServerUnaryReactor* VolumeServiceImpl::GetPool(Context* context,
                                                     const v1::GetPoolRequest* request,
                                                     v1::GetPoolResponse* response) {
  auto handler = [this](Caller caller,
                        v1::GetPoolRequest r) -> Task<absl::StatusOr<v1::GetPoolResponse>> {
    DROVER_CO_ASSIGN_OR_RETURN(PoolInfo pool, co_await deps_.groups.Pool());
    v1::GetPoolResponse answer;
    *answer.mutable_pool() = ToProto(deps_.node, deps_.backend, pool);
    *answer.mutable_obeyed() = deps_.epochs.Obeyed();
    co_return answer;
  };
  return ServeUnary(deps_.calls, context, request, response, std::move(handler));
}

grpc::ServerUnaryReactor* VolumeServiceImpl::ListGroups(Context* context,
                                                        const v1::ListGroupsRequest* request,
                                                        v1::ListGroupsResponse* response) {
  auto handler = [this](Caller caller,
                        v1::ListGroupsRequest r) -> Task<absl::StatusOr<v1::ListGroupsResponse>> {
    const auto contents = r.records_only() ? Contents::kLeaveOut : Contents::kLookUp;
    DROVER_CO_ASSIGN_OR_RETURN(std::vector<GroupView> groups, co_await deps_.groups.List(contents));
    v1::ListGroupsResponse answer;
    for (const GroupView& group : groups) *answer.add_groups() = ToProto(deps_.node, group);
    co_return answer;
  };
  return ServeUnary(deps_.calls, context, request, response, std::move(handler));
}

grpc::ServerUnaryReactor* VolumeServiceImpl::GetGroup(Context* context,
                                                      const v1::GetGroupRequest* request,
                                                      v1::GetGroupResponse* response) {
  auto handler = [this](Caller caller,
                        v1::GetGroupRequest r) -> Task<absl::StatusOr<v1::GetGroupResponse>> {
    DROVER_CO_ASSIGN_OR_RETURN(ApplicationName application, ApplicationFrom(r.application()));
    DROVER_CO_ASSIGN_OR_RETURN(GroupView group, co_await deps_.groups.Get(application));
    v1::GetGroupResponse answer;
    *answer.mutable_group() = ToProto(deps_.node, group);
    co_return answer;
  };
  return ServeUnary(deps_.calls, context, request, response, std::move(handler));
}

grpc::ServerUnaryReactor* VolumeServiceImpl::CreateGroup(Context* context,
                                                         const v1::CreateGroupRequest* request,
                                                         v1::CreateGroupResponse* response) {
  auto handler = [this](Caller caller, v1::CreateGroupRequest r) {
    return DoCreateGroup(std::move(r));
  };
  return ServeUnary(deps_.calls, context, request, response, std::move(handler));
}

grpc::ServerUnaryReactor* VolumeServiceImpl::DeleteGroup(Context* context,
                                                         const v1::DeleteGroupRequest* request,
                                                         v1::DeleteGroupResponse* response) {
  auto handler = [this](Caller caller, v1::DeleteGroupRequest r) {
    return DoDeleteGroup(std::move(r));
  };
  return ServeUnary(deps_.calls, context, request, response, std::move(handler));
}

grpc::ServerUnaryReactor* VolumeServiceImpl::ResizeVolume(Context* context,
                                                          const v1::ResizeVolumeRequest* request,
                                                          v1::ResizeVolumeResponse* response) {
  auto handler = [this](Caller caller, v1::ResizeVolumeRequest r) {
    return DoResizeVolume(std::move(r));
  };
  return ServeUnary(deps_.calls, context, request, response, std::move(handler));
}

grpc::ServerUnaryReactor* VolumeServiceImpl::SetAttachedVolumes(
    Context* context, const v1::SetAttachedVolumesRequest* request,
    v1::SetAttachedVolumesResponse* response) {
  auto handler = [this](Caller caller, v1::SetAttachedVolumesRequest r) {
    return DoSetAttachedVolumes(std::move(r));
  };
  return ServeUnary(deps_.calls, context, request, response, std::move(handler));
}

grpc::ServerUnaryReactor* VolumeServiceImpl::DeleteVolume(Context* context,
                                                          const v1::DeleteVolumeRequest* request,
                                                          v1::DeleteVolumeResponse* response) {
  auto handler = [this](Caller caller, v1::DeleteVolumeRequest r) {
    return DoDeleteVolume(std::move(r));
  };
  return ServeUnary(deps_.calls, context, request, response, std::move(handler));
}

grpc::ServerUnaryReactor* VolumeServiceImpl::RollBackVolume(
    Context* context, const v1::RollBackVolumeRequest* request,
    v1::RollBackVolumeResponse* response) {
  auto handler = [this](Caller caller, v1::RollBackVolumeRequest r) {
    return DoRollBackVolume(std::move(r));
  };
  return ServeUnary(deps_.calls, context, request, response, std::move(handler));
}

grpc::ServerUnaryReactor* VolumeServiceImpl::CloneGroup(Context* context,
                                                        const v1::CloneGroupRequest* request,
                                                        v1::CloneGroupResponse* response) {
  auto handler = [this](Caller caller, v1::CloneGroupRequest r) {
    return DoCloneGroup(std::move(r));
  };
  return ServeUnary(deps_.calls, context, request, response, std::move(handler));
}

grpc::ServerUnaryReactor* VolumeServiceImpl::CreateSnapshot(
    Context* context, const v1::CreateSnapshotRequest* request,
    v1::CreateSnapshotResponse* response) {
  auto handler = [this](Caller caller, v1::CreateSnapshotRequest r) {
    return DoCreateSnapshot(std::move(r));
  };
  return ServeUnary(deps_.calls, context, request, response, std::move(handler));
}

grpc::ServerUnaryReactor* VolumeServiceImpl::DeleteSnapshot(
    Context* context, const v1::DeleteSnapshotRequest* request,
    v1::DeleteSnapshotResponse* response) {
  auto handler = [this](Caller caller, v1::DeleteSnapshotRequest r) {
    return DoDeleteSnapshot(std::move(r));
  };
  return ServeUnary(deps_.calls, context, request, response, std::move(handler));
}

grpc::ServerUnaryReactor* VolumeServiceImpl::LockGroup(Context* context,
                                                       const v1::LockGroupRequest* request,
                                                       v1::LockGroupResponse* response) {
  auto handler = [this](Caller caller, v1::LockGroupRequest r) {
    return DoLockGroup(std::move(r));
  };
  return ServeUnary(deps_.calls, context, request, response, std::move(handler));
}

grpc::ServerUnaryReactor* VolumeServiceImpl::ReserveGroup(Context* context,
                                                          const v1::ReserveGroupRequest* request,
                                                          v1::ReserveGroupResponse* response) {
  auto handler = [this](Caller caller, v1::ReserveGroupRequest r) {
    return DoReserveGroup(std::move(r));
  };
  return ServeUnary(deps_.calls, context, request, response, std::move(handler));
}

grpc::ServerUnaryReactor* VolumeServiceImpl::Seal(Context* context, const v1::SealRequest* request,
                                                  v1::SealResponse* response) {
  auto handler = [this](Caller caller, v1::SealRequest r) { return DoSeal(std::move(r)); };
  return ServeUnary(deps_.calls, context, request, response, std::move(handler));
}

grpc::ServerUnaryReactor* VolumeServiceImpl::Prepare(Context* context,
                                                     const v1::PrepareRequest* request,
                                                     v1::PrepareResponse* response) {
  auto handler = [this](Caller caller, v1::PrepareRequest r) { return DoPrepare(std::move(r)); };
  return ServeUnary(deps_.calls, context, request, response, std::move(handler));
}

grpc::ServerUnaryReactor* VolumeServiceImpl::Activate(Context* context,
                                                      const v1::ActivateRequest* request,
                                                      v1::ActivateResponse* response) {
  auto handler = [this](Caller caller, v1::ActivateRequest r) { return DoActivate(std::move(r)); };
  return ServeUnary(deps_.calls, context, request, response, std::move(handler));
}

grpc::ServerUnaryReactor* VolumeServiceImpl::RetireGroup(Context* context,
                                                         const v1::RetireGroupRequest* request,
                                                         v1::RetireGroupResponse* response) {
  auto handler = [this](Caller caller, v1::RetireGroupRequest r) {
    return DoRetireGroup(std::move(r));
  };
  return ServeUnary(deps_.calls, context, request, response, std::move(handler));
}

grpc::ServerUnaryReactor* VolumeServiceImpl::FinishMigration(
    Context* context, const v1::FinishMigrationRequest* request,
    v1::FinishMigrationResponse* response) {
  auto handler = [this](Caller caller, v1::FinishMigrationRequest r) {
    return DoFinishMigration(std::move(r));
  };
  return ServeUnary(deps_.calls, context, request, response, std::move(handler));
}

grpc::ServerUnaryReactor* VolumeServiceImpl::AbortMigration(
    Context* context, const v1::AbortMigrationRequest* request,
    v1::AbortMigrationResponse* response) {
  auto handler = [this](Caller caller, v1::AbortMigrationRequest r) {
    return DoAbortMigration(std::move(r));
  };
  return ServeUnary(deps_.calls, context, request, response, std::move(handler));
}

grpc::ServerUnaryReactor* VolumeServiceImpl::ClaimGroup(Context* context,
                                                        const v1::ClaimGroupRequest* request,
                                                        v1::ClaimGroupResponse* response) {
  auto handler = [this](Caller caller, v1::ClaimGroupRequest r) {
    return DoClaimGroup(std::move(r));
  };
  return ServeUnary(deps_.calls, context, request, response, std::move(handler));
}

grpc::ServerUnaryReactor* VolumeServiceImpl::DivergeGroup(Context* context,
                                                          const v1::DivergeGroupRequest* request,
                                                          v1::DivergeGroupResponse* response) {
  auto handler = [this](Caller caller, v1::DivergeGroupRequest r) {
    return DoDivergeGroup(std::move(r));
  };
  return ServeUnary(deps_.calls, context, request, response, std::move(handler));
}

grpc::ServerUnaryReactor* VolumeServiceImpl::ConfirmOwnership(
    Context* context, const v1::ConfirmOwnershipRequest* request,
    v1::ConfirmOwnershipResponse* response) {
  auto handler = [this](Caller caller, v1::ConfirmOwnershipRequest r) {
    return DoConfirmOwnership(std::move(r));
  };
  return ServeUnary(deps_.calls, context, request, response, std::move(handler));
}

grpc::ServerUnaryReactor* VolumeServiceImpl::AttachSlots(Context* context,
                                                         const v1::AttachSlotsRequest* request,
                                                         v1::AttachSlotsResponse* response) {
  auto handler = [this](Caller caller, v1::AttachSlotsRequest r) {
    return DoAttachSlots(std::move(r));
  };
  return ServeUnary(deps_.calls, context, request, response, std::move(handler));
}

grpc::ServerUnaryReactor* VolumeServiceImpl::AwaitGate(Context* context,
                                                       const v1::AwaitGateRequest* request,
                                                       v1::AwaitGateResponse* response) {
  auto handler = [this](Caller caller, v1::AwaitGateRequest r) {
    return DoAwaitGate(std::move(r));
  };
  return ServeUnary(deps_.calls, context, request, response, std::move(handler),
                    WhenCancelled::kStop);
}

grpc::ServerUnaryReactor* VolumeServiceImpl::OpenGate(Context* context,
                                                      const v1::OpenGateRequest* request,
                                                      v1::OpenGateResponse* response) {
  auto handler = [this](Caller caller, v1::OpenGateRequest r) { return DoOpenGate(std::move(r)); };
  return ServeUnary(deps_.calls, context, request, response, std::move(handler));
}

grpc::ServerUnaryReactor* VolumeServiceImpl::ReleaseSlots(Context* context,
                                                          const v1::ReleaseSlotsRequest* request,
                                                          v1::ReleaseSlotsResponse* response) {
  auto handler = [this](Caller caller, v1::ReleaseSlotsRequest r) {
    return DoReleaseSlots(std::move(r));
  };
  return ServeUnary(deps_.calls, context, request, response, std::move(handler));
}

grpc::ServerWriteReactor<v1::PushRoundResponse>* VolumeServiceImpl::PushRound(
    Context* context, const v1::PushRoundRequest* request) {
  auto handler = [this](Caller caller, v1::PushRoundRequest r,
                        ResponseWriter<v1::PushRoundResponse>& writer) {
    return DoPushRound(std::move(r), writer);
  };
  return ServeWrites<v1::PushRoundResponse>(deps_.calls, context, request, std::move(handler));
}

grpc::ServerReadReactor<v1::SeedVolumeRequest>* VolumeServiceImpl::SeedVolume(
    Context* context, v1::SeedVolumeResponse* response) {
  auto handler = [this](Caller caller, RequestReader<v1::SeedVolumeRequest>& reader) {
    return DoSeedVolume(reader);
  };
  return ServeReads<v1::SeedVolumeRequest>(deps_.calls, context, response, std::move(handler));
}

Task<absl::StatusOr<v1::CreateGroupResponse>> VolumeServiceImpl::DoCreateGroup(
    v1::CreateGroupRequest request) {
  DROVER_CO_ASSIGN_OR_RETURN(ApplicationName application,
                             Admit(request.fence(), request.application()));
  DROVER_CO_ASSIGN_OR_RETURN(Generation generation, GenerationFrom(request.generation()));
  DROVER_CO_ASSIGN_OR_RETURN(std::vector<VolumeRecord> volumes, NewVolumesFrom(request.volumes()));
  DROVER_CO_ASSIGN_OR_RETURN(
      GroupView group,
      co_await deps_.groups.Create(std::move(application), generation, std::move(volumes)));
  v1::CreateGroupResponse response;
  *response.mutable_group() = ToProto(deps_.node, group);
  co_return response;
}

Task<absl::StatusOr<v1::DeleteGroupResponse>> VolumeServiceImpl::DoDeleteGroup(
    v1::DeleteGroupRequest request) {
  DROVER_CO_ASSIGN_OR_RETURN(ApplicationName application,
                             Admit(request.fence(), request.application()));
  DROVER_CO_ASSIGN_OR_RETURN(Generation generation, GenerationFrom(request.generation()));
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.groups.Delete(std::move(application), generation));
  co_return v1::DeleteGroupResponse();
}

Task<absl::StatusOr<v1::ResizeVolumeResponse>> VolumeServiceImpl::DoResizeVolume(
    v1::ResizeVolumeRequest request) {
  DROVER_CO_ASSIGN_OR_RETURN(ApplicationName application,
                             Admit(request.fence(), request.application()));
  if (request.maximum_size_bytes() < 0) {
    co_return absl::InvalidArgumentError("maximum_size_bytes must not be negative");
  }
  DROVER_CO_ASSIGN_OR_RETURN(
      GroupView group, co_await deps_.groups.Resize(std::move(application), request.volume_id(),
                                                    request.maximum_size_bytes()));
  v1::ResizeVolumeResponse response;
  *response.mutable_group() = ToProto(deps_.node, group);
  co_return response;
}

Task<absl::StatusOr<v1::SetAttachedVolumesResponse>> VolumeServiceImpl::DoSetAttachedVolumes(
    v1::SetAttachedVolumesRequest request) {
  DROVER_CO_ASSIGN_OR_RETURN(ApplicationName application,
                             Admit(request.fence(), request.application()));
  DROVER_CO_ASSIGN_OR_RETURN(Generation generation, GenerationFrom(request.generation()));
  DROVER_CO_ASSIGN_OR_RETURN(std::vector<VolumeRecord> volumes, NewVolumesFrom(request.volumes()));
  DROVER_CO_ASSIGN_OR_RETURN(
      GroupView group,
      co_await deps_.groups.SetAttached(std::move(application), generation, std::move(volumes)));
  v1::SetAttachedVolumesResponse response;
  *response.mutable_group() = ToProto(deps_.node, group);
  co_return response;
}

Task<absl::StatusOr<v1::DeleteVolumeResponse>> VolumeServiceImpl::DoDeleteVolume(
    v1::DeleteVolumeRequest request) {
  DROVER_CO_ASSIGN_OR_RETURN(ApplicationName application,
                             Admit(request.fence(), request.application()));
  DROVER_CO_RETURN_IF_ERROR(CheckVolumeId(request.volume_id()));
  DROVER_CO_RETURN_IF_ERROR(
      co_await deps_.groups.DeleteVolume(std::move(application), request.volume_id()));
  co_return v1::DeleteVolumeResponse();
}

Task<absl::StatusOr<v1::RollBackVolumeResponse>> VolumeServiceImpl::DoRollBackVolume(
    v1::RollBackVolumeRequest request) {
  DROVER_CO_ASSIGN_OR_RETURN(ApplicationName application,
                             Admit(request.fence(), request.application()));
  DROVER_CO_RETURN_IF_ERROR(CheckPlainName("snapshot", request.snapshot()));
  DROVER_CO_RETURN_IF_ERROR(
      co_await deps_.history.RollBack(application, request.volume_id(), request.snapshot()));
  DROVER_CO_ASSIGN_OR_RETURN(GroupView group, co_await deps_.groups.Get(std::move(application)));
  v1::RollBackVolumeResponse response;
  *response.mutable_group() = ToProto(deps_.node, group);
  co_return response;
}

Task<absl::StatusOr<v1::CloneGroupResponse>> VolumeServiceImpl::DoCloneGroup(
    v1::CloneGroupRequest request) {
  DROVER_CO_ASSIGN_OR_RETURN(ApplicationName source, Admit(request.fence(), request.application()));
  DROVER_CO_ASSIGN_OR_RETURN(ApplicationName clone, ApplicationFrom(request.clone()));
  DROVER_CO_ASSIGN_OR_RETURN(Generation generation, GenerationFrom(request.generation()));
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.history.Clone(std::move(source), clone, generation));
  DROVER_CO_ASSIGN_OR_RETURN(GroupView group, co_await deps_.groups.Get(std::move(clone)));
  v1::CloneGroupResponse response;
  *response.mutable_group() = ToProto(deps_.node, group);
  co_return response;
}

Task<absl::StatusOr<v1::CreateSnapshotResponse>> VolumeServiceImpl::DoCreateSnapshot(
    v1::CreateSnapshotRequest request) {
  DROVER_CO_ASSIGN_OR_RETURN(ApplicationName application,
                             Admit(request.fence(), request.application()));
  DROVER_CO_RETURN_IF_ERROR(CheckUserSnapshotName(request.snapshot()));
  DROVER_CO_ASSIGN_OR_RETURN(StoredSnapshot snapshot,
                             co_await deps_.history.CreateSnapshot(
                                 std::move(application), request.volume_id(), request.snapshot()));
  v1::CreateSnapshotResponse response;
  *response.mutable_snapshot() = ToProto(snapshot);
  co_return response;
}

Task<absl::StatusOr<v1::DeleteSnapshotResponse>> VolumeServiceImpl::DoDeleteSnapshot(
    v1::DeleteSnapshotRequest request) {
  DROVER_CO_ASSIGN_OR_RETURN(ApplicationName application,
                             Admit(request.fence(), request.application()));
  DROVER_CO_RETURN_IF_ERROR(CheckPlainName("snapshot", request.snapshot()));
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.history.DeleteSnapshot(
      std::move(application), request.volume_id(), request.snapshot()));
  co_return v1::DeleteSnapshotResponse();
}

Task<absl::StatusOr<v1::LockGroupResponse>> VolumeServiceImpl::DoLockGroup(
    v1::LockGroupRequest request) {
  DROVER_CO_ASSIGN_OR_RETURN(Participant who, Admit(request.key()));
  DROVER_CO_ASSIGN_OR_RETURN(GroupView group, co_await deps_.groups.Lock(who.application, who.key));
  v1::LockGroupResponse response;
  *response.mutable_group() = ToProto(deps_.node, group);
  co_return response;
}

Task<absl::StatusOr<v1::ReserveGroupResponse>> VolumeServiceImpl::DoReserveGroup(
    v1::ReserveGroupRequest request) {
  DROVER_CO_ASSIGN_OR_RETURN(Participant who, Admit(request.key()));
  DROVER_CO_ASSIGN_OR_RETURN(GroupView source, GroupFrom(request.source()));
  DROVER_CO_ASSIGN_OR_RETURN(
      GroupView group, co_await deps_.groups.Reserve(who.application, who.key, std::move(source),
                                                     request.backend(), deps_.node));
  v1::ReserveGroupResponse response;
  *response.mutable_group() = ToProto(deps_.node, group);
  co_return response;
}

Task<absl::Status> VolumeServiceImpl::DoPushRound(v1::PushRoundRequest request,
                                                  ResponseWriter<v1::PushRoundResponse>& writer) {
  DROVER_CO_ASSIGN_OR_RETURN(Participant who, Admit(request.key()));
  if (request.round() < 0 || request.destination_address().empty()) {
    co_return absl::InvalidArgumentError("round and destination_address are needed");
  }
  PushOrder order{.application = who.application,
                  .key = who.key,
                  .round = request.round(),
                  .destination = NodeName(request.destination_node()),
                  .address = request.destination_address(),
                  .bytes_per_second = request.bandwidth_bytes_per_second()};
  PushProgress last;
  auto on_progress = [&writer, &last](PushProgress progress) -> Task<bool> {
    last = progress;
    v1::PushRoundResponse message;
    message.set_sent_bytes(progress.sent_bytes);
    message.set_total_bytes(progress.total_bytes);
    co_return co_await writer.Write(std::move(message));
  };
  DROVER_CO_ASSIGN_OR_RETURN(PushResult result,
                             co_await deps_.pushes.Run(std::move(order), on_progress));
  v1::PushRoundResponse message;
  message.set_sent_bytes(result.bytes);
  message.set_total_bytes(last.total_bytes);
  message.mutable_result()->set_bytes(result.bytes);
  *message.mutable_result()->mutable_duration() = ProtoOf(result.duration);
  message.mutable_result()->set_incremental(result.incremental);
  message.mutable_result()->set_resent_bytes(result.resent_bytes);
  for (const SnapshotRef& one : result.snapshots) {
    *message.mutable_result()->add_snapshots() = ToProto(one);
  }
  co_await writer.Write(std::move(message));
  co_return absl::OkStatus();
}

Task<absl::StatusOr<v1::SealResponse>> VolumeServiceImpl::DoSeal(v1::SealRequest request) {
  DROVER_CO_ASSIGN_OR_RETURN(Participant who, Admit(request.key()));
  DROVER_CO_ASSIGN_OR_RETURN(SealResult result,
                             co_await deps_.sealer.Seal(who.application, who.key));
  v1::SealResponse response;
  for (const SnapshotRef& one : result.snapshots) *response.add_snapshots() = ToProto(one);
  *response.mutable_stop_duration() = ProtoOf(result.stop_duration);
  *response.mutable_seal_duration() = ProtoOf(result.seal_duration);
  co_return response;
}

Task<absl::StatusOr<v1::PrepareResponse>> VolumeServiceImpl::DoPrepare(v1::PrepareRequest request) {
  DROVER_CO_ASSIGN_OR_RETURN(Participant who, Admit(request.key()));
  DROVER_CO_ASSIGN_OR_RETURN(StartId start, StartIdFrom(request.start_id()));
  std::vector<SnapshotRef> snapshots;
  for (const v1::Snapshot& one : request.snapshots()) {
    DROVER_CO_ASSIGN_OR_RETURN(SnapshotRef snapshot, SnapshotFrom(one));
    snapshots.push_back(std::move(snapshot));
  }
  DROVER_CO_RETURN_IF_ERROR(
      co_await deps_.groups.Prepare(who.application, who.key, std::move(snapshots), start));
  co_return v1::PrepareResponse();
}

Task<absl::StatusOr<v1::ActivateResponse>> VolumeServiceImpl::DoActivate(
    v1::ActivateRequest request) {
  DROVER_CO_ASSIGN_OR_RETURN(Participant who, Admit(request.key()));
  DROVER_CO_ASSIGN_OR_RETURN(StartId start, StartIdFrom(request.start_id()));
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.groups.Activate(who.application, who.key, start));
  co_return v1::ActivateResponse();
}

Task<absl::StatusOr<v1::RetireGroupResponse>> VolumeServiceImpl::DoRetireGroup(
    v1::RetireGroupRequest request) {
  DROVER_CO_ASSIGN_OR_RETURN(Participant who, Admit(request.key()));
  DROVER_CO_ASSIGN_OR_RETURN(GroupView group,
                             co_await deps_.groups.Retire(who.application, who.key));
  v1::RetireGroupResponse response;
  *response.mutable_group() = ToProto(deps_.node, group);
  co_return response;
}

Task<absl::StatusOr<v1::FinishMigrationResponse>> VolumeServiceImpl::DoFinishMigration(
    v1::FinishMigrationRequest request) {
  DROVER_CO_ASSIGN_OR_RETURN(Participant who, Admit(request.key()));
  DROVER_CO_ASSIGN_OR_RETURN(GroupView group,
                             co_await deps_.groups.Finish(who.application, who.key));
  v1::FinishMigrationResponse response;
  *response.mutable_group() = ToProto(deps_.node, group);
  co_return response;
}

Task<absl::StatusOr<v1::AbortMigrationResponse>> VolumeServiceImpl::DoAbortMigration(
    v1::AbortMigrationRequest request) {
  DROVER_CO_ASSIGN_OR_RETURN(Participant who, Admit(request.key()));
  DROVER_CO_ASSIGN_OR_RETURN(std::optional<GroupView> group,
                             co_await deps_.groups.Abort(who.application, who.key));
  v1::AbortMigrationResponse response;
  if (group.has_value()) *response.mutable_group() = ToProto(deps_.node, *group);
  co_return response;
}

Task<absl::StatusOr<v1::ClaimGroupResponse>> VolumeServiceImpl::DoClaimGroup(
    v1::ClaimGroupRequest request) {
  DROVER_CO_ASSIGN_OR_RETURN(ApplicationName application,
                             Admit(request.fence(), request.application()));
  DROVER_CO_ASSIGN_OR_RETURN(Generation generation, GenerationFrom(request.generation()));
  DROVER_CO_ASSIGN_OR_RETURN(GroupView group,
                             co_await deps_.groups.Claim(std::move(application), generation));
  v1::ClaimGroupResponse response;
  *response.mutable_group() = ToProto(deps_.node, group);
  co_return response;
}

Task<absl::StatusOr<v1::DivergeGroupResponse>> VolumeServiceImpl::DoDivergeGroup(
    v1::DivergeGroupRequest request) {
  DROVER_CO_ASSIGN_OR_RETURN(ApplicationName application,
                             Admit(request.fence(), request.application()));
  DROVER_CO_ASSIGN_OR_RETURN(Generation generation, GenerationFrom(request.generation()));
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.groups.Diverge(std::move(application), generation));
  co_return v1::DivergeGroupResponse();
}

Task<absl::StatusOr<v1::ConfirmOwnershipResponse>> VolumeServiceImpl::DoConfirmOwnership(
    v1::ConfirmOwnershipRequest request) {
  DROVER_CO_RETURN_IF_ERROR(deps_.epochs.Check(request.fence()));
  for (const v1::OwnedGroup& group : request.groups()) {
    DROVER_CO_ASSIGN_OR_RETURN(ApplicationName application, ApplicationFrom(group.application()));
    deps_.guard.Confirm(application, Generation(group.generation()));
  }
  co_return v1::ConfirmOwnershipResponse();
}

Task<absl::StatusOr<v1::AttachSlotsResponse>> VolumeServiceImpl::DoAttachSlots(
    v1::AttachSlotsRequest request) {
  DROVER_CO_ASSIGN_OR_RETURN(ApplicationName application, ApplicationFrom(request.application()));
  DROVER_CO_ASSIGN_OR_RETURN(StartId start_id, StartIdFrom(request.start_id()));
  DROVER_CO_ASSIGN_OR_RETURN(std::vector<VolumeRecord> volumes, VolumesFrom(request.volumes()));
  DROVER_CO_ASSIGN_OR_RETURN(
      Start start, co_await deps_.starts.Attach(start_id, application, SlotsFrom(volumes)));
  v1::AttachSlotsResponse response;
  for (const Slot& slot : start.slots) *response.add_slots() = ToProto(slot);
  response.set_control_directory(start.control_folder);
  co_return response;
}

Task<absl::StatusOr<v1::SeedVolumeResponse>> VolumeServiceImpl::DoSeedVolume(
    RequestReader<v1::SeedVolumeRequest>& reader) {
  std::optional<v1::SeedVolumeRequest> first = co_await reader.Read();
  if (!first.has_value()) co_return absl::InvalidArgumentError("no application was named");
  DROVER_CO_ASSIGN_OR_RETURN(ApplicationName application, ApplicationFrom(first->application()));
  DROVER_CO_RETURN_IF_ERROR(CheckVolumeId(first->volume_id()));
  const std::string volume_id = first->volume_id();
  std::string pending = first->tar();
  // An empty part ends the stream for the driver; on the wire it says nothing.
  auto next = [&reader, &pending]() -> Task<absl::StatusOr<std::string>> {
    while (pending.empty()) {
      std::optional<v1::SeedVolumeRequest> request = co_await reader.Read();
      if (!request.has_value()) co_return std::string();
      pending = std::move(*request->mutable_tar());
    }
    co_return std::exchange(pending, std::string());
  };
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.seeder.Seed(application, volume_id, next));
  co_return v1::SeedVolumeResponse();
}

Task<absl::StatusOr<v1::AwaitGateResponse>> VolumeServiceImpl::DoAwaitGate(
    v1::AwaitGateRequest request) {
  DROVER_CO_ASSIGN_OR_RETURN(ApplicationName application, ApplicationFrom(request.application()));
  DROVER_CO_ASSIGN_OR_RETURN(StartId start, StartIdFrom(request.start_id()));
  DROVER_CO_ASSIGN_OR_RETURN(ContainerId container, ContainerIdFrom(request.container_id()));
  DROVER_CO_ASSIGN_OR_RETURN(int pid,
                             co_await deps_.starts.AwaitGate(start, application, container));
  v1::AwaitGateResponse response;
  response.set_pid(pid);
  co_return response;
}

Task<absl::StatusOr<v1::OpenGateResponse>> VolumeServiceImpl::DoOpenGate(
    v1::OpenGateRequest request) {
  DROVER_CO_ASSIGN_OR_RETURN(ApplicationName application, ApplicationFrom(request.application()));
  DROVER_CO_ASSIGN_OR_RETURN(StartId start, StartIdFrom(request.start_id()));
  DROVER_CO_ASSIGN_OR_RETURN(ContainerId container, ContainerIdFrom(request.container_id()));
  DROVER_CO_RETURN_IF_ERROR((co_await deps_.starts.Open(start, application, container)).status());
  DROVER_CO_ASSIGN_OR_RETURN(GroupView group, co_await deps_.groups.Get(application));
  v1::OpenGateResponse response;
  *response.mutable_group() = ToProto(deps_.node, group);
  co_return response;
}

Task<absl::StatusOr<v1::ReleaseSlotsResponse>> VolumeServiceImpl::DoReleaseSlots(
    v1::ReleaseSlotsRequest request) {
  DROVER_CO_ASSIGN_OR_RETURN(ApplicationName application, ApplicationFrom(request.application()));
  DROVER_CO_ASSIGN_OR_RETURN(StartId start, StartIdFrom(request.start_id()));
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.starts.Release(start, application));
  co_return v1::ReleaseSlotsResponse();
}

}  // namespace drover::volume
