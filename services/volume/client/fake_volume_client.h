// A VolumeClient for unit tests.
#ifndef DROVER_SERVICES_VOLUME_CLIENT_FAKE_VOLUME_CLIENT_H_
#define DROVER_SERVICES_VOLUME_CLIENT_FAKE_VOLUME_CLIENT_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "drover/volume/v1/volume_service.pb.h"
#include "services/volume/client/volume_client.h"

namespace drover::volume {

// Records the names of the calls and answers each by its `on_…` function, or with an empty response
// if that is not set. A stream gives its one answer as its only message.
class FakeVolumeClient : public VolumeClient {
 public:
  Task<absl::StatusOr<volume::v1::GetPoolResponse>> GetPool(volume::v1::GetPoolRequest request,
                                                            absl::Duration timeout) override {
    calls.push_back("GetPool");
    if (!on_get_pool) co_return volume::v1::GetPoolResponse();
    co_return on_get_pool(request);
  }
  Task<absl::StatusOr<volume::v1::ListGroupsResponse>> ListGroups(
      volume::v1::ListGroupsRequest request, absl::Duration timeout) override {
    calls.push_back("ListGroups");
    if (!on_list_groups) co_return volume::v1::ListGroupsResponse();
    co_return on_list_groups(request);
  }
  Task<absl::StatusOr<volume::v1::GetGroupResponse>> GetGroup(volume::v1::GetGroupRequest request,
                                                              absl::Duration timeout) override {
    calls.push_back("GetGroup");
    if (!on_get_group) co_return volume::v1::GetGroupResponse();
    co_return on_get_group(request);
  }
  Task<absl::StatusOr<volume::v1::CreateGroupResponse>> CreateGroup(
      volume::v1::CreateGroupRequest request, absl::Duration timeout) override {
    calls.push_back("CreateGroup");
    if (!on_create_group) co_return volume::v1::CreateGroupResponse();
    co_return on_create_group(request);
  }
  Task<absl::StatusOr<volume::v1::DeleteGroupResponse>> DeleteGroup(
      volume::v1::DeleteGroupRequest request, absl::Duration timeout) override {
    calls.push_back("DeleteGroup");
    if (!on_delete_group) co_return volume::v1::DeleteGroupResponse();
    co_return on_delete_group(request);
  }
  Task<absl::StatusOr<volume::v1::ResizeVolumeResponse>> ResizeVolume(
      volume::v1::ResizeVolumeRequest request, absl::Duration timeout) override {
    calls.push_back("ResizeVolume");
    if (!on_resize_volume) co_return volume::v1::ResizeVolumeResponse();
    co_return on_resize_volume(request);
  }
  Task<absl::StatusOr<volume::v1::CreateSnapshotResponse>> CreateSnapshot(
      volume::v1::CreateSnapshotRequest request, absl::Duration timeout) override {
    calls.push_back("CreateSnapshot");
    if (!on_create_snapshot) co_return volume::v1::CreateSnapshotResponse();
    co_return on_create_snapshot(request);
  }
  Task<absl::StatusOr<volume::v1::SetAttachedVolumesResponse>> SetAttachedVolumes(
      volume::v1::SetAttachedVolumesRequest request, absl::Duration timeout) override {
    calls.push_back("SetAttachedVolumes");
    if (!on_set_attached_volumes) co_return volume::v1::SetAttachedVolumesResponse();
    co_return on_set_attached_volumes(request);
  }
  Task<absl::StatusOr<volume::v1::DeleteVolumeResponse>> DeleteVolume(
      volume::v1::DeleteVolumeRequest request, absl::Duration timeout) override {
    calls.push_back("DeleteVolume");
    if (!on_delete_volume) co_return volume::v1::DeleteVolumeResponse();
    co_return on_delete_volume(request);
  }
  Task<absl::StatusOr<volume::v1::RollBackVolumeResponse>> RollBackVolume(
      volume::v1::RollBackVolumeRequest request, absl::Duration timeout) override {
    calls.push_back("RollBackVolume");
    if (!on_roll_back_volume) co_return volume::v1::RollBackVolumeResponse();
    co_return on_roll_back_volume(request);
  }
  Task<absl::StatusOr<volume::v1::CloneGroupResponse>> CloneGroup(
      volume::v1::CloneGroupRequest request, absl::Duration timeout) override {
    calls.push_back("CloneGroup");
    if (!on_clone_group) co_return volume::v1::CloneGroupResponse();
    co_return on_clone_group(request);
  }
  Task<absl::StatusOr<volume::v1::DeleteSnapshotResponse>> DeleteSnapshot(
      volume::v1::DeleteSnapshotRequest request, absl::Duration timeout) override {
    calls.push_back("DeleteSnapshot");
    if (!on_delete_snapshot) co_return volume::v1::DeleteSnapshotResponse();
    co_return on_delete_snapshot(request);
  }
  Task<absl::StatusOr<volume::v1::LockGroupResponse>> LockGroup(
      volume::v1::LockGroupRequest request, absl::Duration timeout) override {
    calls.push_back("LockGroup");
    if (!on_lock_group) co_return volume::v1::LockGroupResponse();
    co_return on_lock_group(request);
  }
  Task<absl::StatusOr<volume::v1::ReserveGroupResponse>> ReserveGroup(
      volume::v1::ReserveGroupRequest request, absl::Duration timeout) override {
    calls.push_back("ReserveGroup");
    if (!on_reserve_group) co_return volume::v1::ReserveGroupResponse();
    co_return on_reserve_group(request);
  }
  Task<absl::Status> PushRound(
      volume::v1::PushRoundRequest request, absl::Duration timeout,
      std::function<void(const volume::v1::PushRoundResponse&)> on_message) override {
    calls.push_back("PushRound");
    if (!on_push_round) co_return absl::OkStatus();
    auto response = on_push_round(request);
    if (!response.ok()) co_return response.status();
    on_message(*response);
    co_return absl::OkStatus();
  }
  Task<absl::StatusOr<volume::v1::SealResponse>> Seal(volume::v1::SealRequest request,
                                                      absl::Duration timeout) override {
    calls.push_back("Seal");
    if (!on_seal) co_return volume::v1::SealResponse();
    co_return on_seal(request);
  }
  Task<absl::StatusOr<volume::v1::PrepareResponse>> Prepare(volume::v1::PrepareRequest request,
                                                            absl::Duration timeout) override {
    calls.push_back("Prepare");
    if (!on_prepare) co_return volume::v1::PrepareResponse();
    co_return on_prepare(request);
  }
  Task<absl::StatusOr<volume::v1::ActivateResponse>> Activate(volume::v1::ActivateRequest request,
                                                              absl::Duration timeout) override {
    calls.push_back("Activate");
    if (!on_activate) co_return volume::v1::ActivateResponse();
    co_return on_activate(request);
  }
  Task<absl::StatusOr<volume::v1::RetireGroupResponse>> RetireGroup(
      volume::v1::RetireGroupRequest request, absl::Duration timeout) override {
    calls.push_back("RetireGroup");
    if (!on_retire_group) co_return volume::v1::RetireGroupResponse();
    co_return on_retire_group(request);
  }
  Task<absl::StatusOr<volume::v1::FinishMigrationResponse>> FinishMigration(
      volume::v1::FinishMigrationRequest request, absl::Duration timeout) override {
    calls.push_back("FinishMigration");
    if (!on_finish_migration) co_return volume::v1::FinishMigrationResponse();
    co_return on_finish_migration(request);
  }
  Task<absl::StatusOr<volume::v1::AbortMigrationResponse>> AbortMigration(
      volume::v1::AbortMigrationRequest request, absl::Duration timeout) override {
    calls.push_back("AbortMigration");
    if (!on_abort_migration) co_return volume::v1::AbortMigrationResponse();
    co_return on_abort_migration(request);
  }
  Task<absl::StatusOr<volume::v1::ClaimGroupResponse>> ClaimGroup(
      volume::v1::ClaimGroupRequest request, absl::Duration timeout) override {
    calls.push_back("ClaimGroup");
    if (!on_claim_group) co_return volume::v1::ClaimGroupResponse();
    co_return on_claim_group(request);
  }
  Task<absl::StatusOr<volume::v1::DivergeGroupResponse>> DivergeGroup(
      volume::v1::DivergeGroupRequest request, absl::Duration timeout) override {
    calls.push_back("DivergeGroup");
    if (!on_diverge_group) co_return volume::v1::DivergeGroupResponse();
    co_return on_diverge_group(request);
  }
  Task<absl::StatusOr<volume::v1::ConfirmOwnershipResponse>> ConfirmOwnership(
      volume::v1::ConfirmOwnershipRequest request, absl::Duration timeout) override {
    calls.push_back("ConfirmOwnership");
    if (!on_confirm_ownership) co_return volume::v1::ConfirmOwnershipResponse();
    co_return on_confirm_ownership(request);
  }
  Task<absl::StatusOr<volume::v1::AttachSlotsResponse>> AttachSlots(
      volume::v1::AttachSlotsRequest request, absl::Duration timeout) override {
    calls.push_back("AttachSlots");
    if (!on_attach_slots) co_return volume::v1::AttachSlotsResponse();
    co_return on_attach_slots(request);
  }
  Task<absl::StatusOr<volume::v1::AwaitGateResponse>> AwaitGate(
      volume::v1::AwaitGateRequest request, absl::Duration timeout) override {
    calls.push_back("AwaitGate");
    if (!on_await_gate) co_return volume::v1::AwaitGateResponse();
    co_return on_await_gate(request);
  }
  Task<absl::StatusOr<volume::v1::OpenGateResponse>> OpenGate(volume::v1::OpenGateRequest request,
                                                              absl::Duration timeout) override {
    calls.push_back("OpenGate");
    if (!on_open_gate) co_return volume::v1::OpenGateResponse();
    co_return on_open_gate(request);
  }
  Task<absl::StatusOr<volume::v1::ReleaseSlotsResponse>> ReleaseSlots(
      volume::v1::ReleaseSlotsRequest request, absl::Duration timeout) override {
    calls.push_back("ReleaseSlots");
    if (!on_release_slots) co_return volume::v1::ReleaseSlotsResponse();
    co_return on_release_slots(request);
  }
  Task<absl::StatusOr<volume::v1::SeedVolumeResponse>> SeedVolume(
      std::string application, std::string volume_id,
      std::function<Task<absl::StatusOr<std::string>>()> next_tar_part,
      absl::Duration timeout) override {
    calls.push_back("SeedVolume");
    std::string& content = seeded[application + ":" + volume_id];
    while (true) {
      absl::StatusOr<std::string> part = co_await next_tar_part();
      if (!part.ok()) co_return part.status();
      if (part->empty()) co_return volume::v1::SeedVolumeResponse();
      content += *part;
    }
  }

  std::vector<std::string> calls;
  // Tar bytes by `APPLICATION:VOLUME_ID`.
  std::map<std::string, std::string> seeded;
  std::function<absl::StatusOr<volume::v1::GetPoolResponse>(const volume::v1::GetPoolRequest&)>
      on_get_pool;
  std::function<absl::StatusOr<volume::v1::ListGroupsResponse>(
      const volume::v1::ListGroupsRequest&)>
      on_list_groups;
  std::function<absl::StatusOr<volume::v1::GetGroupResponse>(const volume::v1::GetGroupRequest&)>
      on_get_group;
  std::function<absl::StatusOr<volume::v1::CreateGroupResponse>(
      const volume::v1::CreateGroupRequest&)>
      on_create_group;
  std::function<absl::StatusOr<volume::v1::DeleteGroupResponse>(
      const volume::v1::DeleteGroupRequest&)>
      on_delete_group;
  std::function<absl::StatusOr<volume::v1::ResizeVolumeResponse>(
      const volume::v1::ResizeVolumeRequest&)>
      on_resize_volume;
  std::function<absl::StatusOr<volume::v1::CreateSnapshotResponse>(
      const volume::v1::CreateSnapshotRequest&)>
      on_create_snapshot;
  std::function<absl::StatusOr<volume::v1::SetAttachedVolumesResponse>(
      const volume::v1::SetAttachedVolumesRequest&)>
      on_set_attached_volumes;
  std::function<absl::StatusOr<volume::v1::DeleteVolumeResponse>(
      const volume::v1::DeleteVolumeRequest&)>
      on_delete_volume;
  std::function<absl::StatusOr<volume::v1::RollBackVolumeResponse>(
      const volume::v1::RollBackVolumeRequest&)>
      on_roll_back_volume;
  std::function<absl::StatusOr<volume::v1::CloneGroupResponse>(
      const volume::v1::CloneGroupRequest&)>
      on_clone_group;
  std::function<absl::StatusOr<volume::v1::DeleteSnapshotResponse>(
      const volume::v1::DeleteSnapshotRequest&)>
      on_delete_snapshot;
  std::function<absl::StatusOr<volume::v1::LockGroupResponse>(const volume::v1::LockGroupRequest&)>
      on_lock_group;
  std::function<absl::StatusOr<volume::v1::ReserveGroupResponse>(
      const volume::v1::ReserveGroupRequest&)>
      on_reserve_group;
  std::function<absl::StatusOr<volume::v1::PushRoundResponse>(const volume::v1::PushRoundRequest&)>
      on_push_round;
  std::function<absl::StatusOr<volume::v1::SealResponse>(const volume::v1::SealRequest&)> on_seal;
  std::function<absl::StatusOr<volume::v1::PrepareResponse>(const volume::v1::PrepareRequest&)>
      on_prepare;
  std::function<absl::StatusOr<volume::v1::ActivateResponse>(const volume::v1::ActivateRequest&)>
      on_activate;
  std::function<absl::StatusOr<volume::v1::RetireGroupResponse>(
      const volume::v1::RetireGroupRequest&)>
      on_retire_group;
  std::function<absl::StatusOr<volume::v1::FinishMigrationResponse>(
      const volume::v1::FinishMigrationRequest&)>
      on_finish_migration;
  std::function<absl::StatusOr<volume::v1::AbortMigrationResponse>(
      const volume::v1::AbortMigrationRequest&)>
      on_abort_migration;
  std::function<absl::StatusOr<volume::v1::ClaimGroupResponse>(
      const volume::v1::ClaimGroupRequest&)>
      on_claim_group;
  std::function<absl::StatusOr<volume::v1::DivergeGroupResponse>(
      const volume::v1::DivergeGroupRequest&)>
      on_diverge_group;
  std::function<absl::StatusOr<volume::v1::ConfirmOwnershipResponse>(
      const volume::v1::ConfirmOwnershipRequest&)>
      on_confirm_ownership;
  std::function<absl::StatusOr<volume::v1::AttachSlotsResponse>(
      const volume::v1::AttachSlotsRequest&)>
      on_attach_slots;
  std::function<absl::StatusOr<volume::v1::AwaitGateResponse>(const volume::v1::AwaitGateRequest&)>
      on_await_gate;
  std::function<absl::StatusOr<volume::v1::OpenGateResponse>(const volume::v1::OpenGateRequest&)>
      on_open_gate;
  std::function<absl::StatusOr<volume::v1::ReleaseSlotsResponse>(
      const volume::v1::ReleaseSlotsRequest&)>
      on_release_slots;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_CLIENT_FAKE_VOLUME_CLIENT_H_
