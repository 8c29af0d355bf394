#include "services/volume/client/grpc_volume_client.h"

#include <utility>

#include "services/common/async/client_call.h"
#include "services/common/status/status_macros.h"

namespace drover::volume {

GrpcVolumeClient::GrpcVolumeClient(std::shared_ptr<grpc::Channel> channel)
    : stub_(v1::VolumeService::NewStub(std::move(channel))) {}

Task<absl::StatusOr<v1::GetPoolResponse>> GrpcVolumeClient::GetPool(v1::GetPoolRequest request,
                                                                    absl::Duration timeout) {
  return UnaryCall<v1::GetPoolResponse>(stub_, &Async::GetPool, std::move(request), timeout);
}

Task<absl::StatusOr<v1::ListGroupsResponse>> GrpcVolumeClient::ListGroups(
    v1::ListGroupsRequest request, absl::Duration timeout) {
  return UnaryCall<v1::ListGroupsResponse>(stub_, &Async::ListGroups, std::move(request), timeout);
}

Task<absl::StatusOr<v1::GetGroupResponse>> GrpcVolumeClient::GetGroup(v1::GetGroupRequest request,
                                                                      absl::Duration timeout) {
  return UnaryCall<v1::GetGroupResponse>(stub_, &Async::GetGroup, std::move(request), timeout);
}

Task<absl::StatusOr<v1::CreateGroupResponse>> GrpcVolumeClient::CreateGroup(
    v1::CreateGroupRequest request, absl::Duration timeout) {
  return UnaryCall<v1::CreateGroupResponse>(stub_, &Async::CreateGroup, std::move(request),
                                            timeout);
}

Task<absl::StatusOr<v1::DeleteGroupResponse>> GrpcVolumeClient::DeleteGroup(
    v1::DeleteGroupRequest request, absl::Duration timeout) {
  return UnaryCall<v1::DeleteGroupResponse>(stub_, &Async::DeleteGroup, std::move(request),
                                            timeout);
}

Task<absl::StatusOr<v1::ResizeVolumeResponse>> GrpcVolumeClient::ResizeVolume(
    v1::ResizeVolumeRequest request, absl::Duration timeout) {
  return UnaryCall<v1::ResizeVolumeResponse>(stub_, &Async::ResizeVolume, std::move(request),
                                             timeout);
}

Task<absl::StatusOr<v1::CreateSnapshotResponse>> GrpcVolumeClient::CreateSnapshot(
    v1::CreateSnapshotRequest request, absl::Duration timeout) {
  return UnaryCall<v1::CreateSnapshotResponse>(stub_, &Async::CreateSnapshot, std::move(request),
                                               timeout);
}

Task<absl::StatusOr<v1::SetAttachedVolumesResponse>> GrpcVolumeClient::SetAttachedVolumes(
    v1::SetAttachedVolumesRequest request, absl::Duration timeout) {
  return UnaryCall<v1::SetAttachedVolumesResponse>(stub_, &Async::SetAttachedVolumes,
                                                   std::move(request), timeout);
}

Task<absl::StatusOr<v1::DeleteVolumeResponse>> GrpcVolumeClient::DeleteVolume(
    v1::DeleteVolumeRequest request, absl::Duration timeout) {
  return UnaryCall<v1::DeleteVolumeResponse>(stub_, &Async::DeleteVolume, std::move(request),
                                             timeout);
}

Task<absl::StatusOr<v1::RollBackVolumeResponse>> GrpcVolumeClient::RollBackVolume(
    v1::RollBackVolumeRequest request, absl::Duration timeout) {
  return UnaryCall<v1::RollBackVolumeResponse>(stub_, &Async::RollBackVolume, std::move(request),
                                               timeout);
}

Task<absl::StatusOr<v1::CloneGroupResponse>> GrpcVolumeClient::CloneGroup(
    v1::CloneGroupRequest request, absl::Duration timeout) {
  return UnaryCall<v1::CloneGroupResponse>(stub_, &Async::CloneGroup, std::move(request), timeout);
}

Task<absl::StatusOr<v1::DeleteSnapshotResponse>> GrpcVolumeClient::DeleteSnapshot(
    v1::DeleteSnapshotRequest request, absl::Duration timeout) {
  return UnaryCall<v1::DeleteSnapshotResponse>(stub_, &Async::DeleteSnapshot, std::move(request),
                                               timeout);
}

Task<absl::StatusOr<v1::LockGroupResponse>> GrpcVolumeClient::LockGroup(
    v1::LockGroupRequest request, absl::Duration timeout) {
  return UnaryCall<v1::LockGroupResponse>(stub_, &Async::LockGroup, std::move(request), timeout);
}

Task<absl::StatusOr<v1::ReserveGroupResponse>> GrpcVolumeClient::ReserveGroup(
    v1::ReserveGroupRequest request, absl::Duration timeout) {
  return UnaryCall<v1::ReserveGroupResponse>(stub_, &Async::ReserveGroup, std::move(request),
                                             timeout);
}

Task<absl::Status> GrpcVolumeClient::PushRound(
    v1::PushRoundRequest request, absl::Duration timeout,
    std::function<void(const v1::PushRoundResponse&)> on_message) {
  return ReadCall(stub_, &Async::PushRound, std::move(request), timeout, std::move(on_message));
}

Task<absl::StatusOr<v1::SealResponse>> GrpcVolumeClient::Seal(v1::SealRequest request,
                                                              absl::Duration timeout) {
  return UnaryCall<v1::SealResponse>(stub_, &Async::Seal, std::move(request), timeout);
}

Task<absl::StatusOr<v1::PrepareResponse>> GrpcVolumeClient::Prepare(v1::PrepareRequest request,
                                                                    absl::Duration timeout) {
  return UnaryCall<v1::PrepareResponse>(stub_, &Async::Prepare, std::move(request), timeout);
}

Task<absl::StatusOr<v1::ActivateResponse>> GrpcVolumeClient::Activate(v1::ActivateRequest request,
                                                                      absl::Duration timeout) {
  return UnaryCall<v1::ActivateResponse>(stub_, &Async::Activate, std::move(request), timeout);
}

Task<absl::StatusOr<v1::RetireGroupResponse>> GrpcVolumeClient::RetireGroup(
    v1::RetireGroupRequest request, absl::Duration timeout) {
  return UnaryCall<v1::RetireGroupResponse>(stub_, &Async::RetireGroup, std::move(request),
                                            timeout);
}

Task<absl::StatusOr<v1::FinishMigrationResponse>> GrpcVolumeClient::FinishMigration(
    v1::FinishMigrationRequest request, absl::Duration timeout) {
  return UnaryCall<v1::FinishMigrationResponse>(stub_, &Async::FinishMigration, std::move(request),
                                                timeout);
}

Task<absl::StatusOr<v1::AbortMigrationResponse>> GrpcVolumeClient::AbortMigration(
    v1::AbortMigrationRequest request, absl::Duration timeout) {
  return UnaryCall<v1::AbortMigrationResponse>(stub_, &Async::AbortMigration, std::move(request),
                                               timeout);
}

Task<absl::StatusOr<v1::ClaimGroupResponse>> GrpcVolumeClient::ClaimGroup(
    v1::ClaimGroupRequest request, absl::Duration timeout) {
  return UnaryCall<v1::ClaimGroupResponse>(stub_, &Async::ClaimGroup, std::move(request), timeout);
}

Task<absl::StatusOr<v1::DivergeGroupResponse>> GrpcVolumeClient::DivergeGroup(
    v1::DivergeGroupRequest request, absl::Duration timeout) {
  return UnaryCall<v1::DivergeGroupResponse>(stub_, &Async::DivergeGroup, std::move(request),
                                             timeout);
}

Task<absl::StatusOr<v1::ConfirmOwnershipResponse>> GrpcVolumeClient::ConfirmOwnership(
    v1::ConfirmOwnershipRequest request, absl::Duration timeout) {
  return UnaryCall<v1::ConfirmOwnershipResponse>(stub_, &Async::ConfirmOwnership,
                                                 std::move(request), timeout);
}

Task<absl::StatusOr<v1::AttachSlotsResponse>> GrpcVolumeClient::AttachSlots(
    v1::AttachSlotsRequest request, absl::Duration timeout) {
  return UnaryCall<v1::AttachSlotsResponse>(stub_, &Async::AttachSlots, std::move(request),
                                            timeout);
}

Task<absl::StatusOr<v1::AwaitGateResponse>> GrpcVolumeClient::AwaitGate(
    v1::AwaitGateRequest request, absl::Duration timeout) {
  return UnaryCall<v1::AwaitGateResponse>(stub_, &Async::AwaitGate, std::move(request), timeout);
}

Task<absl::StatusOr<v1::OpenGateResponse>> GrpcVolumeClient::OpenGate(v1::OpenGateRequest request,
                                                                      absl::Duration timeout) {
  return UnaryCall<v1::OpenGateResponse>(stub_, &Async::OpenGate, std::move(request), timeout);
}

Task<absl::StatusOr<v1::ReleaseSlotsResponse>> GrpcVolumeClient::ReleaseSlots(
    v1::ReleaseSlotsRequest request, absl::Duration timeout) {
  return UnaryCall<v1::ReleaseSlotsResponse>(stub_, &Async::ReleaseSlots, std::move(request),
                                             timeout);
}

Task<absl::StatusOr<v1::SeedVolumeResponse>> GrpcVolumeClient::SeedVolume(
    std::string application, std::string volume_id,
    std::function<Task<absl::StatusOr<std::string>>()> next_tar_part, absl::Duration timeout) {
  auto stream = WriteStream<v1::SeedVolumeRequest, v1::SeedVolumeResponse>::Start(
      stub_, &Async::SeedVolume, timeout);
  v1::SeedVolumeRequest message;
  message.set_application(std::move(application));
  message.set_volume_id(std::move(volume_id));
  while (true) {
    DROVER_CO_ASSIGN_OR_RETURN(std::string part, co_await next_tar_part());
    if (part.empty()) break;
    message.set_tar(std::move(part));
    if (!co_await stream.Write(std::move(message))) break;  // Finish says why.
    message.Clear();
  }
  co_return co_await stream.Finish();
}

}  // namespace drover::volume
