// Calls of the CoordinatorService about volumes and their snapshots.
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/status/status_macros.h"
#include "services/common/time/proto_time.h"
#include "services/coordinator/domain/owner_choice.h"
#include "services/coordinator/domain/volume_name.h"
#include "services/coordinator/orchestrator/node_names.h"
#include "services/coordinator/service/cluster_status.h"
#include "services/coordinator/service/coordinator_service.h"
#include "services/coordinator/service/request_checks.h"

namespace drover::coordinator {
namespace {

v1::VolumeSnapshot SnapshotMessage(const VolumeSnapshot& snapshot) {
  v1::VolumeSnapshot proto;
  proto.set_volume(snapshot.volume);
  proto.set_name(snapshot.name);
  proto.set_node(snapshot.node.value());
  *proto.mutable_create_time() = ProtoOf(snapshot.create_time);
  return proto;
}

}  // namespace

grpc::ServerUnaryReactor* CoordinatorService::ClaimVolumes(Context* context,
                                                           const v1::ClaimVolumesRequest* request,
                                                           v1::ClaimVolumesResponse* response) {
  auto handler = [this](Caller caller, v1::ClaimVolumesRequest r) {
    return DoClaimVolumes(std::move(caller), std::move(r));
  };
  return ServeUnary(calls_, context, request, response, handler);
}

Task<absl::StatusOr<v1::ClaimVolumesResponse>> CoordinatorService::DoClaimVolumes(
    Caller caller, v1::ClaimVolumesRequest request) {
  auto target = co_await Resolve(request.volume(), request.node());
  absl::Status claimed = target.status();
  if (claimed.ok()) claimed = co_await orchestrator_.CheckMayChange();
  if (request.validate_only()) {
    if (claimed.ok()) {
      claimed = co_await orchestrator_.takeover.CheckMayClaim(target->first, target->second);
    }
    if (!claimed.ok()) co_return claimed;
    co_return v1::ClaimVolumesResponse();
  }
  if (claimed.ok()) {
    claimed =
        co_await orchestrator_.takeover.Claim(target->first, target->second, caller.identity.Uri());
  }
  const std::string subject = absl::StrCat(request.volume(), " on ", request.node());
  co_await Audit(caller, "ClaimVolumes", subject, claimed);
  if (!claimed.ok()) co_return claimed;
  ClusterView view = co_await orchestrator_.observer.Observe();
  const v1::ClusterStatus status = StatusMessage(std::move(view));
  v1::ClaimVolumesResponse response;
  for (const v1::ClusterVolume& volume : status.volumes()) {
    if (ParseVolumeName(volume.name()).application == target->first)
      *response.add_volumes() = volume;
  }
  co_return response;
}

grpc::ServerUnaryReactor* CoordinatorService::DeleteDivergedVolumes(
    Context* context, const v1::DeleteDivergedVolumesRequest* request,
    v1::DeleteDivergedVolumesResponse* response) {
  auto handler = [this](Caller caller, v1::DeleteDivergedVolumesRequest r) {
    return DoDeleteDivergedVolumes(std::move(caller), std::move(r));
  };
  return ServeUnary(calls_, context, request, response, handler);
}

Task<absl::StatusOr<v1::DeleteDivergedVolumesResponse>> CoordinatorService::DoDeleteDivergedVolumes(
    Caller caller, v1::DeleteDivergedVolumesRequest request) {
  auto target = co_await Resolve(request.volume(), request.node());
  absl::Status deleted = target.status();
  if (deleted.ok()) deleted = co_await orchestrator_.CheckMayChange();
  if (deleted.ok()) {
    deleted = co_await orchestrator_.takeover.DeleteDiverged(target->first, target->second);
  }
  const std::string subject = absl::StrCat(request.volume(), " on ", request.node());
  co_await Audit(caller, "DeleteDivergedVolumes", subject, deleted);
  if (!deleted.ok()) co_return deleted;
  co_return v1::DeleteDivergedVolumesResponse();
}

Task<absl::StatusOr<std::pair<ApplicationName, NodeName>>> CoordinatorService::Resolve(
    std::string volume, std::string node) {
  const ClusterView view = co_await orchestrator_.observer.Observe();
  DROVER_CO_ASSIGN_OR_RETURN(NodeName name,
                             co_await FindNode(orchestrator_.hosts, view.nodes, std::move(node)));
  co_return std::make_pair(ParseVolumeName(volume).application, std::move(name));
}

grpc::ServerUnaryReactor* CoordinatorService::DeleteVolumes(Context* context,
                                                            const v1::DeleteVolumesRequest* request,
                                                            v1::DeleteVolumesResponse* response) {
  auto handler = [this](Caller caller, v1::DeleteVolumesRequest r) {
    return DoDeleteVolumes(std::move(caller), std::move(r));
  };
  return ServeUnary(calls_, context, request, response, handler);
}

Task<absl::StatusOr<v1::DeleteVolumesResponse>> CoordinatorService::DoDeleteVolumes(
    Caller caller, v1::DeleteVolumesRequest request) {
  absl::Status deleted = CheckVolumeName(request.volume());
  if (deleted.ok()) deleted = co_await orchestrator_.CheckMayChange();
  if (deleted.ok()) deleted = co_await orchestrator_.volumes.Delete(request.volume());
  co_await Audit(caller, "DeleteVolumes", request.volume(), deleted);
  if (!deleted.ok()) co_return deleted;
  co_return v1::DeleteVolumesResponse();
}

grpc::ServerUnaryReactor* CoordinatorService::CreateSnapshots(
    Context* context, const v1::CreateSnapshotsRequest* request,
    v1::CreateSnapshotsResponse* response) {
  auto handler = [this](Caller caller, v1::CreateSnapshotsRequest r) {
    return DoCreateSnapshots(std::move(caller), std::move(r));
  };
  return ServeUnary(calls_, context, request, response, handler);
}

Task<absl::StatusOr<v1::CreateSnapshotsResponse>> CoordinatorService::DoCreateSnapshots(
    Caller caller, v1::CreateSnapshotsRequest request) {
  absl::StatusOr<std::vector<VolumeSnapshot>> made = std::vector<VolumeSnapshot>();
  absl::Status possible = CheckVolumeName(request.volume());
  if (possible.ok()) possible = CheckSnapshotName(request.snapshot());
  if (possible.ok()) possible = co_await orchestrator_.CheckMayChange();
  if (possible.ok()) {
    made = co_await orchestrator_.volumes.CreateSnapshots(request.volume(), request.snapshot());
  } else {
    made = possible;
  }
  const std::string subject = absl::StrCat(request.volume(), "@", request.snapshot());
  co_await Audit(caller, "CreateSnapshots", subject, made.status());
  if (!made.ok()) co_return made.status();
  v1::CreateSnapshotsResponse response;
  for (const VolumeSnapshot& one : *made) *response.add_snapshots() = SnapshotMessage(one);
  co_return response;
}

grpc::ServerUnaryReactor* CoordinatorService::ListSnapshots(Context* context,
                                                            const v1::ListSnapshotsRequest* request,
                                                            v1::ListSnapshotsResponse* response) {
  auto handler = [this](Caller, v1::ListSnapshotsRequest r) {
    return DoListSnapshots(std::move(r));
  };
  return ServeUnary(calls_, context, request, response, handler, WhenCancelled::kStop);
}

Task<absl::StatusOr<v1::ListSnapshotsResponse>> CoordinatorService::DoListSnapshots(
    v1::ListSnapshotsRequest request) {
  const ClusterView view = co_await orchestrator_.observer.Observe();
  const ApplicationName application = ParseVolumeName(request.volume()).application;
  if (!request.volume().empty() && !view.applications.contains(application) &&
      GroupsOf(view, application).empty()) {
    co_return NoApplication(application.value());
  }
  v1::ListSnapshotsResponse response;
  for (const VolumeSnapshot& one : SnapshotsOf(view, request.volume())) {
    *response.add_snapshots() = SnapshotMessage(one);
  }
  for (const NodeView& node : view.nodes) {
    if (!node.volumes_known) response.add_unreachable_nodes(node.name.value());
  }
  co_return response;
}

grpc::ServerUnaryReactor* CoordinatorService::DeleteSnapshots(
    Context* context, const v1::DeleteSnapshotsRequest* request,
    v1::DeleteSnapshotsResponse* response) {
  auto handler = [this](Caller caller, v1::DeleteSnapshotsRequest r) {
    return DoDeleteSnapshots(std::move(caller), std::move(r));
  };
  return ServeUnary(calls_, context, request, response, handler);
}

Task<absl::StatusOr<v1::DeleteSnapshotsResponse>> CoordinatorService::DoDeleteSnapshots(
    Caller caller, v1::DeleteSnapshotsRequest request) {
  absl::StatusOr<std::vector<VolumeSnapshot>> deleted = std::vector<VolumeSnapshot>();
  absl::Status possible = CheckVolumeName(request.volume());
  if (possible.ok()) possible = CheckSnapshotName(request.snapshot());
  if (possible.ok()) possible = co_await orchestrator_.CheckMayChange();
  if (possible.ok()) {
    deleted = co_await orchestrator_.volumes.DeleteSnapshots(request.volume(), request.snapshot());
  } else {
    deleted = possible;
  }
  const std::string subject = absl::StrCat(request.volume(), "@", request.snapshot());
  co_await Audit(caller, "DeleteSnapshots", subject, deleted.status());
  if (!deleted.ok()) co_return deleted.status();
  v1::DeleteSnapshotsResponse response;
  for (const VolumeSnapshot& one : *deleted) *response.add_snapshots() = SnapshotMessage(one);
  co_return response;
}

}  // namespace drover::coordinator
