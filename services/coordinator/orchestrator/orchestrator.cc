#include "services/coordinator/orchestrator/orchestrator.h"

#include <utility>

#include "services/coordinator/domain/old_store.h"

namespace drover::coordinator {

Orchestrator::Orchestrator(OrchestratorDeps deps)
    : journal(deps.journal),
      hosts(deps.hosts),
      clock(deps.clock),
      sleeper(deps.sleeper),
      background(deps.executor),
      nodes(deps.connector),
      contact(journal, nodes, busy, clock),
      routes(journal, nodes, hosts, clock),
      registry(journal, nodes, contact, routes),
      observer(journal, nodes, busy),
      adopter(journal, observer, contact, clock),
      node_operations(journal, nodes, clock),
      operations(journal, nodes, node_operations, routes, clock, Retry(clock, deps.sleeper)),
      volumes({journal, nodes, node_operations, operations, observer, busy,
               Retry(clock, deps.sleeper)}),
      turns(journal, clock),
      migrations(DepsOfMoves(deps.sleeper), busy, background),
      planner(journal, observer, operations, hosts, clock),
      deployments(DeploymentDeps{journal, observer, planner, busy, operations, volumes, migrations,
                                 clock, background, hosts, registry, Retry(clock, deps.sleeper)}),
      takeover({journal, nodes, node_operations, operations, observer, busy, migrations, routes,
                contact, clock}),
      reconciler(DepsOfMoves(deps.sleeper), contact, takeover, busy, background) {}

MigrationDeps Orchestrator::DepsOfMoves(Sleeper& sleeper) {
  return {journal, nodes, node_operations, routes, turns, clock, sleeper};
}

void Orchestrator::Recover() {
  is_comparing_ = true;
  background.Spawn("comparison with the nodes", CompareAndResume());
}

Task<void> Orchestrator::CompareAndResume() {
  if (journal.recovery().empty()) co_await contact.MeetAll();
  if (journal.recovery().empty()) Resume();
  is_comparing_ = false;
  journal.changed().Notify();
}

void Orchestrator::Resume() {
  contact.Resumed();
  migrations.ResumeAll();
  deployments.ResumeAll();
  if (!std::exchange(is_reconciling_, true)) {
    background.Spawn("reconciliation", reconciler.Run());
  }
}

Task<absl::Status> Orchestrator::CheckMayChange() {
  while (is_comparing_) co_await journal.changed().Wait(journal.changed().count());
  if (journal.recovery().empty()) co_return absl::OkStatus();
  co_return RecoveryModeError(journal.recovery());
}

Task<absl::StatusOr<AdoptionReport>> Orchestrator::Adopt(std::set<NodeName> without,
                                                         std::string caller) {
  (void)co_await CheckMayChange();
  // Nobody begins anything before what was adopted is resumed, though the recovery mode ends first.
  is_comparing_ = true;
  absl::StatusOr<AdoptionReport> report =
      co_await adopter.Adopt(std::move(without), std::move(caller));
  if (report.ok() && journal.recovery().empty()) Resume();
  is_comparing_ = false;
  journal.changed().Notify();
  co_return report;
}

Task<void> Orchestrator::Stop() { co_await background.Stop(); }

}  // namespace drover::coordinator
