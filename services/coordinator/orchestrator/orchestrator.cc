#include "services/coordinator/orchestrator/orchestrator.h"

namespace drover::coordinator {

Orchestrator::Orchestrator(OrchestratorDeps deps)
    : journal(deps.journal),
      hosts(deps.hosts),
      clock(deps.clock),
      background(deps.executor),
      nodes(deps.connector),
      routes(journal, nodes, hosts, clock),
      registry(journal, nodes, routes),
      observer(journal, nodes, busy),
      node_operations(journal, nodes),
      operations(journal, nodes, node_operations, routes, Retry(clock, deps.sleeper)),
      turns(journal, clock),
      migrations(DepsOfMoves(deps.sleeper), busy, background),
      deployments(DeploymentDeps{journal, observer, busy, operations, migrations, clock, background,
                                 hosts}),
      takeover({journal, nodes, node_operations, operations, observer, busy, migrations, clock}),
      reconciler(DepsOfMoves(deps.sleeper), takeover, busy, background) {}

MigrationDeps Orchestrator::DepsOfMoves(Sleeper& sleeper) {
  return {journal, nodes, node_operations, routes, turns, clock, sleeper};
}

void Orchestrator::Recover() {
  migrations.ResumeAll();
  deployments.ResumeAll();
  background.Spawn("reconciliation", reconciler.Run());
}

Task<void> Orchestrator::Stop() { co_await background.Stop(); }

}  // namespace drover::coordinator
