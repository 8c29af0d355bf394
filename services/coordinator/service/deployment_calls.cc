// Calls of the CoordinatorService about deployments: files, drains, rollbacks, clones.
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/status/status_macros.h"
#include "services/coordinator/convert/deployment_convert.h"
#include "services/coordinator/convert/migration_convert.h"
#include "services/coordinator/orchestrator/node_names.h"
#include "services/coordinator/service/coordinator_service.h"
#include "services/coordinator/service/image_progress.h"
#include "services/coordinator/service/request_checks.h"
#include "services/coordinator/service/watch.h"

namespace drover::coordinator {
namespace {

v1::Plan PlanMessage(const Plan& plan) {
  v1::Plan proto;
  for (const Action& action : plan.actions) *proto.add_actions() = ToProto(action);
  for (const std::string& warning : plan.warnings) proto.add_warnings(warning);
  for (const std::string& problem : plan.problems) proto.add_problems(problem);
  proto.set_fingerprint(plan.fingerprint);
  return proto;
}

}  // namespace

grpc::ServerUnaryReactor* CoordinatorService::PlanDeployment(
    Context* context, const v1::PlanDeploymentRequest* request,
    v1::PlanDeploymentResponse* response) {
  auto handler = [this](Caller, v1::PlanDeploymentRequest r) {
    return DoPlanDeployment(std::move(r));
  };
  return ServeUnary(calls_, context, request, response, handler, WhenCancelled::kStop);
}

Task<absl::StatusOr<v1::PlanDeploymentResponse>> CoordinatorService::DoPlanDeployment(
    v1::PlanDeploymentRequest request) {
  DesiredState desired = FromProto(request.desired());
  DROVER_CO_ASSIGN_OR_RETURN(DeploymentPlan made,
                             co_await orchestrator_.planner.MakePlan(std::move(desired)));
  v1::PlanDeploymentResponse response;
  *response.mutable_plan() = PlanMessage(made.plan);
  co_return response;
}

grpc::ServerUnaryReactor* CoordinatorService::CreateDeployment(
    Context* context, const v1::CreateDeploymentRequest* request,
    v1::CreateDeploymentResponse* response) {
  auto handler = [this](Caller caller, v1::CreateDeploymentRequest r) {
    return DoCreateDeployment(std::move(caller), std::move(r));
  };
  return ServeUnary(calls_, context, request, response, handler);
}

Task<absl::StatusOr<v1::CreateDeploymentResponse>> CoordinatorService::DoCreateDeployment(
    Caller caller, v1::CreateDeploymentRequest request) {
  DROVER_CO_RETURN_IF_ERROR(CheckOptions(request.options()));
  absl::StatusOr<std::string> id = co_await BeginDeployment(caller, std::move(request));
  const std::string subject = id.ok() ? *id : std::string();
  co_await Audit(caller, "CreateDeployment", subject, id.status());
  if (!id.ok()) co_return id.status();
  DROVER_CO_ASSIGN_OR_RETURN(v1::Deployment deployment, FindDeployment(*id));
  v1::CreateDeploymentResponse response;
  *response.mutable_deployment() = std::move(deployment);
  co_return response;
}

Task<absl::StatusOr<std::string>> CoordinatorService::BeginDeployment(
    Caller caller, v1::CreateDeploymentRequest request) {
  DROVER_CO_RETURN_IF_ERROR(co_await orchestrator_.CheckMayChange());
  DesiredState desired = FromProto(request.desired());
  MigrationOptions options = FromProto(request.options());
  co_return co_await orchestrator_.deployments.Create(std::move(desired), request.fingerprint(),
                                                      options, caller.identity.Uri());
}

grpc::ServerUnaryReactor* CoordinatorService::GetDeployment(Context* context,
                                                            const v1::GetDeploymentRequest* request,
                                                            v1::GetDeploymentResponse* response) {
  auto handler = [this](Caller, v1::GetDeploymentRequest r) -> Unary<v1::GetDeploymentResponse> {
    DROVER_CO_ASSIGN_OR_RETURN(v1::Deployment deployment, FindDeployment(r.name()));
    v1::GetDeploymentResponse answer;
    *answer.mutable_deployment() = std::move(deployment);
    co_return answer;
  };
  return ServeUnary(calls_, context, request, response, handler);
}

grpc::ServerUnaryReactor* CoordinatorService::ListDeployments(
    Context* context, const v1::ListDeploymentsRequest* request,
    v1::ListDeploymentsResponse* response) {
  auto handler = [this](Caller, v1::ListDeploymentsRequest) { return DoListDeployments(); };
  return ServeUnary(calls_, context, request, response, handler);
}

Task<absl::StatusOr<v1::ListDeploymentsResponse>> CoordinatorService::DoListDeployments() {
  v1::ListDeploymentsResponse response;
  for (const DeploymentRecord* record : orchestrator_.journal.deployments()) {
    v1::Deployment* deployment = response.add_deployments();
    *deployment = ToProto(*record);
    deployment->clear_actions();
    deployment->clear_warnings();
  }
  co_return response;
}

grpc::ServerWriteReactor<v1::WatchDeploymentResponse>* CoordinatorService::WatchDeployment(
    Context* context, const v1::WatchDeploymentRequest* request) {
  auto handler = [this](Caller, v1::WatchDeploymentRequest r,
                        ResponseWriter<v1::WatchDeploymentResponse>& writer) {
    return DoWatchDeployment(std::move(r), writer);
  };
  return ServeWrites<v1::WatchDeploymentResponse>(calls_, context, request, handler);
}

Task<absl::Status> CoordinatorService::DoWatchDeployment(
    v1::WatchDeploymentRequest request, ResponseWriter<v1::WatchDeploymentResponse>& writer) {
  auto find = [this, name = request.name()] { return FindDeployment(name); };
  auto set = [](v1::WatchDeploymentResponse& response, const v1::Deployment& deployment) {
    *response.mutable_deployment() = deployment;
  };
  auto ended = [](const v1::Deployment& deployment) {
    return deployment.state() != v1::DEPLOYMENT_STATE_RUNNING;
  };
  co_return co_await Watch(orchestrator_.journal.changed(), std::move(find), ended, set, writer);
}

grpc::ServerUnaryReactor* CoordinatorService::SetCordoned(Context* context,
                                                          const v1::SetCordonedRequest* request,
                                                          v1::SetCordonedResponse* response) {
  auto handler = [this](Caller caller, v1::SetCordonedRequest r) {
    return DoSetCordoned(std::move(caller), std::move(r));
  };
  return ServeUnary(calls_, context, request, response, handler);
}

Task<absl::StatusOr<v1::SetCordonedResponse>> CoordinatorService::DoSetCordoned(
    Caller caller, v1::SetCordonedRequest request) {
  absl::StatusOr<NodeRecord> record = co_await Cordon(request);
  const std::string subject = absl::StrCat(request.node(), request.cordoned() ? "" : " ended");
  co_await Audit(caller, "SetCordoned", subject, record.status());
  if (!record.ok()) co_return record.status();
  v1::SetCordonedResponse response;
  response.mutable_node()->set_name(absl::StrCat("nodes/", record->name.value()));
  response.mutable_node()->set_address(record->address);
  response.mutable_node()->set_cordoned(record->cordoned);
  co_return response;
}

Task<absl::StatusOr<NodeRecord>> CoordinatorService::Cordon(v1::SetCordonedRequest request) {
  DROVER_CO_RETURN_IF_ERROR(co_await orchestrator_.CheckMayChange());
  ClusterView view = co_await orchestrator_.observer.Observe();
  DROVER_CO_ASSIGN_OR_RETURN(NodeName node,
                             co_await FindNode(orchestrator_.hosts, view.nodes, request.node()));
  co_return co_await orchestrator_.registry.SetCordoned(std::move(node), request.cordoned(),
                                                        orchestrator_.clock.Now());
}

grpc::ServerUnaryReactor* CoordinatorService::PlanDrain(Context* context,
                                                        const v1::PlanDrainRequest* request,
                                                        v1::PlanDrainResponse* response) {
  auto handler = [this](Caller, v1::PlanDrainRequest r) { return DoPlanDrain(std::move(r)); };
  return ServeUnary(calls_, context, request, response, handler, WhenCancelled::kStop);
}

Task<absl::StatusOr<v1::PlanDrainResponse>> CoordinatorService::DoPlanDrain(
    v1::PlanDrainRequest request) {
  DROVER_CO_RETURN_IF_ERROR(CheckDrain(request.drain()));
  Drain drain = FromProto(request.drain());
  DROVER_CO_ASSIGN_OR_RETURN(DrainPlan made,
                             co_await orchestrator_.planner.MakePlan(std::move(drain)));
  v1::PlanDrainResponse response;
  *response.mutable_plan() = PlanMessage(made.plan);
  co_return response;
}

grpc::ServerUnaryReactor* CoordinatorService::CreateDrain(Context* context,
                                                          const v1::CreateDrainRequest* request,
                                                          v1::CreateDrainResponse* response) {
  auto handler = [this](Caller caller, v1::CreateDrainRequest r) {
    return DoCreateDrain(std::move(caller), std::move(r));
  };
  return ServeUnary(calls_, context, request, response, handler);
}

Task<absl::StatusOr<v1::CreateDrainResponse>> CoordinatorService::DoCreateDrain(
    Caller caller, v1::CreateDrainRequest request) {
  absl::StatusOr<std::string> id = co_await BeginDrain(caller, request);
  const std::string subject =
      absl::StrCat(request.drain().restore() ? "back to " : "", request.drain().node());
  co_await Audit(caller, "CreateDrain", subject, id.status());
  if (!id.ok()) co_return id.status();
  DROVER_CO_ASSIGN_OR_RETURN(v1::Deployment deployment, FindDeployment(*id));
  v1::CreateDrainResponse response;
  *response.mutable_deployment() = std::move(deployment);
  response.set_node(orchestrator_.journal.FindDeployment(*id)->drain->node.value());
  co_return response;
}

Task<absl::StatusOr<std::string>> CoordinatorService::BeginDrain(Caller caller,
                                                                 v1::CreateDrainRequest request) {
  DROVER_CO_RETURN_IF_ERROR(CheckDrain(request.drain()));
  DROVER_CO_RETURN_IF_ERROR(CheckOptions(request.options()));
  DROVER_CO_RETURN_IF_ERROR(co_await orchestrator_.CheckMayChange());
  Drain drain = FromProto(request.drain());
  MigrationOptions options = FromProto(request.options());
  co_return co_await orchestrator_.deployments.Create(std::move(drain), request.fingerprint(),
                                                      options, caller.identity.Uri());
}

grpc::ServerUnaryReactor* CoordinatorService::CreateRollBack(
    Context* context, const v1::CreateRollBackRequest* request,
    v1::CreateRollBackResponse* response) {
  auto handler = [this](Caller caller, v1::CreateRollBackRequest r) {
    return DoCreateRollBack(std::move(caller), std::move(r));
  };
  return ServeUnary(calls_, context, request, response, handler);
}

Task<absl::StatusOr<v1::CreateRollBackResponse>> CoordinatorService::DoCreateRollBack(
    Caller caller, v1::CreateRollBackRequest request) {
  absl::StatusOr<std::string> id = std::string();
  absl::Status may_change = CheckVolumeName(request.roll_back().volume());
  if (may_change.ok()) may_change = co_await orchestrator_.CheckMayChange();
  if (may_change.ok()) {
    id = co_await orchestrator_.deployments.Create(FromProto(request.roll_back()),
                                                   caller.identity.Uri());
  } else {
    id = may_change;
  }
  const std::string subject =
      absl::StrCat(request.roll_back().volume(), "@", request.roll_back().snapshot());
  co_await Audit(caller, "CreateRollBack", subject, id.status());
  if (!id.ok()) co_return id.status();
  DROVER_CO_ASSIGN_OR_RETURN(v1::Deployment deployment, FindDeployment(*id));
  v1::CreateRollBackResponse response;
  *response.mutable_deployment() = std::move(deployment);
  co_return response;
}

grpc::ServerUnaryReactor* CoordinatorService::CreateClone(Context* context,
                                                          const v1::CreateCloneRequest* request,
                                                          v1::CreateCloneResponse* response) {
  auto handler = [this](Caller caller, v1::CreateCloneRequest r) {
    return DoCreateClone(std::move(caller), std::move(r));
  };
  return ServeUnary(calls_, context, request, response, handler);
}

Task<absl::StatusOr<v1::CreateCloneResponse>> CoordinatorService::DoCreateClone(
    Caller caller, v1::CreateCloneRequest request) {
  const std::string subject =
      absl::StrCat(request.clone().clone(), " of ", request.clone().source());
  absl::StatusOr<std::string> id = co_await BeginClone(caller, std::move(request));
  co_await Audit(caller, "CreateClone", subject, id.status());
  if (!id.ok()) co_return id.status();
  DROVER_CO_ASSIGN_OR_RETURN(v1::Deployment deployment, FindDeployment(*id));
  v1::CreateCloneResponse response;
  *response.mutable_deployment() = std::move(deployment);
  co_return response;
}

Task<absl::StatusOr<std::string>> CoordinatorService::BeginClone(Caller caller,
                                                                 v1::CreateCloneRequest request) {
  DROVER_CO_RETURN_IF_ERROR(co_await orchestrator_.CheckMayChange());
  DROVER_CO_RETURN_IF_ERROR(CheckOptions(request.options()));
  Clone clone = FromProto(request.clone());
  const MigrationOptions options = FromProto(request.options());
  co_return co_await orchestrator_.deployments.Create(std::move(clone), options,
                                                      caller.identity.Uri());
}

absl::StatusOr<v1::Deployment> CoordinatorService::FindDeployment(const std::string& name) const {
  const DeploymentRecord* record = orchestrator_.journal.FindDeployment(DeploymentIdOf(name));
  if (record == nullptr) return absl::NotFoundError(absl::StrCat("there is no deployment ", name));
  v1::Deployment deployment = ToProto(*record);
  for (size_t i = 0; i < record->actions.size(); ++i) {
    const Action& action = record->actions[i];
    if (action.state == ActionState::kRunning && action.kind != ActionKind::kMove) {
      SetProgress(orchestrator_.node_operations.FindImageProgress(action.application),
                  *deployment.mutable_actions(static_cast<int>(i)));
    }
    const MigrationRecord* migration = orchestrator_.journal.FindMigration(action.migration);
    // A move, and the way back of an application that did not get ready.
    while (migration != nullptr) {
      *deployment.add_migrations() = MigrationMessage(*migration);
      migration = orchestrator_.journal.FindMigration(migration->returned_by);
    }
  }
  return deployment;
}

}  // namespace drover::coordinator
