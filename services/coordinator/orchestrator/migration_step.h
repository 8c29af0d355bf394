// Carries out the commands of one state of one move.
#ifndef DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_MIGRATION_STEP_H_
#define DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_MIGRATION_STEP_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/common/async/sleeper.h"
#include "services/common/async/task.h"
#include "services/common/time/clock.h"
#include "services/coordinator/domain/migration.h"
#include "services/coordinator/orchestrator/cutover_turns.h"
#include "services/coordinator/orchestrator/journal.h"
#include "services/coordinator/orchestrator/node_directory.h"
#include "services/coordinator/orchestrator/node_operations.h"
#include "services/coordinator/orchestrator/route_keeper.h"

namespace drover::coordinator {

// What every move needs; all outlive it.
struct MigrationDeps {
  Journal& journal;
  const NodeDirectory& nodes;
  NodeOperations& operations;
  RouteKeeper& routes;
  CutoverTurns& turns;
  const Clock& clock;
  Sleeper& sleeper;
};

// The commands of one entry into a state, one after the other: one method each, which makes one
// call to a node (or the same to all of them), and keeps of the answer what the step's event needs.
// No decisions and no retries: MigrationDriver has them. Not thread-safe.
class MigrationStep {
 public:
  // Bytes sent, of an estimated total.
  using OnProgress = std::function<void(int64_t, int64_t)>;

  MigrationStep(const MigrationDeps& deps, MigrationRecord record, OnProgress on_progress);

  Task<absl::Status> Execute(Command command);

  // What the commands' answers say, once all have succeeded.
  Event Result() const;

  // How long each phase took; commands may share one.
  const std::vector<MigrationPhase>& phases() const { return phases_; }

  // For a step that undoes: nodes that were given up for now, and what failed for good.
  event::Undone undone;
  // For a step that routes: what was given up for now.
  std::string route_refusal;

 private:
  Task<absl::Status> Run(command::CheckAdmission);
  Task<absl::Status> Run(command::LockSource);
  Task<absl::Status> Run(command::ReserveDestination);
  Task<absl::Status> Run(command::EnsureImage);
  Task<absl::Status> Run(command::StageContainer);
  Task<absl::Status> Run(command::WaitForCalm wait);
  Task<absl::Status> Run(command::AwaitTurn);
  Task<absl::Status> Run(command::PushRound round);
  Task<absl::Status> Run(command::SetHold);
  Task<absl::Status> Run(command::Seal);
  Task<absl::Status> Run(command::PushFinal);
  Task<absl::Status> Run(command::Prepare);
  Task<absl::Status> Run(command::Activate);
  Task<absl::Status> Run(command::AwaitReady);
  Task<absl::Status> Run(command::ApplyRoutes);
  Task<absl::Status> Run(command::ReleaseHold);
  Task<absl::Status> Run(command::RetireSource);
  Task<absl::Status> Run(command::RemoveSourceContainer);
  Task<absl::Status> Run(command::FinishDestination);
  Task<absl::Status> Run(command::AbortSource);
  Task<absl::Status> Run(command::StartAtSource);
  Task<absl::Status> Run(command::AbortDestination);

  // After COMMIT the destination's container service starts an application again that ended: its
  // start is then another than the one that was activated, and is no less this migration's.
  // `refusal` if what runs there is not of its generation.
  Task<absl::Status> AdoptStart(absl::Status refusal);
  Task<absl::Status> Push(int round, absl::Duration timeout);
  Task<absl::Status> AbortOn(NodeName node);
  // `usual`, or less if the time that was promised is over before that.
  absl::Duration BeforeTooLong(absl::Duration usual) const;
  volume::v1::MigrationKey Key() const;
  void AddPhase(const std::string& name, absl::Duration duration);

  const MigrationDeps deps_;
  const MigrationRecord record_;
  const OnProgress on_progress_;

  std::string backend_;
  volume::v1::VolumeGroup source_group_;
  // The start at the destination: the record's, unless its node has made another one since.
  StartedContainer staged_;
  absl::Time begun_anew_ = absl::InfiniteFuture();
  absl::Time push_begin_ = absl::InfinitePast();
  volume::v1::PushResult pushed_;
  event::Sealed sealed_;
  absl::Time routed_at_;
  std::vector<MigrationPhase> phases_;
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_MIGRATION_STEP_H_
