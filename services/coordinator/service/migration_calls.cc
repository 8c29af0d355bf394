// Calls of the CoordinatorService about moves.
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/ids/random_id.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"
#include "services/coordinator/convert/migration_convert.h"
#include "services/coordinator/domain/move_warning.h"
#include "services/coordinator/orchestrator/node_names.h"
#include "services/coordinator/service/coordinator_service.h"
#include "services/coordinator/service/image_progress.h"
#include "services/coordinator/service/request_checks.h"
#include "services/coordinator/service/watch.h"

namespace drover::coordinator {

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
  absl::StatusOr<v1::CreateMigrationResponse> response = co_await BeginMove(caller, request);
  const std::string subject = absl::StrCat(request.application(), " to ", request.destination());
  co_await Audit(caller, "CreateMigration", subject, response.status());
  co_return response;
}

Task<absl::StatusOr<v1::CreateMigrationResponse>> CoordinatorService::BeginMove(
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
  DROVER_CO_ASSIGN_OR_RETURN(
      move.destination, co_await FindNode(orchestrator_.hosts, view.nodes, request.destination()));
  if (move.destination == move.source) {
    co_return StatusWithReason(
        absl::StatusCode::kFailedPrecondition, "ALREADY_THERE",
        absl::StrCat(request.application(), " is on ", move.source.value(), " already"));
  }
  v1::CreateMigrationResponse response;
  if (const NodeView* source = view.FindNode(move.source)) {
    for (std::string& warning : MoveWarnings(view, move.application, *source)) {
      response.add_warnings(std::move(warning));
    }
  }
  DROVER_CO_ASSIGN_OR_RETURN(
      const MigrationId id,
      co_await orchestrator_.migrations.Begin(std::move(move), std::move(view), std::move(token)));
  DROVER_CO_ASSIGN_OR_RETURN(*response.mutable_migration(), FindMigration(id.value()));
  co_return response;
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
  auto ended = [](const v1::Migration& migration) {
    return migration.state() == v1::MIGRATION_STATE_DONE ||
           migration.state() == v1::MIGRATION_STATE_ABORTED;
  };
  co_return co_await Watch(orchestrator_.journal.changed(), std::move(find), ended, set, writer);
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
    SetProgress(orchestrator_.node_operations.FindImageProgress(record.application), migration);
  }
  return migration;
}

}  // namespace drover::coordinator
