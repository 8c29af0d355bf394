#include "services/coordinator/orchestrator/reconciler.h"

#include <glog/logging.h>

#include <utility>
#include <vector>

#include "services/common/status/status_macros.h"
#include "services/coordinator/orchestrator/when_all.h"

namespace drover::coordinator {
namespace {

constexpr absl::Duration kPeriod = absl::Seconds(2);
constexpr absl::Duration kDeadline = absl::Seconds(3);

}  // namespace

Task<void> Reconciler::Run() {
  while (true) {
    co_await Reconcile();
    // Watchers look whether their readers are still there.
    deps_.journal.changed().Notify();
    co_await sleeper_.SleepFor(kPeriod);
  }
}

Task<void> Reconciler::Reconcile() {
  std::vector<Task<absl::Status>> work;
  for (std::shared_ptr<NodeHandle>& node : deps_.nodes.All()) {
    work.push_back(ReconcileNode(std::move(node)));
  }
  (void)co_await WhenAll(std::move(work));
  co_await FinishAborts();
}

Task<absl::Status> Reconciler::ReconcileNode(std::shared_ptr<NodeHandle> node) {
  absl::Status status = co_await ReconcileRoutes(node);
  if (status.ok()) status = co_await FollowContainers(node);
  VLOG_IF(1, !status.ok()) << "reconciling " << node->name << ": " << status;
  co_return status;
}

Task<absl::Status> Reconciler::ReconcileRoutes(std::shared_ptr<NodeHandle> node) {
  DROVER_CO_ASSIGN_OR_RETURN(auto routes, co_await node->proxy->GetRoutes({}, kDeadline));
  const int64_t wanted = deps_.journal.route_revision();
  if (routes.revision() == wanted) co_return absl::OkStatus();
  if (routes.revision() < wanted) co_return co_await deps_.routes.Push(node);
  // It knows a table that we have forgotten: ours has to be newer than any.
  deps_.journal.RaiseRouteRevision(routes.revision());
  Change nothing_but_a_revision;
  co_return co_await deps_.routes.Change(std::move(nothing_but_a_revision));
}

Task<absl::Status> Reconciler::FollowContainers(std::shared_ptr<NodeHandle> node) {
  DROVER_CO_ASSIGN_OR_RETURN(auto containers,
                             co_await node->container->ListContainers({}, kDeadline));
  Change change;
  std::vector<BusyApplications::Token> tokens;
  for (const container::v1::Container& container : containers.containers()) {
    const bool serves = container.state() == container::v1::CONTAINER_STATE_READY;
    const ApplicationRecord* application =
        deps_.journal.FindApplication(ApplicationName(container.application()));
    if (!serves || application == nullptr || !application->running) continue;
    const RouteTarget here = {node->name, ContainerId(container.container_id())};
    if (application->node != node->name || application->route == here) continue;
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

Task<void> Reconciler::FinishAborts() {
  std::vector<MigrationRecord> pending;
  for (const MigrationRecord* record : deps_.journal.migrations()) {
    if (record->source_pending || record->destination_pending) pending.push_back(*record);
  }
  for (MigrationRecord& record : pending) {
    MigrationStep step(deps_, record, [](int64_t, int64_t) {});
    const MigrationRecord before = record;
    if (record.source_pending) {
      const Command abort = command::AbortSource{};
      record.source_pending = !(co_await step.Execute(abort)).ok();
    }
    if (record.destination_pending) {
      const Command abort = command::AbortDestination{};
      record.destination_pending = !(co_await step.Execute(abort)).ok();
    }
    if (record == before) continue;
    ++record.revision;
    Change change;
    change.migrations.push_back(record);
    co_await deps_.journal.Commit(std::move(change));
  }
}

}  // namespace drover::coordinator
