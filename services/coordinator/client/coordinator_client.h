// How the command line and other programs call the coordinator.
#ifndef DROVER_SERVICES_COORDINATOR_CLIENT_COORDINATOR_CLIENT_H_
#define DROVER_SERVICES_COORDINATOR_CLIENT_COORDINATOR_CLIENT_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "drover/coordinator/v1/coordinator_service.pb.h"
#include "services/common/async/task.h"

namespace drover::coordinator {

// One method per call of CoordinatorService; its .proto says what each does and answers. Every call
// has a deadline; a stream's `on_message` runs on the calling coroutine's executor. Not
// thread-safe.
class CoordinatorClient {
 public:
  virtual ~CoordinatorClient() = default;

  virtual Task<absl::StatusOr<coordinator::v1::AddNodeResponse>> AddNode(
      coordinator::v1::AddNodeRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<coordinator::v1::RemoveNodeResponse>> RemoveNode(
      coordinator::v1::RemoveNodeRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<coordinator::v1::ListNodesResponse>> ListNodes(
      coordinator::v1::ListNodesRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<coordinator::v1::GetClusterStatusResponse>> GetClusterStatus(
      coordinator::v1::GetClusterStatusRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<coordinator::v1::ListRoutesResponse>> ListRoutes(
      coordinator::v1::ListRoutesRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<coordinator::v1::PlanDeploymentResponse>> PlanDeployment(
      coordinator::v1::PlanDeploymentRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<coordinator::v1::CreateDeploymentResponse>> CreateDeployment(
      coordinator::v1::CreateDeploymentRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<coordinator::v1::GetDeploymentResponse>> GetDeployment(
      coordinator::v1::GetDeploymentRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<coordinator::v1::ListDeploymentsResponse>> ListDeployments(
      coordinator::v1::ListDeploymentsRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::Status> WatchDeployment(
      coordinator::v1::WatchDeploymentRequest request, absl::Duration timeout,
      std::function<void(const coordinator::v1::WatchDeploymentResponse&)> on_message) = 0;
  virtual Task<absl::StatusOr<coordinator::v1::SetCordonedResponse>> SetCordoned(
      coordinator::v1::SetCordonedRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<coordinator::v1::PlanDrainResponse>> PlanDrain(
      coordinator::v1::PlanDrainRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<coordinator::v1::CreateDrainResponse>> CreateDrain(
      coordinator::v1::CreateDrainRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<coordinator::v1::CreateMigrationResponse>> CreateMigration(
      coordinator::v1::CreateMigrationRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<coordinator::v1::GetMigrationResponse>> GetMigration(
      coordinator::v1::GetMigrationRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<coordinator::v1::ListMigrationsResponse>> ListMigrations(
      coordinator::v1::ListMigrationsRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<coordinator::v1::CancelMigrationResponse>> CancelMigration(
      coordinator::v1::CancelMigrationRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::Status> WatchMigration(
      coordinator::v1::WatchMigrationRequest request, absl::Duration timeout,
      std::function<void(const coordinator::v1::WatchMigrationResponse&)> on_message) = 0;
  virtual Task<absl::StatusOr<coordinator::v1::ClaimVolumesResponse>> ClaimVolumes(
      coordinator::v1::ClaimVolumesRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<coordinator::v1::DeleteDivergedVolumesResponse>>
  DeleteDivergedVolumes(coordinator::v1::DeleteDivergedVolumesRequest request,
                        absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<coordinator::v1::DeleteVolumesResponse>> DeleteVolumes(
      coordinator::v1::DeleteVolumesRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<coordinator::v1::CreateSnapshotsResponse>> CreateSnapshots(
      coordinator::v1::CreateSnapshotsRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<coordinator::v1::ListSnapshotsResponse>> ListSnapshots(
      coordinator::v1::ListSnapshotsRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<coordinator::v1::DeleteSnapshotsResponse>> DeleteSnapshots(
      coordinator::v1::DeleteSnapshotsRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<coordinator::v1::CreateRollBackResponse>> CreateRollBack(
      coordinator::v1::CreateRollBackRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<coordinator::v1::CreateCloneResponse>> CreateClone(
      coordinator::v1::CreateCloneRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::Status> StreamApplicationLogs(
      coordinator::v1::StreamApplicationLogsRequest request, absl::Duration timeout,
      std::function<void(const coordinator::v1::StreamApplicationLogsResponse&)> on_message) = 0;
  virtual Task<absl::Status> BackUp(
      coordinator::v1::BackUpRequest request, absl::Duration timeout,
      std::function<void(const coordinator::v1::BackUpResponse&)> on_message) = 0;
  virtual Task<absl::StatusOr<coordinator::v1::AdoptResponse>> Adopt(
      coordinator::v1::AdoptRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<coordinator::v1::DiagnoseResponse>> Diagnose(
      coordinator::v1::DiagnoseRequest request, absl::Duration timeout) = 0;
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_CLIENT_COORDINATOR_CLIENT_H_
