// What a restarted container service does about an application it has a record of.
#ifndef DROVER_SERVICES_CONTAINER_DOMAIN_RECOVERY_H_
#define DROVER_SERVICES_CONTAINER_DOMAIN_RECOVERY_H_

namespace drover::container {

// What the last durable word about an application was.
enum class Intent {
  // Behind its gate for a migration: whoever activates it decides.
  kStaged,
  kRun,
  // Somebody stopped it.
  kStopped,
  // It ended by itself, and its restart policy leaves it so.
  kEnded,
};

struct RecoveryFacts {
  Intent intent = Intent::kStaged;
  // The volume service opened the gate of the recorded start.
  bool gate_was_opened = false;
  // The application's record in the pool says OWNED here; a migration may be copying it, and even
  // then it runs on.
  bool may_run_here = false;
  // The container of the recorded start has a process.
  bool runs = false;
  // …that is not the one we started: somebody restarted the container by hand, so it is gated
  // again.
  bool restarted_by_hand = false;
};

enum class RecoveryAction {
  // It runs or waits as it should.
  kKeep,
  // A new start, the regular way.
  kStart,
  // A stop that was begun is brought to its end.
  kStop,
  // Nothing runs, and nothing should for now.
  kLeave,
};

// An end that nobody witnessed is taken as the machine's or the engine's, not the application's, so
// the restart policy is not asked.
RecoveryAction DecideRecovery(const RecoveryFacts& facts);

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_DOMAIN_RECOVERY_H_
