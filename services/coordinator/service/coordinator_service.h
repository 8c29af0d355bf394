// CoordinatorService over the orchestrator. Its calls are in files of their own:
// deployment_calls.cc, migration_calls.cc, volume_calls.cc; the others in coordinator_service.cc.
#ifndef DROVER_SERVICES_COORDINATOR_SERVICE_COORDINATOR_SERVICE_H_
#define DROVER_SERVICES_COORDINATOR_SERVICE_COORDINATOR_SERVICE_H_

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "drover/coordinator/v1/coordinator_service.grpc.pb.h"
#include "services/common/async/server_call.h"
#include "services/coordinator/orchestrator/orchestrator.h"

namespace drover::coordinator {

// Each call: convert, ask the orchestrator, convert back. Calls that change something leave an
// audit entry with the caller's identity, refused or not. gRPC calls the public methods on its own
// threads; everything else runs on the scope's executor.
class CoordinatorService : public v1::CoordinatorService::CallbackService {
 public:
  // Both must outlive the service.
  CoordinatorService(CallScope& calls, Orchestrator& orchestrator)
      : calls_(calls), orchestrator_(orchestrator) {}

  template <class Response>
  using Unary = Task<absl::StatusOr<Response>>;
  using Context = grpc::CallbackServerContext;

  grpc::ServerUnaryReactor* AddNode(Context* context, const v1::AddNodeRequest* request,
                                    v1::AddNodeResponse* response) override;
  grpc::ServerUnaryReactor* RemoveNode(Context* context, const v1::RemoveNodeRequest* request,
                                       v1::RemoveNodeResponse* response) override;
  grpc::ServerUnaryReactor* ListNodes(Context* context, const v1::ListNodesRequest* request,
                                      v1::ListNodesResponse* response) override;
  grpc::ServerUnaryReactor* GetClusterStatus(Context* context,
                                             const v1::GetClusterStatusRequest* request,
                                             v1::GetClusterStatusResponse* response) override;
  grpc::ServerUnaryReactor* ListRoutes(Context* context, const v1::ListRoutesRequest* request,
                                       v1::ListRoutesResponse* response) override;
  grpc::ServerUnaryReactor* PlanDeployment(Context* context,
                                           const v1::PlanDeploymentRequest* request,
                                           v1::PlanDeploymentResponse* response) override;
  grpc::ServerUnaryReactor* CreateDeployment(Context* context,
                                             const v1::CreateDeploymentRequest* request,
                                             v1::CreateDeploymentResponse* response) override;
  grpc::ServerUnaryReactor* GetDeployment(Context* context, const v1::GetDeploymentRequest* request,
                                          v1::GetDeploymentResponse* response) override;
  grpc::ServerUnaryReactor* ListDeployments(Context* context,
                                            const v1::ListDeploymentsRequest* request,
                                            v1::ListDeploymentsResponse* response) override;
  grpc::ServerWriteReactor<v1::WatchDeploymentResponse>* WatchDeployment(
      Context* context, const v1::WatchDeploymentRequest* request) override;
  grpc::ServerUnaryReactor* SetCordoned(Context* context, const v1::SetCordonedRequest* request,
                                        v1::SetCordonedResponse* response) override;
  grpc::ServerUnaryReactor* PlanDrain(Context* context, const v1::PlanDrainRequest* request,
                                      v1::PlanDrainResponse* response) override;
  grpc::ServerUnaryReactor* CreateDrain(Context* context, const v1::CreateDrainRequest* request,
                                        v1::CreateDrainResponse* response) override;
  grpc::ServerUnaryReactor* CreateMigration(Context* context,
                                            const v1::CreateMigrationRequest* request,
                                            v1::CreateMigrationResponse* response) override;
  grpc::ServerUnaryReactor* GetMigration(Context* context, const v1::GetMigrationRequest* request,
                                         v1::GetMigrationResponse* response) override;
  grpc::ServerUnaryReactor* ListMigrations(Context* context,
                                           const v1::ListMigrationsRequest* request,
                                           v1::ListMigrationsResponse* response) override;
  grpc::ServerUnaryReactor* CancelMigration(Context* context,
                                            const v1::CancelMigrationRequest* request,
                                            v1::CancelMigrationResponse* response) override;
  grpc::ServerWriteReactor<v1::WatchMigrationResponse>* WatchMigration(
      Context* context, const v1::WatchMigrationRequest* request) override;
  grpc::ServerUnaryReactor* ClaimVolumes(Context* context, const v1::ClaimVolumesRequest* request,
                                         v1::ClaimVolumesResponse* response) override;
  grpc::ServerUnaryReactor* DeleteDivergedVolumes(
      Context* context, const v1::DeleteDivergedVolumesRequest* request,
      v1::DeleteDivergedVolumesResponse* response) override;
  grpc::ServerUnaryReactor* DeleteVolumes(Context* context, const v1::DeleteVolumesRequest* request,
                                          v1::DeleteVolumesResponse* response) override;
  grpc::ServerUnaryReactor* CreateSnapshots(Context* context,
                                            const v1::CreateSnapshotsRequest* request,
                                            v1::CreateSnapshotsResponse* response) override;
  grpc::ServerUnaryReactor* ListSnapshots(Context* context, const v1::ListSnapshotsRequest* request,
                                          v1::ListSnapshotsResponse* response) override;
  grpc::ServerUnaryReactor* DeleteSnapshots(Context* context,
                                            const v1::DeleteSnapshotsRequest* request,
                                            v1::DeleteSnapshotsResponse* response) override;
  grpc::ServerUnaryReactor* CreateRollBack(Context* context,
                                           const v1::CreateRollBackRequest* request,
                                           v1::CreateRollBackResponse* response) override;
  grpc::ServerUnaryReactor* CreateClone(Context* context, const v1::CreateCloneRequest* request,
                                        v1::CreateCloneResponse* response) override;
  grpc::ServerWriteReactor<v1::StreamApplicationLogsResponse>* StreamApplicationLogs(
      Context* context, const v1::StreamApplicationLogsRequest* request) override;
  grpc::ServerWriteReactor<v1::BackUpResponse>* BackUp(Context* context,
                                                       const v1::BackUpRequest* request) override;
  grpc::ServerUnaryReactor* Diagnose(Context* context, const v1::DiagnoseRequest* request,
                                     v1::DiagnoseResponse* response) override;
  grpc::ServerUnaryReactor* Adopt(Context* context, const v1::AdoptRequest* request,
                                  v1::AdoptResponse* response) override;

 private:
  Unary<v1::AddNodeResponse> DoAddNode(Caller caller, v1::AddNodeRequest request);
  Unary<v1::RemoveNodeResponse> DoRemoveNode(Caller caller, v1::RemoveNodeRequest request);
  Unary<v1::ListNodesResponse> DoListNodes();
  Unary<v1::GetClusterStatusResponse> DoGetClusterStatus();
  Unary<v1::ListRoutesResponse> DoListRoutes();
  Unary<v1::PlanDeploymentResponse> DoPlanDeployment(v1::PlanDeploymentRequest request);
  Unary<v1::CreateDeploymentResponse> DoCreateDeployment(Caller caller,
                                                         v1::CreateDeploymentRequest request);
  Unary<v1::ListDeploymentsResponse> DoListDeployments();
  Task<absl::Status> DoWatchDeployment(v1::WatchDeploymentRequest request,
                                       ResponseWriter<v1::WatchDeploymentResponse>& writer);
  Unary<v1::SetCordonedResponse> DoSetCordoned(Caller caller, v1::SetCordonedRequest request);
  Unary<v1::PlanDrainResponse> DoPlanDrain(v1::PlanDrainRequest request);
  Unary<v1::CreateDrainResponse> DoCreateDrain(Caller caller, v1::CreateDrainRequest request);
  Unary<v1::CreateMigrationResponse> DoCreateMigration(Caller caller,
                                                       v1::CreateMigrationRequest request);
  Unary<v1::ListMigrationsResponse> DoListMigrations();
  Unary<v1::CancelMigrationResponse> DoCancelMigration(Caller caller,
                                                       v1::CancelMigrationRequest request);
  Task<absl::Status> DoWatchMigration(v1::WatchMigrationRequest request,
                                      ResponseWriter<v1::WatchMigrationResponse>& writer);
  Unary<v1::ClaimVolumesResponse> DoClaimVolumes(Caller caller, v1::ClaimVolumesRequest request);
  Unary<v1::DeleteDivergedVolumesResponse> DoDeleteDivergedVolumes(
      Caller caller, v1::DeleteDivergedVolumesRequest request);
  Unary<v1::DeleteVolumesResponse> DoDeleteVolumes(Caller caller, v1::DeleteVolumesRequest request);
  Unary<v1::ListSnapshotsResponse> DoListSnapshots(v1::ListSnapshotsRequest request);
  Unary<v1::CreateSnapshotsResponse> DoCreateSnapshots(Caller caller,
                                                       v1::CreateSnapshotsRequest request);
  Unary<v1::DeleteSnapshotsResponse> DoDeleteSnapshots(Caller caller,
                                                       v1::DeleteSnapshotsRequest request);
  Unary<v1::CreateRollBackResponse> DoCreateRollBack(Caller caller,
                                                     v1::CreateRollBackRequest request);
  Unary<v1::CreateCloneResponse> DoCreateClone(Caller caller, v1::CreateCloneRequest request);
  // The application of a volume's name, and the registered node.
  Task<absl::StatusOr<std::pair<ApplicationName, NodeName>>> Resolve(std::string volume,
                                                                     std::string node);
  Task<absl::Status> DoStreamApplicationLogs(
      v1::StreamApplicationLogsRequest request,
      ResponseWriter<v1::StreamApplicationLogsResponse>& writer);

  Unary<v1::DiagnoseResponse> DoDiagnose();
  Unary<v1::AdoptResponse> DoAdopt(Caller caller, v1::AdoptRequest request);
  Task<absl::Status> Remove(std::string node);
  // The registered nodes that are meant.
  Task<absl::StatusOr<std::set<NodeName>>> ResolveAll(std::vector<std::string> nodes);
  Task<absl::Status> DoBackUp(Caller caller, ResponseWriter<v1::BackUpResponse>& writer);

  Task<absl::StatusOr<std::string>> BeginDeployment(Caller caller,
                                                    v1::CreateDeploymentRequest request);
  Task<absl::StatusOr<std::string>> BeginDrain(Caller caller, v1::CreateDrainRequest request);
  Task<absl::StatusOr<std::string>> BeginClone(Caller caller, v1::CreateCloneRequest request);
  Task<absl::StatusOr<NodeRecord>> Cordon(v1::SetCordonedRequest request);
  // A move asked for by itself: of a running application, with the configuration it has.
  Task<absl::StatusOr<v1::CreateMigrationResponse>> BeginMove(Caller caller,
                                                              v1::CreateMigrationRequest request);

  // Says which ones there are.
  absl::Status NoApplication(const std::string& name) const;
  // With progress. NOT_FOUND.
  absl::StatusOr<v1::Migration> FindMigration(const std::string& name) const;
  absl::StatusOr<v1::Deployment> FindDeployment(const std::string& name) const;
  v1::Migration MigrationMessage(const MigrationRecord& record) const;
  Task<void> Audit(Caller caller, std::string action, std::string subject, absl::Status outcome);

  CallScope& calls_;
  Orchestrator& orchestrator_;
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_SERVICE_COORDINATOR_SERVICE_H_
