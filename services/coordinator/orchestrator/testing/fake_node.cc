#include "services/coordinator/orchestrator/testing/fake_node.h"

#include <algorithm>
#include <utility>

#include "services/common/async/change_signal.h"
#include "services/common/fence/epoch_rule.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"

namespace drover::coordinator {
namespace {

using container::v1::CONTAINER_STATE_EXITED;
using container::v1::CONTAINER_STATE_GATED;
using container::v1::CONTAINER_STATE_READY;
using volume::v1::VolumeGroup;

// Resumes only by a cancellation.
Task<void> HangIfAsked(FakeNode& node, std::string call) {
  if (!node.hangs.contains(call)) co_return;
  ++node.hanging;
  ChangeSignal never;
  co_await never.Wait(0);
  --node.hanging;
}

class VolumeClient : public volume::FakeVolumeClient {
 public:
  explicit VolumeClient(FakeNode& node) : node_(node) {}

  Task<absl::StatusOr<volume::v1::AbortMigrationResponse>> AbortMigration(
      volume::v1::AbortMigrationRequest request, absl::Duration timeout) override {
    co_await HangIfAsked(node_, "AbortMigration");
    co_return co_await FakeVolumeClient::AbortMigration(std::move(request), timeout);
  }

 private:
  FakeNode& node_;
};

class ContainerClient : public container::FakeContainerClient {
 public:
  explicit ContainerClient(FakeNode& node) : node_(node) {}

  Task<absl::Status> EnsureImage(
      container::v1::EnsureImageRequest request, absl::Duration timeout,
      std::function<void(const container::v1::EnsureImageResponse&)> on_message) override {
    for (const auto& progress : node_.image_progress) on_message(progress);
    co_await HangIfAsked(node_, "EnsureImage");
    co_return co_await FakeContainerClient::EnsureImage(std::move(request), timeout, on_message);
  }

 private:
  FakeNode& node_;
};

}  // namespace

FakeNode::FakeNode(std::string name, std::string address)
    : name(std::move(name)), address(std::move(address)) {
  push = [](int) {
    volume::v1::PushResult result;
    result.set_bytes(1000);
    result.mutable_duration()->set_nanos(20'000'000);
    return result;
  };
  exits = [](const std::string&) { return false; };
}

std::shared_ptr<NodeHandle> FakeNode::Connect() {
  auto volume_client = std::make_unique<VolumeClient>(*this);
  auto container_client = std::make_unique<ContainerClient>(*this);
  auto proxy_client = std::make_unique<proxy::FakeProxyClient>();
  WireVolume(*volume_client);
  WireContainer(*container_client);
  WireProxy(*proxy_client);
  auto handle = std::make_shared<NodeHandle>();
  handle->name = NodeName(name);
  handle->address = address;
  handle->volume = std::move(volume_client);
  handle->container = std::move(container_client);
  handle->proxy = std::move(proxy_client);
  return handle;
}

absl::Status FakeNode::Obey(const common::v1::Fence& fence) {
  const SeenEpoch highest{obeyed.epoch(), obeyed.nonce()};
  DROVER_RETURN_IF_ERROR(JudgeEpoch(highest, {fence.epoch(), fence.nonce()}).status());
  const int64_t sequence = std::max(obeyed.sequence(), fence.sequence());
  obeyed = fence;
  obeyed.set_sequence(sequence);
  return absl::OkStatus();
}

template <class Response, class Request>
std::function<absl::StatusOr<Response>(const Request&)> FakeNode::Answer(
    std::string call, std::function<absl::StatusOr<Response>(const Request&)> body) {
  return [this, call, body](const Request& request) -> absl::StatusOr<Response> {
    const bool looks = call.starts_with("Get") || call.starts_with("List");
    if (before) DROVER_RETURN_IF_ERROR(before(call));
    if (!looks) calls.push_back(call);
    if constexpr (requires { request.fence(); }) DROVER_RETURN_IF_ERROR(Obey(request.fence()));
    if constexpr (requires { request.key(); }) DROVER_RETURN_IF_ERROR(Obey(request.key().fence()));
    absl::StatusOr<Response> response = body(request);
    if (after && response.ok()) DROVER_RETURN_IF_ERROR(after(call));
    return response;
  };
}

absl::StatusOr<VolumeGroup*> FakeNode::Locked(const volume::v1::MigrationKey& key) {
  auto found = groups.find(key.application());
  if (found == groups.end()) return absl::NotFoundError("no such group");
  VolumeGroup& group = found->second;
  if (!group.migration().empty() && group.migration() != key.migration()) {
    return absl::AbortedError("another migration holds the group");
  }
  return &group;
}

void FakeNode::WireVolume(volume::FakeVolumeClient& client) {
  using namespace volume::v1;
  client.on_get_pool = Answer<GetPoolResponse, GetPoolRequest>("GetPool", [this](const auto&) {
    GetPoolResponse response;
    *response.mutable_obeyed() = obeyed;
    response.mutable_pool()->set_backend("btrfs");
    return response;
  });
  client.on_list_groups =
      Answer<ListGroupsResponse, ListGroupsRequest>("ListGroups", [this](const auto&) {
        ListGroupsResponse response;
        for (const auto& [name, group] : groups) *response.add_groups() = group;
        return response;
      });
  client.on_create_group = Answer<CreateGroupResponse, CreateGroupRequest>(
      "CreateGroup", [this](const auto& request) -> absl::StatusOr<CreateGroupResponse> {
        if (groups.contains(request.application())) return absl::AlreadyExistsError("exists");
        VolumeGroup& group = groups[request.application()];
        group.set_application(request.application());
        group.set_state(GROUP_STATE_OWNED);
        group.set_generation(request.generation());
        for (const auto& spec : request.volumes()) {
          Volume* volume = group.add_volumes();
          volume->set_id(spec.id());
          volume->set_mountpoint(spec.mountpoint());
          volume->set_maximum_size_bytes(spec.maximum_size_bytes());
          volume->set_size_bytes(5000);
        }
        CreateGroupResponse response;
        *response.mutable_group() = group;
        return response;
      });
  client.on_get_group = Answer<GetGroupResponse, GetGroupRequest>(
      "GetGroup", [this](const auto& request) -> absl::StatusOr<GetGroupResponse> {
        auto found = groups.find(request.application());
        if (found == groups.end()) return absl::NotFoundError("no such group");
        GetGroupResponse response;
        *response.mutable_group() = found->second;
        return response;
      });
  client.on_set_attached_volumes = Answer<SetAttachedVolumesResponse, SetAttachedVolumesRequest>(
      "SetAttachedVolumes", [this](const auto& request) {
        VolumeGroup& group = groups[request.application()];
        for (Volume& volume : *group.mutable_volumes()) volume.set_detached(true);
        for (const auto& spec : request.volumes()) {
          Volume* there = nullptr;
          for (Volume& volume : *group.mutable_volumes()) {
            if (volume.id() == spec.id()) there = &volume;
          }
          if (there == nullptr) there = group.add_volumes();
          there->set_id(spec.id());
          there->set_mountpoint(spec.mountpoint());
          there->set_detached(false);
        }
        return SetAttachedVolumesResponse();
      });
  client.on_delete_volume = Answer<DeleteVolumeResponse, DeleteVolumeRequest>(
      "DeleteVolume", [this](const auto& request) {
        auto* volumes = groups[request.application()].mutable_volumes();
        for (int i = volumes->size() - 1; i >= 0; --i) {
          if (volumes->at(i).id() == request.volume_id()) volumes->DeleteSubrange(i, 1);
        }
        return DeleteVolumeResponse();
      });
  client.on_create_snapshot = Answer<CreateSnapshotResponse, CreateSnapshotRequest>(
      "CreateSnapshot", [this](const auto& request) {
        CreateSnapshotResponse response;
        response.mutable_snapshot()->set_name(request.snapshot());
        for (Volume& volume : *groups[request.application()].mutable_volumes()) {
          if (volume.id() == request.volume_id()) *volume.add_snapshots() = response.snapshot();
        }
        return response;
      });
  client.on_delete_snapshot = Answer<DeleteSnapshotResponse, DeleteSnapshotRequest>(
      "DeleteSnapshot", [this](const auto& request) {
        for (Volume& volume : *groups[request.application()].mutable_volumes()) {
          if (volume.id() == request.volume_id()) volume.clear_snapshots();
        }
        return DeleteSnapshotResponse();
      });
  client.on_roll_back_volume = Answer<RollBackVolumeResponse, RollBackVolumeRequest>(
      "RollBackVolume", [this](const auto& request) {
        rolled_back.push_back(request.snapshot());
        return RollBackVolumeResponse();
      });
  client.on_clone_group = Answer<CloneGroupResponse, CloneGroupRequest>(
      "CloneGroup", [this](const auto& request) -> absl::StatusOr<CloneGroupResponse> {
        VolumeGroup& clone = groups[request.clone()];
        if (clone.generation() != 0 && clone.generation() != request.generation()) {
          return absl::AlreadyExistsError("exists");
        }
        *clone.mutable_volumes() = groups[request.application()].volumes();
        clone.set_application(request.clone());
        clone.set_state(GROUP_STATE_OWNED);
        clone.set_generation(request.generation());
        CloneGroupResponse response;
        *response.mutable_group() = clone;
        return response;
      });
  client.on_resize_volume = Answer<ResizeVolumeResponse, ResizeVolumeRequest>(
      "ResizeVolume", [this](const auto& request) {
        groups[request.application()].mutable_volumes(0)->set_maximum_size_bytes(
            request.maximum_size_bytes());
        return ResizeVolumeResponse();
      });
  client.on_lock_group = Answer<LockGroupResponse, LockGroupRequest>(
      "LockGroup", [this](const auto& request) -> absl::StatusOr<LockGroupResponse> {
        DROVER_ASSIGN_OR_RETURN(VolumeGroup * group, Locked(request.key()));
        group->set_migration(request.key().migration());
        group->set_migration_generation(request.key().generation());
        LockGroupResponse response;
        *response.mutable_group() = *group;
        return response;
      });
  client.on_reserve_group = Answer<ReserveGroupResponse, ReserveGroupRequest>(
      "ReserveGroup", [this](const auto& request) -> absl::StatusOr<ReserveGroupResponse> {
        const std::string& app = request.key().application();
        if (groups.contains(app)) DROVER_RETURN_IF_ERROR(Locked(request.key()).status());
        VolumeGroup& group = groups[app];
        *group.mutable_volumes() = request.source().volumes();
        group.set_application(app);
        group.set_migration(request.key().migration());
        group.set_migration_generation(request.key().generation());
        group.set_state(GROUP_STATE_RECEIVING);
        return ReserveGroupResponse();
      });
  client.on_push_round = Answer<PushRoundResponse, PushRoundRequest>(
      "PushRound", [this](const auto& request) -> absl::StatusOr<PushRoundResponse> {
        DROVER_RETURN_IF_ERROR(Locked(request.key()).status());
        PushRoundResponse response;
        *response.mutable_result() = push(request.round());
        response.set_sent_bytes(response.result().bytes());
        return response;
      });
  client.on_seal = Answer<SealResponse, SealRequest>(
      "Seal", [this](const auto& request) -> absl::StatusOr<SealResponse> {
        DROVER_ASSIGN_OR_RETURN(VolumeGroup * group, Locked(request.key()));
        group->set_state(GROUP_STATE_SEALED);
        auto container = containers.find(request.key().application());
        if (container != containers.end()) container->second.set_state(CONTAINER_STATE_EXITED);
        SealResponse response;
        response.add_snapshots()->set_name("final");
        return response;
      });
  client.on_prepare = Answer<PrepareResponse, PrepareRequest>(
      "Prepare", [this](const auto& request) -> absl::StatusOr<PrepareResponse> {
        DROVER_ASSIGN_OR_RETURN(VolumeGroup * group, Locked(request.key()));
        const auto& container = containers[request.key().application()];
        if (container.start_id() != request.start_id()) {
          return StatusWithReason(absl::StatusCode::kFailedPrecondition, "GATE_LOST", "no gate");
        }
        group->set_state(GROUP_STATE_PREPARED);
        return PrepareResponse();
      });
  client.on_activate = Answer<ActivateResponse, ActivateRequest>(
      "Activate", [this](const auto& request) -> absl::StatusOr<ActivateResponse> {
        DROVER_ASSIGN_OR_RETURN(VolumeGroup * group, Locked(request.key()));
        group->set_state(GROUP_STATE_OWNED);
        group->set_generation(request.key().generation());
        for (const Volume& volume : group->volumes()) {
          if (!volume.fresh()) continue;
          return StatusWithReason(absl::StatusCode::kFailedPrecondition, "NOT_FILLED", "is fresh");
        }
        auto& container = containers[request.key().application()];
        if (container.start_id() != request.start_id()) {
          return StatusWithReason(absl::StatusCode::kFailedPrecondition, "GATE_LOST", "no gate");
        }
        const bool exited = exits(request.key().application());
        container.set_state(exited ? CONTAINER_STATE_EXITED : CONTAINER_STATE_READY);
        return ActivateResponse();
      });
  client.on_retire_group = Answer<RetireGroupResponse, RetireGroupRequest>(
      "RetireGroup", [this](const auto& request) -> absl::StatusOr<RetireGroupResponse> {
        DROVER_ASSIGN_OR_RETURN(VolumeGroup * group, Locked(request.key()));
        group->set_state(GROUP_STATE_RETIRED);
        group->clear_migration();
        return RetireGroupResponse();
      });
  client.on_finish_migration = Answer<FinishMigrationResponse, FinishMigrationRequest>(
      "FinishMigration", [this](const auto& request) -> absl::StatusOr<FinishMigrationResponse> {
        DROVER_ASSIGN_OR_RETURN(VolumeGroup * group, Locked(request.key()));
        group->clear_migration();
        return FinishMigrationResponse();
      });
  client.on_claim_group = Answer<ClaimGroupResponse, ClaimGroupRequest>(
      "ClaimGroup", [this](const auto& request) -> absl::StatusOr<ClaimGroupResponse> {
        auto found = groups.find(request.application());
        if (found == groups.end()) return absl::NotFoundError("no such group");
        found->second.set_state(GROUP_STATE_OWNED);
        found->second.set_generation(request.generation());
        found->second.clear_migration();
        found->second.clear_doubt();
        return ClaimGroupResponse();
      });
  client.on_diverge_group = Answer<DivergeGroupResponse, DivergeGroupRequest>(
      "DivergeGroup", [this](const auto& request) {
        groups[request.application()].set_state(GROUP_STATE_DIVERGED);
        groups[request.application()].clear_migration();
        return DivergeGroupResponse();
      });
  client.on_confirm_ownership = Answer<ConfirmOwnershipResponse, ConfirmOwnershipRequest>(
      "ConfirmOwnership", [this](const auto& request) {
        for (const OwnedGroup& owned : request.groups()) {
          groups[owned.application()].clear_doubt();
        }
        return ConfirmOwnershipResponse();
      });
  client.on_delete_group =
      Answer<DeleteGroupResponse, DeleteGroupRequest>("DeleteGroup", [this](const auto& request) {
        groups.erase(request.application());
        return DeleteGroupResponse();
      });
  client.on_abort_migration = Answer<AbortMigrationResponse, AbortMigrationRequest>(
      "AbortMigration", [this](const auto& request) -> absl::StatusOr<AbortMigrationResponse> {
        auto found = groups.find(request.key().application());
        if (found == groups.end() || found->second.migration() != request.key().migration()) {
          return AbortMigrationResponse();
        }
        const GroupState state = found->second.state();
        if (state == GROUP_STATE_RECEIVING || state == GROUP_STATE_PREPARED) {
          groups.erase(found);
        } else {
          found->second.set_state(GROUP_STATE_OWNED);
          found->second.clear_migration();
        }
        return AbortMigrationResponse();
      });
}

absl::StatusOr<container::v1::Container> FakeNode::Make(
    const drover::common::v1::ApplicationSpec& spec, int64_t generation, const std::string& hash,
    container::v1::ContainerState state) {
  auto found = containers.find(spec.name());
  if (found != containers.end() && found->second.config_hash() == hash &&
      found->second.generation() == generation && found->second.state() != CONTAINER_STATE_EXITED) {
    const bool opens =
        state == CONTAINER_STATE_READY && found->second.state() == CONTAINER_STATE_GATED;
    if (opens) found->second.set_state(CONTAINER_STATE_READY);
    *found->second.mutable_spec() = spec;
    return found->second;
  }
  if (state == CONTAINER_STATE_GATED && found != containers.end() &&
      found->second.state() == CONTAINER_STATE_READY) {
    return StatusWithReason(absl::StatusCode::kFailedPrecondition, "STILL_RUNNING",
                            "a container of the application still runs here");
  }
  container::v1::Container container;
  container.set_application(spec.name());
  container.set_start_id(name + "-start" + std::to_string(++starts_));
  container.set_container_id(name + "-container" + std::to_string(starts_));
  container.set_generation(generation);
  container.set_config_hash(hash);
  *container.mutable_spec() = spec;
  container.set_image(spec.image());
  container.set_image_digest("sha256:" + spec.image());
  container.mutable_unkept_paths()->Assign(unkept_paths.begin(), unkept_paths.end());
  container.set_state(state);
  if (state == CONTAINER_STATE_READY && exits(spec.name())) {
    container.set_state(CONTAINER_STATE_EXITED);
  }
  return containers[spec.name()] = container;
}

void FakeNode::WireContainer(container::FakeContainerClient& client) {
  using namespace container::v1;
  client.on_get_engine = Answer<GetEngineResponse, GetEngineRequest>("GetEngine", [](const auto&) {
    GetEngineResponse response;
    response.mutable_engine()->set_reachable(true);
    return response;
  });
  client.on_list_containers =
      Answer<ListContainersResponse, ListContainersRequest>("ListContainers", [this](const auto&) {
        ListContainersResponse response;
        *response.mutable_obeyed() = obeyed;
        for (const auto& [name, container] : containers) *response.add_containers() = container;
        return response;
      });
  client.on_ensure_image =
      Answer<EnsureImageResponse, EnsureImageRequest>("EnsureImage", [this](const auto& request) {
        required_digest = request.required_digest();
        mountpoints = {request.mountpoints().begin(), request.mountpoints().end()};
        return EnsureImageResponse();
      });
  client.on_stage_container = Answer<StageContainerResponse, StageContainerRequest>(
      "StageContainer", [this](const auto& request) -> absl::StatusOr<StageContainerResponse> {
        StageContainerResponse response;
        DROVER_ASSIGN_OR_RETURN(*response.mutable_container(),
                                Make(request.spec(), request.generation(), request.config_hash(),
                                     CONTAINER_STATE_GATED));
        return response;
      });
  client.on_start_container = Answer<StartContainerResponse, StartContainerRequest>(
      "StartContainer", [this](const auto& request) -> absl::StatusOr<StartContainerResponse> {
        auto group = groups.find(request.spec().name());
        if (group == groups.end() || group->second.state() != volume::v1::GROUP_STATE_OWNED) {
          return absl::FailedPreconditionError("the volumes are not owned here");
        }
        for (volume::v1::Volume& volume : *group->second.mutable_volumes()) volume.clear_fresh();
        StartContainerResponse response;
        DROVER_ASSIGN_OR_RETURN(*response.mutable_container(),
                                Make(request.spec(), request.generation(), request.config_hash(),
                                     CONTAINER_STATE_READY));
        return response;
      });
  client.on_await_ready = Answer<AwaitReadyResponse, AwaitReadyRequest>(
      "AwaitReady", [this](const auto& request) -> absl::StatusOr<AwaitReadyResponse> {
        const auto found = containers.find(request.application());
        if (found == containers.end() || found->second.start_id() != request.start_id()) {
          return absl::NotFoundError("there is no such start");
        }
        const Container& container = found->second;
        if (container.state() == CONTAINER_STATE_GATED) {
          return absl::FailedPreconditionError("its gate has not been opened");
        }
        if (container.state() == CONTAINER_STATE_EXITED) {
          return StatusWithReason(absl::StatusCode::kFailedPrecondition, "EXITED",
                                  "it ended with exit code 1");
        }
        return AwaitReadyResponse();
      });
  client.on_stream_logs = [this](const StreamLogsRequest& request) {
    StreamLogsResponse response;
    response.set_data(containers[request.application()].start_id());
    return response;
  };
  client.on_remove_container = Answer<RemoveContainerResponse, RemoveContainerRequest>(
      "RemoveContainer", [this](const auto& request) {
        auto found = containers.find(request.application());
        if (found != containers.end() &&
            (request.generation() == 0 || found->second.generation() == request.generation())) {
          containers.erase(found);
        }
        return RemoveContainerResponse();
      });
}

void FakeNode::WireProxy(proxy::FakeProxyClient& client) {
  using namespace proxy::v1;
  client.on_get_routes =
      Answer<GetRoutesResponse, GetRoutesRequest>("GetRoutes", [this](const auto&) {
        GetRoutesResponse response;
        *response.mutable_obeyed() = obeyed;
        response.set_revision(routes.revision());
        for (const auto& [holder, ports] : holds) {
          for (int port : ports) {
            Hold* hold = response.add_holds();
            hold->set_holder(holder);
            hold->set_external_port(port);
          }
        }
        return response;
      });
  client.on_apply_routes = Answer<ApplyRoutesResponse, ApplyRoutesRequest>(
      "ApplyRoutes", [this](const auto& request) -> absl::StatusOr<ApplyRoutesResponse> {
        if (request.revision() < routes.revision()) {
          return StatusWithReason(absl::StatusCode::kFailedPrecondition, "STALE_REVISION",
                                  "the table is older");
        }
        ApplyRoutesRequest known = routes;
        *known.mutable_fence() = request.fence();
        known.set_release_holder(request.release_holder());
        if (request.revision() == known.revision() &&
            request.SerializeAsString() != known.SerializeAsString()) {
          return absl::AlreadyExistsError("REVISION_REUSED");
        }
        routes = request;
        holds.erase(request.release_holder());
        return ApplyRoutesResponse();
      });
  client.on_change_routes = Answer<ChangeRoutesResponse, ChangeRoutesRequest>(
      "ChangeRoutes", [this](const auto& request) -> absl::StatusOr<ChangeRoutesResponse> {
        if (request.base_revision() != routes.revision()) {
          return StatusWithReason(absl::StatusCode::kFailedPrecondition, "NOT_AT_BASE",
                                  "another table is in force");
        }
        std::map<int, Route> table;
        for (const Route& route : routes.routes()) table[route.external_port()] = route;
        for (int port : request.removed_external_ports()) table.erase(port);
        for (const Route& route : request.routes()) table[route.external_port()] = route;
        routes.set_revision(request.revision());
        routes.clear_routes();
        for (const auto& [port, route] : table) *routes.add_routes() = route;
        holds.erase(request.release_holder());
        return ChangeRoutesResponse();
      });
  client.on_set_hold = Answer<SetHoldResponse, SetHoldRequest>("SetHold", [this](
                                                                              const auto& request) {
    holds[request.holder()] = {request.external_ports().begin(), request.external_ports().end()};
    return SetHoldResponse();
  });
  client.on_release_hold =
      Answer<ReleaseHoldResponse, ReleaseHoldRequest>("ReleaseHold", [this](const auto& request) {
        holds.erase(request.holder());
        return ReleaseHoldResponse();
      });
  client.on_check_ports =
      Answer<CheckPortsResponse, CheckPortsRequest>("CheckPorts", [this](const auto& request) {
        CheckPortsResponse response;
        for (int port : request.external_ports()) {
          if (std::find(taken_ports.begin(), taken_ports.end(), port) == taken_ports.end())
            continue;
          response.add_conflicts()->set_port(port);
        }
        return response;
      });
}

}  // namespace drover::coordinator
