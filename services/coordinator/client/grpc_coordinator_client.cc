#include "services/coordinator/client/grpc_coordinator_client.h"

#include <utility>

#include "services/common/async/client_call.h"

namespace drover::coordinator {

GrpcCoordinatorClient::GrpcCoordinatorClient(std::shared_ptr<grpc::Channel> channel)
    : stub_(v1::CoordinatorService::NewStub(std::move(channel))) {}

Task<absl::StatusOr<v1::AddNodeResponse>> GrpcCoordinatorClient::AddNode(v1::AddNodeRequest request,
                                                                         absl::Duration timeout) {
  return UnaryCall<v1::AddNodeResponse>(stub_, &Async::AddNode, std::move(request), timeout);
}

Task<absl::StatusOr<v1::RemoveNodeResponse>> GrpcCoordinatorClient::RemoveNode(
    v1::RemoveNodeRequest request, absl::Duration timeout) {
  return UnaryCall<v1::RemoveNodeResponse>(stub_, &Async::RemoveNode, std::move(request), timeout);
}

Task<absl::StatusOr<v1::ListNodesResponse>> GrpcCoordinatorClient::ListNodes(
    v1::ListNodesRequest request, absl::Duration timeout) {
  return UnaryCall<v1::ListNodesResponse>(stub_, &Async::ListNodes, std::move(request), timeout);
}

Task<absl::StatusOr<v1::GetClusterStatusResponse>> GrpcCoordinatorClient::GetClusterStatus(
    v1::GetClusterStatusRequest request, absl::Duration timeout) {
  return UnaryCall<v1::GetClusterStatusResponse>(stub_, &Async::GetClusterStatus,
                                                 std::move(request), timeout);
}

Task<absl::StatusOr<v1::ListRoutesResponse>> GrpcCoordinatorClient::ListRoutes(
    v1::ListRoutesRequest request, absl::Duration timeout) {
  return UnaryCall<v1::ListRoutesResponse>(stub_, &Async::ListRoutes, std::move(request), timeout);
}

Task<absl::StatusOr<v1::PlanDeploymentResponse>> GrpcCoordinatorClient::PlanDeployment(
    v1::PlanDeploymentRequest request, absl::Duration timeout) {
  return UnaryCall<v1::PlanDeploymentResponse>(stub_, &Async::PlanDeployment, std::move(request),
                                               timeout);
}

Task<absl::StatusOr<v1::CreateDeploymentResponse>> GrpcCoordinatorClient::CreateDeployment(
    v1::CreateDeploymentRequest request, absl::Duration timeout) {
  return UnaryCall<v1::CreateDeploymentResponse>(stub_, &Async::CreateDeployment,
                                                 std::move(request), timeout);
}

Task<absl::StatusOr<v1::GetDeploymentResponse>> GrpcCoordinatorClient::GetDeployment(
    v1::GetDeploymentRequest request, absl::Duration timeout) {
  return UnaryCall<v1::GetDeploymentResponse>(stub_, &Async::GetDeployment, std::move(request),
                                              timeout);
}

Task<absl::StatusOr<v1::ListDeploymentsResponse>> GrpcCoordinatorClient::ListDeployments(
    v1::ListDeploymentsRequest request, absl::Duration timeout) {
  return UnaryCall<v1::ListDeploymentsResponse>(stub_, &Async::ListDeployments, std::move(request),
                                                timeout);
}

Task<absl::Status> GrpcCoordinatorClient::WatchDeployment(
    v1::WatchDeploymentRequest request, absl::Duration timeout,
    std::function<void(const v1::WatchDeploymentResponse&)> on_message) {
  return ReadCall(stub_, &Async::WatchDeployment, std::move(request), timeout,
                  std::move(on_message));
}

Task<absl::StatusOr<v1::SetCordonedResponse>> GrpcCoordinatorClient::SetCordoned(
    v1::SetCordonedRequest request, absl::Duration timeout) {
  return UnaryCall<v1::SetCordonedResponse>(stub_, &Async::SetCordoned, std::move(request),
                                            timeout);
}

Task<absl::StatusOr<v1::PlanDrainResponse>> GrpcCoordinatorClient::PlanDrain(
    v1::PlanDrainRequest request, absl::Duration timeout) {
  return UnaryCall<v1::PlanDrainResponse>(stub_, &Async::PlanDrain, std::move(request), timeout);
}

Task<absl::StatusOr<v1::CreateDrainResponse>> GrpcCoordinatorClient::CreateDrain(
    v1::CreateDrainRequest request, absl::Duration timeout) {
  return UnaryCall<v1::CreateDrainResponse>(stub_, &Async::CreateDrain, std::move(request),
                                            timeout);
}

Task<absl::StatusOr<v1::CreateMigrationResponse>> GrpcCoordinatorClient::CreateMigration(
    v1::CreateMigrationRequest request, absl::Duration timeout) {
  return UnaryCall<v1::CreateMigrationResponse>(stub_, &Async::CreateMigration, std::move(request),
                                                timeout);
}

Task<absl::StatusOr<v1::GetMigrationResponse>> GrpcCoordinatorClient::GetMigration(
    v1::GetMigrationRequest request, absl::Duration timeout) {
  return UnaryCall<v1::GetMigrationResponse>(stub_, &Async::GetMigration, std::move(request),
                                             timeout);
}

Task<absl::StatusOr<v1::ListMigrationsResponse>> GrpcCoordinatorClient::ListMigrations(
    v1::ListMigrationsRequest request, absl::Duration timeout) {
  return UnaryCall<v1::ListMigrationsResponse>(stub_, &Async::ListMigrations, std::move(request),
                                               timeout);
}

Task<absl::StatusOr<v1::CancelMigrationResponse>> GrpcCoordinatorClient::CancelMigration(
    v1::CancelMigrationRequest request, absl::Duration timeout) {
  return UnaryCall<v1::CancelMigrationResponse>(stub_, &Async::CancelMigration, std::move(request),
                                                timeout);
}

Task<absl::Status> GrpcCoordinatorClient::WatchMigration(
    v1::WatchMigrationRequest request, absl::Duration timeout,
    std::function<void(const v1::WatchMigrationResponse&)> on_message) {
  return ReadCall(stub_, &Async::WatchMigration, std::move(request), timeout,
                  std::move(on_message));
}

Task<absl::StatusOr<v1::ClaimVolumesResponse>> GrpcCoordinatorClient::ClaimVolumes(
    v1::ClaimVolumesRequest request, absl::Duration timeout) {
  return UnaryCall<v1::ClaimVolumesResponse>(stub_, &Async::ClaimVolumes, std::move(request),
                                             timeout);
}

Task<absl::StatusOr<v1::DeleteDivergedVolumesResponse>>
GrpcCoordinatorClient::DeleteDivergedVolumes(v1::DeleteDivergedVolumesRequest request,
                                             absl::Duration timeout) {
  return UnaryCall<v1::DeleteDivergedVolumesResponse>(stub_, &Async::DeleteDivergedVolumes,
                                                      std::move(request), timeout);
}

Task<absl::StatusOr<v1::DeleteVolumesResponse>> GrpcCoordinatorClient::DeleteVolumes(
    v1::DeleteVolumesRequest request, absl::Duration timeout) {
  return UnaryCall<v1::DeleteVolumesResponse>(stub_, &Async::DeleteVolumes, std::move(request),
                                              timeout);
}

Task<absl::StatusOr<v1::CreateSnapshotsResponse>> GrpcCoordinatorClient::CreateSnapshots(
    v1::CreateSnapshotsRequest request, absl::Duration timeout) {
  return UnaryCall<v1::CreateSnapshotsResponse>(stub_, &Async::CreateSnapshots, std::move(request),
                                                timeout);
}

Task<absl::StatusOr<v1::ListSnapshotsResponse>> GrpcCoordinatorClient::ListSnapshots(
    v1::ListSnapshotsRequest request, absl::Duration timeout) {
  return UnaryCall<v1::ListSnapshotsResponse>(stub_, &Async::ListSnapshots, std::move(request),
                                              timeout);
}

Task<absl::StatusOr<v1::DeleteSnapshotsResponse>> GrpcCoordinatorClient::DeleteSnapshots(
    v1::DeleteSnapshotsRequest request, absl::Duration timeout) {
  return UnaryCall<v1::DeleteSnapshotsResponse>(stub_, &Async::DeleteSnapshots, std::move(request),
                                                timeout);
}

Task<absl::StatusOr<v1::CreateRollBackResponse>> GrpcCoordinatorClient::CreateRollBack(
    v1::CreateRollBackRequest request, absl::Duration timeout) {
  return UnaryCall<v1::CreateRollBackResponse>(stub_, &Async::CreateRollBack, std::move(request),
                                               timeout);
}

Task<absl::StatusOr<v1::CreateCloneResponse>> GrpcCoordinatorClient::CreateClone(
    v1::CreateCloneRequest request, absl::Duration timeout) {
  return UnaryCall<v1::CreateCloneResponse>(stub_, &Async::CreateClone, std::move(request),
                                            timeout);
}

Task<absl::Status> GrpcCoordinatorClient::StreamApplicationLogs(
    v1::StreamApplicationLogsRequest request, absl::Duration timeout,
    std::function<void(const v1::StreamApplicationLogsResponse&)> on_message) {
  return ReadCall(stub_, &Async::StreamApplicationLogs, std::move(request), timeout,
                  std::move(on_message));
}

Task<absl::Status> GrpcCoordinatorClient::BackUp(
    v1::BackUpRequest request, absl::Duration timeout,
    std::function<void(const v1::BackUpResponse&)> on_message) {
  return ReadCall(stub_, &Async::BackUp, std::move(request), timeout, std::move(on_message));
}

Task<absl::StatusOr<v1::DiagnoseResponse>> GrpcCoordinatorClient::Diagnose(
    v1::DiagnoseRequest request, absl::Duration timeout) {
  return UnaryCall<v1::DiagnoseResponse>(stub_, &Async::Diagnose, std::move(request), timeout);
}

Task<absl::StatusOr<v1::AdoptResponse>> GrpcCoordinatorClient::Adopt(v1::AdoptRequest request,
                                                                     absl::Duration timeout) {
  return UnaryCall<v1::AdoptResponse>(stub_, &Async::Adopt, std::move(request), timeout);
}

}  // namespace drover::coordinator
