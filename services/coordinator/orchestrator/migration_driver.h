// Drives one move to its end: the loop that every move runs in, from the start or from the journal.
#ifndef DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_MIGRATION_DRIVER_H_
#define DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_MIGRATION_DRIVER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/common/async/async_mutex.h"
#include "services/common/async/task.h"
#include "services/coordinator/domain/migration.h"
#include "services/coordinator/orchestrator/interruptible.h"
#include "services/coordinator/orchestrator/migration_step.h"

namespace drover::coordinator {

// load -> execute the state's commands -> Decide(record, event) -> durable -> again. Recovery is
// the same loop begun with the record that the journal holds. Nothing else writes the record until
// it has ended; after that only the reconciler does, when a node that missed an abort was told.
//
// A node that does not answer is asked again: before COMMIT until nothing has moved for 30 s (then
// the move is aborted), or until the interruption is longer than was promised; after COMMIT for
// ever. Not thread-safe. Owned by a shared_ptr.
class MigrationDriver {
 public:
  MigrationDriver(MigrationDeps deps, MigrationId id);

  // Ends when the record is DONE or ABORTED.
  Task<void> Run();

  // Begins the abort. FAILED_PRECONDITION from COMMITTED on; OK if it is aborting already.
  Task<absl::Status> Cancel(std::string by);

  // FAILED_PRECONDITION before COMMITTED. Run() ends when the call that is under way has.
  Task<absl::Status> GiveUp(std::string by);

  // Of the copy under way.
  int64_t progress_bytes() const { return progress_bytes_; }
  int64_t progress_total_bytes() const { return progress_total_bytes_; }
  // In words; empty if it does not wait.
  std::string waiting_for() const;
  // What whoever waits for its end is told if it has not got on for 30 s and cannot be given up any
  // more; empty otherwise. journal.changed() is notified whenever it may have changed.
  std::string standstill() const;

 private:
  // For nodes, and a route keeper, that know nothing of the hold of a coordinator before us.
  Task<void> HoldAgain();
  Task<Event> ExecuteState(MigrationStep& step, MigrationRecord record);
  // Nothing if the command is done, or given up for now; else the event that ends the step.
  Task<std::optional<Event>> Persist(MigrationStep& step, MigrationRecord record, Command command);
  Task<absl::Status> Execute(MigrationStep& step, Command command);
  std::optional<Event> JudgeBeforeCommit(const MigrationRecord& record, const Command& command,
                                         const absl::Status& status) const;
  std::optional<Event> JudgeAfterCommit(const Command& command, const absl::Status& status) const;
  bool GiveUpForNow(MigrationStep& step, const MigrationRecord& record, const Command& command,
                    const absl::Status& status) const;

  // What Decide() has to know beside the record.
  void Inform(Event& event) const;
  // Decides and makes it durable. `revision` is that of the record whose step the event comes from:
  // an event of a step that was left meanwhile is dropped. 0 = whatever it is.
  Task<absl::Status> Feed(Event event, int64_t revision, std::vector<MigrationPhase> phases);
  Change ChangeOf(const Decision& decision) const;

  void NoteObstacle(const MigrationRecord& record, const Command& command,
                    const absl::Status& status);
  const MigrationRecord& Current() const;
  void OnProgress(int64_t bytes, int64_t total);

  const MigrationDeps deps_;
  const MigrationId id_;
  // One decision at a time: a cancel and the end of a step may come together.
  const std::shared_ptr<AsyncMutex> deciding_ = std::make_shared<AsyncMutex>();
  // What may be left at any time: see Execute().
  Interruptible leavable_;
  std::optional<Command> waiting_;
  // What keeps it from going on, and since when it has not got on. Empty while something is tried
  // that may succeed.
  struct Obstacle {
    std::string what;
    absl::Time since;
  };
  std::optional<Obstacle> obstacle_;
  absl::Time last_progress_;
  absl::Duration commit_duration_;
  int64_t progress_bytes_ = 0;
  int64_t progress_total_bytes_ = 0;
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_MIGRATION_DRIVER_H_
