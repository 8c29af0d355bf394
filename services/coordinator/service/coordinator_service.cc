#include "services/coordinator/service/coordinator_service.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/common/ids/random_id.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"
#include "services/coordinator/convert/deployment_convert.h"
#include "services/coordinator/convert/migration_convert.h"
#include "services/coordinator/convert/spec_convert.h"
#include "services/coordinator/domain/doctor.h"
#include "services/coordinator/domain/routes.h"
#include "services/coordinator/orchestrator/node_names.h"
#include "services/coordinator/service/cluster_status.h"
#include "services/coordinator/service/log_relay.h"

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

v1::Finding FindingMessage(const Finding& finding) {
  v1::Finding proto;
  const bool is_error = finding.severity == Severity::kError;
  proto.set_severity(is_error ? v1::SEVERITY_ERROR : v1::SEVERITY_WARNING);
  proto.set_subject(finding.subject);
  proto.set_what(finding.what);
  proto.set_advice(finding.advice);
  return proto;
}

// What a caller asks for is done or refused, never silently left out.
absl::Status CheckOptions(const v1::MigrationOptions& options) {
  if (options.has_max_downtime() && FromProto(options).max_downtime < absl::Milliseconds(1)) {
    return absl::InvalidArgumentError(
        "options.max_downtime must be at least 1 ms; leave it out to move without a limit on the "
        "interruption");
  }
  if (options.bandwidth_bytes_per_second() < 0) {
    return absl::InvalidArgumentError(
        "options.bandwidth_bytes_per_second cannot be negative: 0 means no limit");
  }
  return absl::OkStatus();
}

absl::Status CheckDrain(const v1::Drain& drain) {
  if (drain.restore() && drain.destinations_size() > 0) {
    return absl::InvalidArgumentError("drain.destinations: a restore goes back to drain.node only");
  }
  if (drain.parallel() < 0) {
    return absl::InvalidArgumentError("drain.parallel cannot be negative: 0 means all at a time");
  }
  return absl::OkStatus();
}

// `APP` of `APP` or `APP:ID`.
ApplicationName ApplicationOfVolume(const std::string& volume) {
  return ApplicationName(volume.substr(0, volume.find(':')));
}

bool Ended(const v1::Migration& migration) {
  return migration.state() == v1::MIGRATION_STATE_DONE ||
         migration.state() == v1::MIGRATION_STATE_ABORTED;
}

bool Ended(const v1::Deployment& deployment) {
  return deployment.state() != v1::DEPLOYMENT_STATE_RUNNING;
}

// Full snapshots of `find()`'s answer until it has ended, or the reader is gone. While a write is
// under way changes are not looked at, so a slow reader gets only the newest.
template <class Response, class Find, class Set>
Task<absl::Status> Watch(ChangeSignal& changed, Find find, Set set,
                         ResponseWriter<Response>& writer) {
  std::string last;
  while (true) {
    const uint64_t seen = changed.count();
    auto found = find();
    if (!found.ok()) co_return found.status();
    std::string now = found->SerializeAsString();
    if (now != last) {
      last = std::move(now);
      Response response;
      set(response, *found);
      if (!co_await writer.Write(std::move(response))) co_return absl::OkStatus();
    }
    if (Ended(*found)) co_return absl::OkStatus();
    co_await changed.Wait(seen);
  }
}

}  // namespace

grpc::ServerUnaryReactor* CoordinatorService::AddNode(Context* context,
                                                      const v1::AddNodeRequest* request,
                                                      v1::AddNodeResponse* response) {
  auto handler = [this](Caller caller, v1::AddNodeRequest r) {
    return DoAddNode(std::move(caller), std::move(r));
  };
  return ServeUnary(calls_, context, request, response, handler);
}

Task<absl::StatusOr<v1::AddNodeResponse>> CoordinatorService::DoAddNode(
    Caller caller, v1::AddNodeRequest request) {
  // Allowed in recovery mode, but not while it is found out whether it is one.
  (void)co_await orchestrator_.CheckMayChange();
  absl::StatusOr<NodeView> node =
      co_await orchestrator_.registry.Add(NodeName(request.node()), request.address());
  co_await Audit(caller, "AddNode", request.node(), node.status());
  if (!node.ok()) co_return node.status();
  v1::AddNodeResponse response;
  *response.mutable_node() = NodeMessage(*node);
  co_return response;
}

grpc::ServerUnaryReactor* CoordinatorService::RemoveNode(Context* context,
                                                         const v1::RemoveNodeRequest* request,
                                                         v1::RemoveNodeResponse* response) {
  auto handler = [this](Caller caller, v1::RemoveNodeRequest r) {
    return DoRemoveNode(std::move(caller), std::move(r));
  };
  return ServeUnary(calls_, context, request, response, handler);
}

Task<absl::StatusOr<v1::RemoveNodeResponse>> CoordinatorService::DoRemoveNode(
    Caller caller, v1::RemoveNodeRequest request) {
  absl::Status removed = co_await orchestrator_.CheckMayChange();
  if (removed.ok()) {
    removed = co_await orchestrator_.registry.Remove(NodeName(request.node()));
  }
  co_await Audit(caller, "RemoveNode", request.node(), removed);
  if (!removed.ok()) co_return removed;
  co_return v1::RemoveNodeResponse();
}

grpc::ServerUnaryReactor* CoordinatorService::ListNodes(Context* context,
                                                        const v1::ListNodesRequest* request,
                                                        v1::ListNodesResponse* response) {
  auto handler = [this](Caller, v1::ListNodesRequest) { return DoListNodes(); };
  return ServeUnary(calls_, context, request, response, handler, WhenCancelled::kStop);
}

Task<absl::StatusOr<v1::ListNodesResponse>> CoordinatorService::DoListNodes() {
  ClusterView view = co_await orchestrator_.observer.Observe();
  v1::ListNodesResponse response;
  for (const NodeView& node : view.nodes) *response.add_nodes() = NodeMessage(node);
  co_return response;
}

grpc::ServerUnaryReactor* CoordinatorService::GetClusterStatus(
    Context* context, const v1::GetClusterStatusRequest* request,
    v1::GetClusterStatusResponse* response) {
  auto handler = [this](Caller, v1::GetClusterStatusRequest) { return DoGetClusterStatus(); };
  return ServeUnary(calls_, context, request, response, handler, WhenCancelled::kStop);
}

Task<absl::StatusOr<v1::GetClusterStatusResponse>> CoordinatorService::DoGetClusterStatus() {
  ClusterView view = co_await orchestrator_.observer.Observe();
  v1::GetClusterStatusResponse response;
  *response.mutable_status() = StatusMessage(view);
  response.mutable_status()->set_recovery(orchestrator_.journal.recovery());
  for (const MigrationRecord* record : orchestrator_.journal.migrations()) {
    if (IsTerminal(record->state)) continue;
    *response.mutable_status()->add_migrations() = MigrationMessage(*record);
  }
  co_return response;
}

grpc::ServerUnaryReactor* CoordinatorService::ListRoutes(Context* context,
                                                         const v1::ListRoutesRequest* request,
                                                         v1::ListRoutesResponse* response) {
  auto handler = [this](Caller, v1::ListRoutesRequest) { return DoListRoutes(); };
  return ServeUnary(calls_, context, request, response, handler);
}

Task<absl::StatusOr<v1::ListRoutesResponse>> CoordinatorService::DoListRoutes() {
  v1::ListRoutesResponse response;
  response.set_revision(orchestrator_.journal.route_revision());
  for (const RouteEntry& entry : RouteTable(orchestrator_.journal.applications())) {
    v1::RouteEntry* route = response.add_routes();
    route->set_external_port(entry.external_port);
    route->set_internal_port(entry.internal_port);
    route->set_application(entry.application.value());
    route->set_node(entry.node.value());
  }
  co_return response;
}

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
  DROVER_CO_ASSIGN_OR_RETURN(Plan plan,
                             co_await orchestrator_.deployments.MakePlan(std::move(desired)));
  v1::PlanDeploymentResponse response;
  *response.mutable_plan() = PlanMessage(plan);
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
  co_return co_await Watch(orchestrator_.journal.changed(), std::move(find), set, writer);
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
  const std::string written =
      co_await RegisteredName(orchestrator_.hosts, view.nodes, request.node());
  DROVER_CO_ASSIGN_OR_RETURN(NodeName node, ResolveNode(view.nodes, written));
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
  DROVER_CO_ASSIGN_OR_RETURN(Plan plan,
                             co_await orchestrator_.deployments.MakePlan(std::move(drain)));
  v1::PlanDrainResponse response;
  *response.mutable_plan() = PlanMessage(plan);
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

grpc::ServerUnaryReactor* CoordinatorService::CreateMigration(
    Context* context, const v1::CreateMigrationRequest* request,
    v1::CreateMigrationResponse* response) {
  auto handler = [this](Caller caller, v1::CreateMigrationRequest r) {
    return DoCreateMigration(std::move(caller), std::move(r));
  };
  return ServeUnary(calls_, context, request, response, handler);
}

Task<absl::StatusOr<v1::CreateMigrationResponse>> CoordinatorService::DoCreateMigration(
    Caller caller, v1::CreateMigrationRequest request) {
  absl::StatusOr<MigrationId> id = co_await BeginMove(caller, request);
  const std::string subject = absl::StrCat(request.application(), " to ", request.destination());
  co_await Audit(caller, "CreateMigration", subject, id.status());
  if (!id.ok()) co_return id.status();
  DROVER_CO_ASSIGN_OR_RETURN(v1::Migration migration, FindMigration(id->value()));
  v1::CreateMigrationResponse response;
  *response.mutable_migration() = std::move(migration);
  co_return response;
}

Task<absl::StatusOr<MigrationId>> CoordinatorService::BeginMove(
    Caller caller, v1::CreateMigrationRequest request) {
  DROVER_CO_RETURN_IF_ERROR(CheckOptions(request.options()));
  DROVER_CO_RETURN_IF_ERROR(co_await orchestrator_.CheckMayChange());
  const ApplicationRecord* application =
      orchestrator_.journal.FindApplication(ApplicationName(request.application()));
  if (application == nullptr) {
    co_return NoApplication(request.application());
  }
  if (!application->running) {
    co_return absl::FailedPreconditionError(
        absl::StrCat(request.application(),
                     " is stopped; place it with `drover deploy`, which "
                     "moves its data too"));
  }
  MoveRequest move;
  move.id = MigrationId(RandomHex(8));
  move.application = application->name;
  move.source = application->node;
  move.spec = application->spec;
  move.options = FromProto(request.options());
  move.requested_by = caller.identity.Uri();
  DROVER_CO_ASSIGN_OR_RETURN(BusyApplications::Token token,
                             orchestrator_.busy.Acquire(application->name));
  ClusterView view = co_await orchestrator_.observer.Observe();
  const std::string destination =
      co_await RegisteredName(orchestrator_.hosts, view.nodes, request.destination());
  DROVER_CO_ASSIGN_OR_RETURN(move.destination, ResolveNode(view.nodes, destination));
  if (move.destination == move.source) {
    co_return StatusWithReason(
        absl::StatusCode::kFailedPrecondition, "ALREADY_THERE",
        absl::StrCat(request.application(), " is on ", move.source.value(), " already"));
  }
  co_return co_await orchestrator_.migrations.Begin(std::move(move), std::move(view),
                                                    std::move(token));
}

grpc::ServerUnaryReactor* CoordinatorService::GetMigration(Context* context,
                                                           const v1::GetMigrationRequest* request,
                                                           v1::GetMigrationResponse* response) {
  auto handler = [this](Caller, v1::GetMigrationRequest r) -> Unary<v1::GetMigrationResponse> {
    DROVER_CO_ASSIGN_OR_RETURN(v1::Migration migration, FindMigration(r.name()));
    v1::GetMigrationResponse answer;
    *answer.mutable_migration() = std::move(migration);
    co_return answer;
  };
  return ServeUnary(calls_, context, request, response, handler);
}

grpc::ServerUnaryReactor* CoordinatorService::ListMigrations(
    Context* context, const v1::ListMigrationsRequest* request,
    v1::ListMigrationsResponse* response) {
  auto handler = [this](Caller, v1::ListMigrationsRequest) { return DoListMigrations(); };
  return ServeUnary(calls_, context, request, response, handler);
}

Task<absl::StatusOr<v1::ListMigrationsResponse>> CoordinatorService::DoListMigrations() {
  v1::ListMigrationsResponse response;
  for (const MigrationRecord* record : orchestrator_.journal.migrations()) {
    *response.add_migrations() = MigrationMessage(*record);
  }
  co_return response;
}

grpc::ServerUnaryReactor* CoordinatorService::CancelMigration(
    Context* context, const v1::CancelMigrationRequest* request,
    v1::CancelMigrationResponse* response) {
  auto handler = [this](Caller caller, v1::CancelMigrationRequest r) {
    return DoCancelMigration(std::move(caller), std::move(r));
  };
  return ServeUnary(calls_, context, request, response, handler);
}

Task<absl::StatusOr<v1::CancelMigrationResponse>> CoordinatorService::DoCancelMigration(
    Caller caller, v1::CancelMigrationRequest request) {
  absl::Status cancelled = co_await orchestrator_.CheckMayChange();
  if (cancelled.ok()) {
    cancelled = co_await orchestrator_.migrations.Cancel(MigrationIdOf(request.name()),
                                                         caller.identity.Uri());
  }
  co_await Audit(caller, "CancelMigration", request.name(), cancelled);
  if (!cancelled.ok()) co_return cancelled;
  DROVER_CO_ASSIGN_OR_RETURN(v1::Migration migration, FindMigration(request.name()));
  v1::CancelMigrationResponse response;
  *response.mutable_migration() = std::move(migration);
  co_return response;
}

grpc::ServerWriteReactor<v1::WatchMigrationResponse>* CoordinatorService::WatchMigration(
    Context* context, const v1::WatchMigrationRequest* request) {
  auto handler = [this](Caller, v1::WatchMigrationRequest r,
                        ResponseWriter<v1::WatchMigrationResponse>& writer) {
    return DoWatchMigration(std::move(r), writer);
  };
  return ServeWrites<v1::WatchMigrationResponse>(calls_, context, request, handler);
}

Task<absl::Status> CoordinatorService::DoWatchMigration(
    v1::WatchMigrationRequest request, ResponseWriter<v1::WatchMigrationResponse>& writer) {
  auto find = [this, name = request.name()] { return FindMigration(name); };
  auto set = [](v1::WatchMigrationResponse& response, const v1::Migration& migration) {
    *response.mutable_migration() = migration;
  };
  co_return co_await Watch(orchestrator_.journal.changed(), std::move(find), set, writer);
}

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
  if (claimed.ok()) {
    claimed =
        co_await orchestrator_.takeover.Claim(target->first, target->second, caller.identity.Uri());
  }
  const std::string subject = absl::StrCat(request.volume(), " on ", request.node());
  co_await Audit(caller, "ClaimVolumes", subject, claimed);
  if (!claimed.ok()) co_return claimed;
  const v1::ClusterStatus status = StatusMessage(co_await orchestrator_.observer.Observe());
  v1::ClaimVolumesResponse response;
  for (const v1::ClusterVolume& volume : status.volumes()) {
    if (ApplicationOfVolume(volume.name()) == target->first) *response.add_volumes() = volume;
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
  const std::string registered =
      co_await RegisteredName(orchestrator_.hosts, view.nodes, std::move(node));
  DROVER_CO_ASSIGN_OR_RETURN(NodeName name, ResolveNode(view.nodes, registered));
  co_return std::make_pair(ApplicationOfVolume(volume), std::move(name));
}

grpc::ServerWriteReactor<v1::StreamApplicationLogsResponse>*
CoordinatorService::StreamApplicationLogs(Context* context,
                                          const v1::StreamApplicationLogsRequest* request) {
  auto handler = [this](Caller, v1::StreamApplicationLogsRequest r,
                        ResponseWriter<v1::StreamApplicationLogsResponse>& writer) {
    return DoStreamApplicationLogs(std::move(r), writer);
  };
  return ServeWrites<v1::StreamApplicationLogsResponse>(calls_, context, request, handler);
}

Task<absl::Status> CoordinatorService::DoStreamApplicationLogs(
    v1::StreamApplicationLogsRequest request,
    ResponseWriter<v1::StreamApplicationLogsResponse>& writer) {
  const ApplicationRecord* application =
      orchestrator_.journal.FindApplication(ApplicationName(request.application()));
  if (application == nullptr) {
    co_return NoApplication(request.application());
  }
  DROVER_CO_ASSIGN_OR_RETURN(std::shared_ptr<NodeHandle> node,
                             orchestrator_.nodes.Look(application->node));
  co_return co_await RelayLogs(std::move(node), std::move(request), writer);
}

grpc::ServerUnaryReactor* CoordinatorService::Diagnose(Context* context,
                                                       const v1::DiagnoseRequest* request,
                                                       v1::DiagnoseResponse* response) {
  auto handler = [this](Caller, v1::DiagnoseRequest) { return DoDiagnose(); };
  return ServeUnary(calls_, context, request, response, handler, WhenCancelled::kStop);
}

Task<absl::StatusOr<v1::DiagnoseResponse>> CoordinatorService::DoDiagnose() {
  ClusterView view = co_await orchestrator_.observer.Observe();
  const Journal& journal = orchestrator_.journal;
  const JournalFacts facts{journal.migrations(), journal.route_revision(),
                           journal.counters().generation, journal.recovery()};
  v1::DiagnoseResponse response;
  for (const Finding& finding : coordinator::Diagnose(view, facts)) {
    *response.add_findings() = FindingMessage(finding);
  }
  co_return response;
}

grpc::ServerUnaryReactor* CoordinatorService::Adopt(Context* context,
                                                    const v1::AdoptRequest* request,
                                                    v1::AdoptResponse* response) {
  auto handler = [this](Caller caller, v1::AdoptRequest r) {
    return DoAdopt(std::move(caller), std::move(r));
  };
  return ServeUnary(calls_, context, request, response, handler);
}

Task<absl::StatusOr<v1::AdoptResponse>> CoordinatorService::DoAdopt(Caller caller,
                                                                    v1::AdoptRequest request) {
  const std::vector<std::string> without(request.without_nodes().begin(),
                                         request.without_nodes().end());
  absl::StatusOr<AdoptionReport> report = AdoptionReport();
  absl::StatusOr<std::set<NodeName>> nodes = co_await ResolveAll(without);
  if (nodes.ok()) {
    report = co_await orchestrator_.Adopt(*std::move(nodes), caller.identity.Uri());
  } else {
    report = nodes.status();
  }
  const std::string subject =
      without.empty() ? "coordinator"
                      : absl::StrCat("coordinator without ", absl::StrJoin(without, ", "));
  co_await Audit(caller, "Adopt", subject, report.status());
  if (!report.ok()) co_return report.status();
  v1::AdoptResponse response;
  for (const std::string& sentence : report->done) response.add_done(sentence);
  for (const std::string& sentence : report->open) response.add_open(sentence);
  co_return response;
}

Task<absl::StatusOr<std::set<NodeName>>> CoordinatorService::ResolveAll(
    std::vector<std::string> nodes) {
  std::set<NodeName> names;
  if (nodes.empty()) co_return names;
  const ClusterView view = co_await orchestrator_.observer.Observe();
  for (const std::string& node : nodes) {
    const std::string registered = co_await RegisteredName(orchestrator_.hosts, view.nodes, node);
    DROVER_CO_ASSIGN_OR_RETURN(NodeName name, ResolveNode(view.nodes, registered));
    names.insert(std::move(name));
  }
  co_return names;
}

grpc::ServerWriteReactor<v1::BackUpResponse>* CoordinatorService::BackUp(
    Context* context, const v1::BackUpRequest* request) {
  auto handler = [this](Caller caller, v1::BackUpRequest,
                        ResponseWriter<v1::BackUpResponse>& writer) {
    return DoBackUp(std::move(caller), writer);
  };
  return ServeWrites<v1::BackUpResponse>(calls_, context, request, handler);
}

Task<absl::Status> CoordinatorService::DoBackUp(Caller caller,
                                                ResponseWriter<v1::BackUpResponse>& writer) {
  const std::string made =
      absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", orchestrator_.clock.Now(), absl::UTCTimeZone());
  auto copy = co_await orchestrator_.journal.Copy(
      absl::StrCat("its store was restored from the backup of ", made));
  co_await Audit(caller, "BackUp", made, copy.status());
  if (!copy.ok()) co_return copy.status();
  DROVER_CO_ASSIGN_OR_RETURN(const int64_t total, co_await (*copy)->Size());
  int64_t sent = 0;
  while (sent < total) {
    v1::BackUpResponse response;
    response.set_total_bytes(total);
    DROVER_CO_ASSIGN_OR_RETURN(*response.mutable_data(), co_await (*copy)->Read(sent));
    sent += static_cast<int64_t>(response.data().size());
    if (response.data().empty()) co_return absl::DataLossError("the copy got shorter");
    if (!co_await writer.Write(std::move(response))) break;
  }
  co_return absl::OkStatus();
}

absl::Status CoordinatorService::NoApplication(const std::string& name) const {
  std::vector<std::string> known;
  for (const auto& [application, record] : orchestrator_.journal.applications()) {
    known.push_back(application.value());
  }
  return absl::NotFoundError(
      absl::StrCat("there is no application ", name,
                   known.empty() ? "; none has been deployed yet"
                                 : absl::StrCat("; there are: ", absl::StrJoin(known, ", "))));
}

absl::StatusOr<v1::Migration> CoordinatorService::FindMigration(const std::string& name) const {
  const MigrationRecord* record = orchestrator_.journal.FindMigration(MigrationIdOf(name));
  if (record == nullptr) return absl::NotFoundError(absl::StrCat("there is no migration ", name));
  return MigrationMessage(*record);
}

v1::Migration CoordinatorService::MigrationMessage(const MigrationRecord& record) const {
  v1::Migration migration = ToProto(record);
  const MigrationDriver* driver = orchestrator_.migrations.FindDriver(record.id);
  if (driver != nullptr) {
    migration.set_progress_bytes(driver->progress_bytes());
    migration.set_progress_total_bytes(driver->progress_total_bytes());
    migration.set_waiting_for(driver->waiting_for());
  }
  return migration;
}

absl::StatusOr<v1::Deployment> CoordinatorService::FindDeployment(const std::string& name) const {
  const DeploymentRecord* record = orchestrator_.journal.FindDeployment(DeploymentIdOf(name));
  if (record == nullptr) return absl::NotFoundError(absl::StrCat("there is no deployment ", name));
  v1::Deployment deployment = ToProto(*record);
  for (const Action& action : record->actions) {
    const MigrationRecord* migration = orchestrator_.journal.FindMigration(action.migration);
    if (migration != nullptr) *deployment.add_migrations() = MigrationMessage(*migration);
  }
  return deployment;
}

Task<void> CoordinatorService::Audit(Caller caller, std::string action, std::string subject,
                                     absl::Status outcome) {
  Change change;
  change.audit.push_back({orchestrator_.clock.Now(), caller.identity.Uri(), std::move(action),
                          std::move(subject), outcome.ok() ? "OK" : outcome.ToString()});
  co_await orchestrator_.journal.Commit(std::move(change));
}

}  // namespace drover::coordinator
