// A CoordinatorClient for unit tests.
#ifndef DROVER_SERVICES_COORDINATOR_CLIENT_FAKE_COORDINATOR_CLIENT_H_
#define DROVER_SERVICES_COORDINATOR_CLIENT_FAKE_COORDINATOR_CLIENT_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "drover/coordinator/v1/coordinator_service.pb.h"
#include "services/coordinator/client/coordinator_client.h"

namespace drover::coordinator {

// Records the names of the calls and answers each by its `on_…` function, or with an empty response
// if that is not set. A stream gives its one answer as its only message.
class FakeCoordinatorClient : public CoordinatorClient {
 public:
  Task<absl::StatusOr<coordinator::v1::AddNodeResponse>> AddNode(
      coordinator::v1::AddNodeRequest request, absl::Duration timeout) override {
    co_await Begin("AddNode");
    if (!on_add_node) co_return coordinator::v1::AddNodeResponse();
    co_return on_add_node(request);
  }
  Task<absl::StatusOr<coordinator::v1::RemoveNodeResponse>> RemoveNode(
      coordinator::v1::RemoveNodeRequest request, absl::Duration timeout) override {
    co_await Begin("RemoveNode");
    if (!on_remove_node) co_return coordinator::v1::RemoveNodeResponse();
    co_return on_remove_node(request);
  }
  Task<absl::StatusOr<coordinator::v1::ListNodesResponse>> ListNodes(
      coordinator::v1::ListNodesRequest request, absl::Duration timeout) override {
    co_await Begin("ListNodes");
    if (!on_list_nodes) co_return coordinator::v1::ListNodesResponse();
    co_return on_list_nodes(request);
  }
  Task<absl::StatusOr<coordinator::v1::GetClusterStatusResponse>> GetClusterStatus(
      coordinator::v1::GetClusterStatusRequest request, absl::Duration timeout) override {
    co_await Begin("GetClusterStatus");
    if (!on_get_cluster_status) co_return coordinator::v1::GetClusterStatusResponse();
    co_return on_get_cluster_status(request);
  }
  Task<absl::StatusOr<coordinator::v1::ListRoutesResponse>> ListRoutes(
      coordinator::v1::ListRoutesRequest request, absl::Duration timeout) override {
    co_await Begin("ListRoutes");
    if (!on_list_routes) co_return coordinator::v1::ListRoutesResponse();
    co_return on_list_routes(request);
  }
  Task<absl::StatusOr<coordinator::v1::PlanDeploymentResponse>> PlanDeployment(
      coordinator::v1::PlanDeploymentRequest request, absl::Duration timeout) override {
    co_await Begin("PlanDeployment");
    if (!on_plan_deployment) co_return coordinator::v1::PlanDeploymentResponse();
    co_return on_plan_deployment(request);
  }
  Task<absl::StatusOr<coordinator::v1::CreateDeploymentResponse>> CreateDeployment(
      coordinator::v1::CreateDeploymentRequest request, absl::Duration timeout) override {
    co_await Begin("CreateDeployment");
    if (!on_create_deployment) co_return coordinator::v1::CreateDeploymentResponse();
    co_return on_create_deployment(request);
  }
  Task<absl::StatusOr<coordinator::v1::GetDeploymentResponse>> GetDeployment(
      coordinator::v1::GetDeploymentRequest request, absl::Duration timeout) override {
    co_await Begin("GetDeployment");
    if (!on_get_deployment) co_return coordinator::v1::GetDeploymentResponse();
    co_return on_get_deployment(request);
  }
  Task<absl::StatusOr<coordinator::v1::ListDeploymentsResponse>> ListDeployments(
      coordinator::v1::ListDeploymentsRequest request, absl::Duration timeout) override {
    co_await Begin("ListDeployments");
    if (!on_list_deployments) co_return coordinator::v1::ListDeploymentsResponse();
    co_return on_list_deployments(request);
  }
  Task<absl::Status> WatchDeployment(
      coordinator::v1::WatchDeploymentRequest request, absl::Duration timeout,
      std::function<void(const coordinator::v1::WatchDeploymentResponse&)> on_message) override {
    co_await Begin("WatchDeployment");
    if (!on_watch_deployment) co_return absl::OkStatus();
    auto response = on_watch_deployment(request);
    if (!response.ok()) co_return response.status();
    on_message(*response);
    co_return absl::OkStatus();
  }
  Task<absl::StatusOr<coordinator::v1::SetCordonedResponse>> SetCordoned(
      coordinator::v1::SetCordonedRequest request, absl::Duration timeout) override {
    co_await Begin("SetCordoned");
    if (!on_set_cordoned) co_return coordinator::v1::SetCordonedResponse();
    co_return on_set_cordoned(request);
  }
  Task<absl::StatusOr<coordinator::v1::PlanDrainResponse>> PlanDrain(
      coordinator::v1::PlanDrainRequest request, absl::Duration timeout) override {
    co_await Begin("PlanDrain");
    if (!on_plan_drain) co_return coordinator::v1::PlanDrainResponse();
    co_return on_plan_drain(request);
  }
  Task<absl::StatusOr<coordinator::v1::CreateDrainResponse>> CreateDrain(
      coordinator::v1::CreateDrainRequest request, absl::Duration timeout) override {
    co_await Begin("CreateDrain");
    if (!on_create_drain) co_return coordinator::v1::CreateDrainResponse();
    co_return on_create_drain(request);
  }
  Task<absl::StatusOr<coordinator::v1::CreateMigrationResponse>> CreateMigration(
      coordinator::v1::CreateMigrationRequest request, absl::Duration timeout) override {
    co_await Begin("CreateMigration");
    if (!on_create_migration) co_return coordinator::v1::CreateMigrationResponse();
    co_return on_create_migration(request);
  }
  Task<absl::StatusOr<coordinator::v1::GetMigrationResponse>> GetMigration(
      coordinator::v1::GetMigrationRequest request, absl::Duration timeout) override {
    co_await Begin("GetMigration");
    if (!on_get_migration) co_return coordinator::v1::GetMigrationResponse();
    co_return on_get_migration(request);
  }
  Task<absl::StatusOr<coordinator::v1::ListMigrationsResponse>> ListMigrations(
      coordinator::v1::ListMigrationsRequest request, absl::Duration timeout) override {
    co_await Begin("ListMigrations");
    if (!on_list_migrations) co_return coordinator::v1::ListMigrationsResponse();
    co_return on_list_migrations(request);
  }
  Task<absl::StatusOr<coordinator::v1::CancelMigrationResponse>> CancelMigration(
      coordinator::v1::CancelMigrationRequest request, absl::Duration timeout) override {
    co_await Begin("CancelMigration");
    if (!on_cancel_migration) co_return coordinator::v1::CancelMigrationResponse();
    co_return on_cancel_migration(request);
  }
  Task<absl::Status> WatchMigration(
      coordinator::v1::WatchMigrationRequest request, absl::Duration timeout,
      std::function<void(const coordinator::v1::WatchMigrationResponse&)> on_message) override {
    co_await Begin("WatchMigration");
    if (!on_watch_migration) co_return absl::OkStatus();
    auto response = on_watch_migration(request);
    if (!response.ok()) co_return response.status();
    on_message(*response);
    co_return absl::OkStatus();
  }
  Task<absl::StatusOr<coordinator::v1::ClaimVolumesResponse>> ClaimVolumes(
      coordinator::v1::ClaimVolumesRequest request, absl::Duration timeout) override {
    co_await Begin("ClaimVolumes");
    if (!on_claim_volumes) co_return coordinator::v1::ClaimVolumesResponse();
    co_return on_claim_volumes(request);
  }
  Task<absl::StatusOr<coordinator::v1::DeleteDivergedVolumesResponse>> DeleteDivergedVolumes(
      coordinator::v1::DeleteDivergedVolumesRequest request, absl::Duration timeout) override {
    co_await Begin("DeleteDivergedVolumes");
    if (!on_delete_diverged_volumes) co_return coordinator::v1::DeleteDivergedVolumesResponse();
    co_return on_delete_diverged_volumes(request);
  }
  Task<absl::StatusOr<coordinator::v1::DeleteVolumesResponse>> DeleteVolumes(
      coordinator::v1::DeleteVolumesRequest request, absl::Duration timeout) override {
    co_await Begin("DeleteVolumes");
    if (!on_delete_volumes) co_return coordinator::v1::DeleteVolumesResponse();
    co_return on_delete_volumes(request);
  }
  Task<absl::StatusOr<coordinator::v1::CreateSnapshotsResponse>> CreateSnapshots(
      coordinator::v1::CreateSnapshotsRequest request, absl::Duration timeout) override {
    co_await Begin("CreateSnapshots");
    if (!on_create_snapshots) co_return coordinator::v1::CreateSnapshotsResponse();
    co_return on_create_snapshots(request);
  }
  Task<absl::StatusOr<coordinator::v1::ListSnapshotsResponse>> ListSnapshots(
      coordinator::v1::ListSnapshotsRequest request, absl::Duration timeout) override {
    co_await Begin("ListSnapshots");
    if (!on_list_snapshots) co_return coordinator::v1::ListSnapshotsResponse();
    co_return on_list_snapshots(request);
  }
  Task<absl::StatusOr<coordinator::v1::DeleteSnapshotsResponse>> DeleteSnapshots(
      coordinator::v1::DeleteSnapshotsRequest request, absl::Duration timeout) override {
    co_await Begin("DeleteSnapshots");
    if (!on_delete_snapshots) co_return coordinator::v1::DeleteSnapshotsResponse();
    co_return on_delete_snapshots(request);
  }
  Task<absl::StatusOr<coordinator::v1::CreateRollBackResponse>> CreateRollBack(
      coordinator::v1::CreateRollBackRequest request, absl::Duration timeout) override {
    co_await Begin("CreateRollBack");
    if (!on_create_roll_back) co_return coordinator::v1::CreateRollBackResponse();
    co_return on_create_roll_back(request);
  }
  Task<absl::StatusOr<coordinator::v1::CreateCloneResponse>> CreateClone(
      coordinator::v1::CreateCloneRequest request, absl::Duration timeout) override {
    co_await Begin("CreateClone");
    if (!on_create_clone) co_return coordinator::v1::CreateCloneResponse();
    co_return on_create_clone(request);
  }
  Task<absl::Status> StreamApplicationLogs(
      coordinator::v1::StreamApplicationLogsRequest request, absl::Duration timeout,
      std::function<void(const coordinator::v1::StreamApplicationLogsResponse&)> on_message)
      override {
    co_await Begin("StreamApplicationLogs");
    if (!on_stream_application_logs) co_return absl::OkStatus();
    auto response = on_stream_application_logs(request);
    if (!response.ok()) co_return response.status();
    on_message(*response);
    co_return absl::OkStatus();
  }

  Task<absl::Status> BackUp(
      coordinator::v1::BackUpRequest request, absl::Duration timeout,
      std::function<void(const coordinator::v1::BackUpResponse&)> on_message) override {
    co_await Begin("BackUp");
    if (!on_back_up) co_return absl::OkStatus();
    auto response = on_back_up(request);
    if (!response.ok()) co_return response.status();
    on_message(*response);
    co_return absl::OkStatus();
  }

  Task<absl::StatusOr<coordinator::v1::DiagnoseResponse>> Diagnose(
      coordinator::v1::DiagnoseRequest request, absl::Duration timeout) override {
    co_await Begin("Diagnose");
    if (!on_diagnose) co_return coordinator::v1::DiagnoseResponse();
    co_return on_diagnose(request);
  }

  Task<absl::StatusOr<coordinator::v1::AdoptResponse>> Adopt(coordinator::v1::AdoptRequest request,
                                                             absl::Duration timeout) override {
    co_await Begin("Adopt");
    if (!on_adopt) co_return coordinator::v1::AdoptResponse();
    co_return on_adopt(request);
  }

  std::vector<std::string> calls;
  // What happens, of each call by its name, before it is answered.
  std::function<Task<void>(std::string)> on_call;

  std::function<absl::StatusOr<coordinator::v1::AddNodeResponse>(
      const coordinator::v1::AddNodeRequest&)>
      on_add_node;
  std::function<absl::StatusOr<coordinator::v1::RemoveNodeResponse>(
      const coordinator::v1::RemoveNodeRequest&)>
      on_remove_node;
  std::function<absl::StatusOr<coordinator::v1::ListNodesResponse>(
      const coordinator::v1::ListNodesRequest&)>
      on_list_nodes;
  std::function<absl::StatusOr<coordinator::v1::GetClusterStatusResponse>(
      const coordinator::v1::GetClusterStatusRequest&)>
      on_get_cluster_status;
  std::function<absl::StatusOr<coordinator::v1::ListRoutesResponse>(
      const coordinator::v1::ListRoutesRequest&)>
      on_list_routes;
  std::function<absl::StatusOr<coordinator::v1::PlanDeploymentResponse>(
      const coordinator::v1::PlanDeploymentRequest&)>
      on_plan_deployment;
  std::function<absl::StatusOr<coordinator::v1::CreateDeploymentResponse>(
      const coordinator::v1::CreateDeploymentRequest&)>
      on_create_deployment;
  std::function<absl::StatusOr<coordinator::v1::GetDeploymentResponse>(
      const coordinator::v1::GetDeploymentRequest&)>
      on_get_deployment;
  std::function<absl::StatusOr<coordinator::v1::ListDeploymentsResponse>(
      const coordinator::v1::ListDeploymentsRequest&)>
      on_list_deployments;
  std::function<absl::StatusOr<coordinator::v1::WatchDeploymentResponse>(
      const coordinator::v1::WatchDeploymentRequest&)>
      on_watch_deployment;
  std::function<absl::StatusOr<coordinator::v1::SetCordonedResponse>(
      const coordinator::v1::SetCordonedRequest&)>
      on_set_cordoned;
  std::function<absl::StatusOr<coordinator::v1::PlanDrainResponse>(
      const coordinator::v1::PlanDrainRequest&)>
      on_plan_drain;
  std::function<absl::StatusOr<coordinator::v1::CreateDrainResponse>(
      const coordinator::v1::CreateDrainRequest&)>
      on_create_drain;
  std::function<absl::StatusOr<coordinator::v1::CreateMigrationResponse>(
      const coordinator::v1::CreateMigrationRequest&)>
      on_create_migration;
  std::function<absl::StatusOr<coordinator::v1::GetMigrationResponse>(
      const coordinator::v1::GetMigrationRequest&)>
      on_get_migration;
  std::function<absl::StatusOr<coordinator::v1::ListMigrationsResponse>(
      const coordinator::v1::ListMigrationsRequest&)>
      on_list_migrations;
  std::function<absl::StatusOr<coordinator::v1::CancelMigrationResponse>(
      const coordinator::v1::CancelMigrationRequest&)>
      on_cancel_migration;
  std::function<absl::StatusOr<coordinator::v1::WatchMigrationResponse>(
      const coordinator::v1::WatchMigrationRequest&)>
      on_watch_migration;
  std::function<absl::StatusOr<coordinator::v1::ClaimVolumesResponse>(
      const coordinator::v1::ClaimVolumesRequest&)>
      on_claim_volumes;
  std::function<absl::StatusOr<coordinator::v1::DeleteDivergedVolumesResponse>(
      const coordinator::v1::DeleteDivergedVolumesRequest&)>
      on_delete_diverged_volumes;
  std::function<absl::StatusOr<coordinator::v1::DeleteVolumesResponse>(
      const coordinator::v1::DeleteVolumesRequest&)>
      on_delete_volumes;
  std::function<absl::StatusOr<coordinator::v1::CreateSnapshotsResponse>(
      const coordinator::v1::CreateSnapshotsRequest&)>
      on_create_snapshots;
  std::function<absl::StatusOr<coordinator::v1::ListSnapshotsResponse>(
      const coordinator::v1::ListSnapshotsRequest&)>
      on_list_snapshots;
  std::function<absl::StatusOr<coordinator::v1::DeleteSnapshotsResponse>(
      const coordinator::v1::DeleteSnapshotsRequest&)>
      on_delete_snapshots;
  std::function<absl::StatusOr<coordinator::v1::CreateRollBackResponse>(
      const coordinator::v1::CreateRollBackRequest&)>
      on_create_roll_back;
  std::function<absl::StatusOr<coordinator::v1::CreateCloneResponse>(
      const coordinator::v1::CreateCloneRequest&)>
      on_create_clone;
  std::function<absl::StatusOr<coordinator::v1::StreamApplicationLogsResponse>(
      const coordinator::v1::StreamApplicationLogsRequest&)>
      on_stream_application_logs;
  std::function<absl::StatusOr<coordinator::v1::BackUpResponse>(
      const coordinator::v1::BackUpRequest&)>
      on_back_up;
  std::function<absl::StatusOr<coordinator::v1::DiagnoseResponse>(
      const coordinator::v1::DiagnoseRequest&)>
      on_diagnose;
  std::function<absl::StatusOr<coordinator::v1::AdoptResponse>(
      const coordinator::v1::AdoptRequest&)>
      on_adopt;

 private:
  Task<void> Begin(std::string name) {
    calls.push_back(name);
    if (on_call) co_await on_call(std::move(name));
  }
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_CLIENT_FAKE_COORDINATOR_CLIENT_H_
