#include "services/coordinator/orchestrator/reconciler.h"

#include <glog/logging.h>

#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/common/status/status_macros.h"
#include "services/coordinator/orchestrator/transient.h"

namespace drover::coordinator {
namespace {

constexpr absl::Duration kPeriod = absl::Seconds(2);
constexpr absl::Duration kDeadline = absl::Seconds(3);

}  // namespace

Task<void> Reconciler::Run() {
  while (true) {
    BeginRound();
    // Watchers look whether their readers are still there.
    deps_.journal.changed().Notify();
    co_await deps_.sleeper.SleepFor(kPeriod);
  }
}

Task<void> Reconciler::Reconcile() {
  BeginRound();
  while (!under_way_.empty()) co_await ended_.Wait(ended_.count());
}

void Reconciler::BeginRound() {
  if (!deps_.journal.recovery().empty()) return;
  Begin("holds", deps_.routes.RenewHolds());
  for (std::shared_ptr<NodeHandle>& node : deps_.nodes.All()) {
    const std::string name = node->name.value();
    Begin(absl::StrCat("node ", name), ReconcileNode(std::move(node)));
  }
  for (const MigrationRecord* record : deps_.journal.migrations()) {
    const std::string what = absl::StrCat("abort of ", record->id.value(), " on ");
    if (record->source_pending) {
      Begin(absl::StrCat(what, record->source.value()),
            FinishAbort(record->id, command::AbortSource{}));
    }
    if (record->destination_pending) {
      Begin(absl::StrCat(what, record->destination.value()),
            FinishAbort(record->id, command::AbortDestination{}));
    }
    if (record->start_pending) {
      Begin(absl::StrCat("start of ", record->application.value(), " after ", record->id.value()),
            StartAtSource(record->id));
    }
  }
}

void Reconciler::Begin(std::string name, Task<void> work) {
  if (!under_way_.insert(name).second) return;
  background_.Spawn(absl::StrCat("reconciliation: ", name), RunToEnd(name, std::move(work)));
}

Task<void> Reconciler::RunToEnd(std::string name, Task<void> work) {
  co_await std::move(work);
  under_way_.erase(name);
  ended_.Notify();
}

Task<void> Reconciler::ReconcileNode(std::shared_ptr<NodeHandle> node) {
  if (!node->is_compared || !node->is_proxy_compared) co_await contact_.Meet(node);
  if (!deps_.journal.recovery().empty()) co_return;
  absl::Status status;
  if (node->is_proxy_compared) status = co_await ReconcileRoutes(node);
  VLOG_IF(1, !status.ok()) << "routes of " << node->name << ": " << status;
  if (!node->is_compared) co_return;
  const auto containers = co_await node->container->ListContainers({}, kDeadline);
  if (!containers.ok()) co_return;
  const std::vector<container::v1::Container> all(containers->containers().begin(),
                                                  containers->containers().end());
  status = co_await FollowContainers(node, all);
  VLOG_IF(1, !status.ok()) << "containers of " << node->name << ": " << status;
  status = co_await takeover_.TellOwnership(node, all);
  VLOG_IF(1, !status.ok()) << "ownership of " << node->name << ": " << status;
}

Task<absl::Status> Reconciler::ReconcileRoutes(std::shared_ptr<NodeHandle> node) {
  proxy::v1::GetRoutesRequest request;
  request.set_without_routes(true);
  DROVER_CO_ASSIGN_OR_RETURN(auto routes, co_await node->proxy->GetRoutes(request, kDeadline));
  co_await ReleaseLateHolds(node, routes);
  std::set<std::string> holders;
  for (const proxy::v1::Hold& hold : routes.holds()) holders.insert(hold.holder());
  co_await deps_.routes.RestoreHolds(node, std::move(holders));
  const int64_t wanted = deps_.journal.route_revision();
  if (routes.revision() == wanted) co_return absl::OkStatus();
  if (routes.revision() < wanted) co_return co_await deps_.routes.Push(node);
  // It knows a table that we have forgotten: ours has to be newer than any.
  deps_.journal.RaiseRouteRevision(routes.revision());
  Change nothing_but_a_revision;
  co_return co_await deps_.routes.Change(std::move(nothing_but_a_revision));
}

Task<void> Reconciler::ReleaseLateHolds(std::shared_ptr<NodeHandle> node,
                                        proxy::v1::GetRoutesResponse routes) {
  for (const proxy::v1::Hold& hold : routes.holds()) {
    const MigrationRecord* migration = deps_.journal.FindMigration(MigrationId(hold.holder()));
    if (migration == nullptr || HoldsPorts(*migration)) continue;
    proxy::v1::ReleaseHoldRequest request;
    *request.mutable_fence() = deps_.journal.fence();
    request.set_holder(hold.holder());
    const auto released = co_await node->proxy->ReleaseHold(std::move(request), kDeadline);
    LOG_IF(WARNING, !released.ok())
        << node->name << ": a hold ends by its time-out: " << released.status();
  }
}

Task<absl::Status> Reconciler::FollowContainers(std::shared_ptr<NodeHandle> node,
                                                std::vector<container::v1::Container> containers) {
  Change change;
  std::vector<BusyApplications::Token> tokens;
  for (const container::v1::Container& container : containers) {
    const bool serves = container.state() == container::v1::CONTAINER_STATE_READY;
    const ApplicationRecord* application =
        deps_.journal.FindApplication(ApplicationName(container.application()));
    if (!serves || application == nullptr || !application->running) continue;
    const RouteTarget here = {node->name, ContainerId(container.container_id())};
    if (application->node != node->name) continue;
    // A move leads the ports also to what is not ready yet.
    if (application->route == here && !DidNotGetReady(*application)) continue;
    // Somebody who works on the application sets its route himself.
    absl::StatusOr<BusyApplications::Token> token = busy_.Acquire(application->name);
    if (!token.ok()) continue;
    tokens.push_back(*std::move(token));
    change.applications.push_back(*application);
    change.applications.back().route = here;
    change.applications.back().problem.clear();
    ++change.applications.back().revision;
  }
  if (change.applications.empty()) co_return absl::OkStatus();
  co_return co_await deps_.routes.Change(std::move(change));
}

bool Reconciler::DidNotGetReady(const ApplicationRecord& application) const {
  if (application.problem.empty()) return false;
  for (const MigrationRecord* migration : deps_.journal.migrations()) {
    const bool says_so = migration->not_ready && migration->error == application.problem;
    if (migration->application == application.name && says_so) return true;
  }
  return false;
}

Task<void> Reconciler::FinishAbort(MigrationId id, Command abort) {
  MigrationStep step(deps_, *deps_.journal.FindMigration(id), [](int64_t, int64_t) {});
  const absl::Status told = co_await step.Execute(abort);
  // WRONG_STATE: it owns the data, or was replaced as the owner, so there is nothing to undo.
  if (!told.ok() && ReasonOf(told) != "WRONG_STATE") co_return;
  AsyncMutex::Lock lock = co_await recording_->Acquire();
  MigrationRecord record = *deps_.journal.FindMigration(id);
  const bool is_source = std::holds_alternative<command::AbortSource>(abort);
  (is_source ? record.source_pending : record.destination_pending) = false;
  ++record.revision;
  Change change;
  change.migrations.push_back(std::move(record));
  co_await deps_.journal.Commit(std::move(change));
}

Task<void> Reconciler::StartAtSource(MigrationId id) {
  const MigrationRecord migration = *deps_.journal.FindMigration(id);
  // Somebody who works on the application decides what runs.
  const absl::StatusOr<BusyApplications::Token> token = busy_.Acquire(migration.application);
  if (!token.ok()) co_return;
  const ApplicationRecord* application = deps_.journal.FindApplication(migration.application);
  if (!IsWantedAtSource(migration, application)) {
    co_await RecordStart(id, false, "");
    co_return;
  }
  const auto started = co_await deps_.operations.Start(migration.source, application->spec,
                                                       migration.source_generation);
  LOG_IF(INFO, started.ok()) << migration.application << " is started on " << migration.source
                             << " again, after migration " << id << " was undone";
  // While its node does not answer, that is what its status says.
  if (IsTransient(started.status())) co_return;
  std::string problem;
  if (!started.ok()) {
    problem = absl::StrCat(migration.application.value(), " could not be started on ",
                           migration.source.value(),
                           ", which is still being tried: ", started.status().message());
  }
  co_await RecordStart(id, !started.ok(), std::move(problem));
}

Task<void> Reconciler::RecordStart(MigrationId id, bool pending, std::string problem) {
  const AsyncMutex::Lock lock = co_await recording_->Acquire();
  Change change;
  MigrationRecord migration = *deps_.journal.FindMigration(id);
  if (migration.start_pending != pending) {
    migration.start_pending = pending;
    ++migration.revision;
    change.migrations.push_back(migration);
  }
  const ApplicationRecord* application = deps_.journal.FindApplication(migration.application);
  if (IsWantedAtSource(migration, application) && application->problem != problem) {
    change.applications.push_back(*application);
    change.applications.back().problem = std::move(problem);
    ++change.applications.back().revision;
  }
  const bool nothing_new = change.migrations.empty() && change.applications.empty();
  if (!nothing_new) co_await deps_.journal.Commit(std::move(change));
}

}  // namespace drover::coordinator
