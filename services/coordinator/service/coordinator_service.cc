#include "services/coordinator/service/coordinator_service.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/common/status/status_macros.h"
#include "services/coordinator/domain/doctor.h"
#include "services/coordinator/domain/recent_abort.h"
#include "services/coordinator/domain/resting_owner.h"
#include "services/coordinator/domain/routes.h"
#include "services/coordinator/orchestrator/node_names.h"
#include "services/coordinator/service/cluster_status.h"
#include "services/coordinator/service/log_relay.h"

namespace drover::coordinator {
namespace {

v1::Finding FindingMessage(const Finding& finding) {
  v1::Finding proto;
  const bool is_error = finding.severity == Severity::kError;
  proto.set_severity(is_error ? v1::SEVERITY_ERROR : v1::SEVERITY_WARNING);
  proto.set_subject(finding.subject);
  proto.set_what(finding.what);
  proto.set_advice(finding.advice);
  return proto;
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
  const absl::Status removed = co_await Remove(request.node());
  co_await Audit(caller, "RemoveNode", request.node(), removed);
  if (!removed.ok()) co_return removed;
  co_return v1::RemoveNodeResponse();
}

Task<absl::Status> CoordinatorService::Remove(std::string node) {
  DROVER_CO_RETURN_IF_ERROR(co_await orchestrator_.CheckMayChange());
  const ClusterView view = co_await orchestrator_.observer.Observe(Patience::kLittle);
  DROVER_CO_ASSIGN_OR_RETURN(NodeName name,
                             co_await FindNode(orchestrator_.hosts, view.nodes, std::move(node)));
  co_return co_await orchestrator_.registry.Remove(std::move(name));
}

grpc::ServerUnaryReactor* CoordinatorService::ListNodes(Context* context,
                                                        const v1::ListNodesRequest* request,
                                                        v1::ListNodesResponse* response) {
  auto handler = [this](Caller, v1::ListNodesRequest) { return DoListNodes(); };
  return ServeUnary(calls_, context, request, response, handler, WhenCancelled::kStop);
}

Task<absl::StatusOr<v1::ListNodesResponse>> CoordinatorService::DoListNodes() {
  ClusterView view = co_await orchestrator_.observer.Observe(Patience::kLittle);
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
  ClusterView view = co_await orchestrator_.observer.Observe(Patience::kLittle);
  v1::GetClusterStatusResponse response;
  *response.mutable_status() = StatusMessage(
      std::move(view), RecentAborts(orchestrator_.journal.migrations(), orchestrator_.clock.Now()),
      orchestrator_.journal.recovery());
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
  if (request.follow()) co_return co_await FollowLogs(orchestrator_, std::move(request), writer);
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
    DROVER_CO_ASSIGN_OR_RETURN(NodeName name,
                               co_await FindNode(orchestrator_.hosts, view.nodes, node));
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
  return coordinator::NoApplication(orchestrator_.journal.applications(), name);
}

Task<void> CoordinatorService::Audit(Caller caller, std::string action, std::string subject,
                                     absl::Status outcome) {
  Change change;
  change.audit.push_back({orchestrator_.clock.Now(), caller.identity.Uri(), std::move(action),
                          std::move(subject), outcome.ok() ? "OK" : outcome.ToString()});
  co_await orchestrator_.journal.Commit(std::move(change));
}

}  // namespace drover::coordinator
