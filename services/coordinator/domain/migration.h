// The move of one application as a pure state machine: what the journal says next, and what is
// asked of the nodes then.
//
//   state        commands                                         event that leads on
//   ---------    ---------------------------------------------    -------------------
//   REQUESTED    CheckAdmission LockSource ReserveDestination     Admitted
//      v
//   ADMITTED     EnsureImage StageContainer                       Staged
//      v
//   COPYING      (WaitForCalm or AwaitTurn) PushRound(n)          RoundCopied
//      v   ^
//   COPIED   \   (none)                                           Proceed: another round, or on,
//      v                                                          or nothing helps: ABORTING
//   QUIESCING    SetHold Seal                                     Sealed
//      v
//   SEALED       PushFinal Prepare                                Prepared
//      v
//   PREPARED     (none)                                           Proceed
//      v
//   COMMITTED    Activate (before it EnsureImage StageContainer,  Activated
//      v        if the gate was lost)
//   ACTIVE       AwaitReady ApplyRoutes ReleaseHold               Routed (NotReady: stays, routes
//   all the same)
//      v
//   ROUTED       RetireSource RemoveSourceContainer               Retired
//      v
//   RETIRED      FinishDestination                                Finished
//      v
//   DONE         and a new migration back, if the application did not get ready
//
//   REQUESTED … PREPARED  --Failed, CancelRequested-->
//   REQUESTED             --Admitted, and the promised time is shorter than any cut-over-->
//   QUIESCING … PREPARED  --DowntimeExceeded, or what comes later than promised-->
//   ABORTING     AbortSource StartAtSource ReleaseHold AbortDestination   Undone
//                (the destination before the source, if the store was an old copy: adoption.h)
//      v
//   ABORTED
//
//   COMMITTED … RETIRED   --GivenUp--> DONE, by an operator's claim of what the source still has
//   ABORTING              --GivenUp--> ABORTED, by a claim of what the destination had before
//
// The record COMMITTED is the commit point: a journal without it means abort, after it a move only
// goes forward, so there Failed changes nothing but how the step is tried again.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_MIGRATION_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_MIGRATION_H_

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "services/coordinator/domain/migration_command.h"
#include "services/coordinator/domain/migration_event.h"
#include "services/coordinator/domain/migration_record.h"

namespace drover::coordinator {

struct Decision {
  // What is made durable before any of `commands` is executed.
  MigrationRecord next;
  // In this order; the first that fails ends the step.
  std::vector<Command> commands;
  // A return, made durable together with `next`.
  std::optional<MigrationRecord> follow_up;
  // ABORTED, and nothing is wrong with the application: it is at the source as it was.
  bool is_as_before = false;
};

// FAILED_PRECONDITION if `event` means nothing in the record's state (nothing changes then): a
// cancel after COMMIT, an event of a step that was left.
absl::StatusOr<Decision> Decide(const MigrationRecord& record, const Event& event);

// The commands of the record's state: what Decide() gave when it was entered, and what is re-sent
// after a restart (every participant call is idempotent).
std::vector<Command> Resume(const MigrationRecord& record);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_MIGRATION_H_
