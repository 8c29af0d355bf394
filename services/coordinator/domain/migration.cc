#include "services/coordinator/domain/migration.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "services/coordinator/domain/cutover_words.h"

namespace drover::coordinator {
namespace {

// Where the application is after an abort, in words.
std::string AfterAbort(const MigrationRecord& record, const event::Undone& undone) {
  const std::string& app = record.application.value();
  const std::string& source = record.source.value();
  if (undone.start_pending) {
    return absl::StrCat(app, " is stopped and its data is on ", source,
                        ", where it could not be started again, which is still being tried: ",
                        undone.start_problem);
  }
  if (!undone.start_problem.empty()) {
    return absl::StrCat(app, " was started again on ", source,
                        ", with its data, but did not get ready: ", undone.start_problem);
  }
  if (undone.source_pending) {
    return absl::StrCat(app, " stays on ", source, ", which does not answer");
  }
  if (!undone.route_refusal.empty()) {
    return absl::StrCat(app, " runs on ", source,
                        ", but not every node leads to it: ", undone.route_refusal);
  }
  if (record.source_running) return absl::StrCat(app, " runs on ", source, " as before");
  return absl::StrCat(app, " is stopped and its data is on ", source, " as before");
}

bool NeedsReturn(const MigrationRecord& record) {
  return record.not_ready && record.source_running && record.return_of.empty();
}

std::string AfterNotReady(const MigrationRecord& record, absl::string_view why) {
  std::string error = absl::StrCat(record.application.value(), " did not get ready on ",
                                   record.destination.value(), ": ", why);
  if (NeedsReturn(record)) {
    absl::StrAppend(&error, "; it goes back to ", record.source.value());
  } else {
    absl::StrAppend(&error, "; it is on ", record.destination.value(), " now, with its data");
  }
  return error;
}

// The way back: a full move with a generation of its own, running what the source ran before.
MigrationRecord MakeReturn(const MigrationRecord& record, const event::Finished& finished) {
  MigrationRecord back;
  back.id = finished.unused_id;
  back.application = record.application;
  back.source = record.destination;
  back.destination = record.source;
  back.generation = finished.unused_generation;
  back.source_generation = record.generation;
  back.source_running = true;
  back.spec = record.source_spec;
  back.source_spec = record.spec;
  back.return_of = record.id;
  back.requested_by = record.requested_by;
  back.create_time = finished.at;
  return back;
}

// One overload for each event that means something in at least one state; each checks its state.
// What no overload accepts is refused.
class Decider {
 public:
  explicit Decider(const MigrationRecord& record) : record_(record) { decision_.next = record; }

  absl::StatusOr<Decision> Take(const Event& event) {
    const bool accepted = std::visit(*this, event);
    if (!accepted) {
      return absl::FailedPreconditionError(absl::StrCat("migration ", record_.id.value(), " is ",
                                                        MigrationStateName(record_.state)));
    }
    decision_.commands = Resume(decision_.next);
    return std::move(decision_);
  }

  // The time that was promised may be shorter than any cut-over: then nothing is begun.
  bool operator()(const event::Admitted& admitted) {
    if (!Step(MigrationState::kRequested, MigrationState::kAdmitted)) return false;
    Foresee(admitted.history, admitted.at);
    if (Fits() == false) Abort(DoesNotFitText(decision_.next));
    return true;
  }

  bool operator()(const event::Staged& staged) {
    if (!Step(MigrationState::kAdmitted, MigrationState::kCopying)) return false;
    decision_.next.start_id = staged.start_id;
    decision_.next.container_id = staged.container_id;
    return true;
  }

  bool operator()(const event::RoundCopied& copied) {
    if (!Step(MigrationState::kCopying, MigrationState::kCopied)) return false;
    decision_.next.rounds.push_back(copied.round);
    decision_.next.pause = absl::ZeroDuration();
    return true;
  }

  bool operator()(const event::Proceed& proceed) {
    if (record_.state == MigrationState::kPrepared) {
      if (!AbortIfTooLong(proceed.at)) decision_.next.state = MigrationState::kCommitted;
      return true;
    }
    if (record_.state != MigrationState::kCopied) return false;
    Foresee(proceed.history, proceed.at);
    decision_.next.await_turn = false;
    switch (AfterRound(proceed)) {
      case NextStep::kWaitForCalm:
        decision_.next.pause = CalmPause(record_.rounds);
        ++decision_.next.calm_waits;
        [[fallthrough]];
      case NextStep::kCopy:
        decision_.next.state = MigrationState::kCopying;
        return true;
      case NextStep::kGiveUpOutrun:
        Abort(OutrunText(decision_.next));
        return true;
      case NextStep::kGiveUpLimit:
        Abort(DoesNotFitText(decision_.next));
        return true;
      case NextStep::kCutOver:
        CutOver(proceed);
        return true;
    }
    return false;
  }

  bool operator()(const event::Sealed& sealed) {
    if (!Step(MigrationState::kQuiescing, MigrationState::kSealed)) return false;
    decision_.next.snapshots = sealed.snapshots;
    if (sealed.stop_requested > record_.cutover_start) {
      decision_.next.cutover_start = sealed.stop_requested;
    }
    AbortIfTooLong(sealed.at);
    return true;
  }

  bool operator()(const event::Prepared& prepared) {
    if (!Step(MigrationState::kSealed, MigrationState::kPrepared)) return false;
    decision_.next.final_bytes = prepared.final_bytes;
    AbortIfTooLong(prepared.at);
    return true;
  }

  bool operator()(const event::DowntimeExceeded& exceeded) {
    return record_.state >= MigrationState::kQuiescing &&
           record_.state <= MigrationState::kPrepared && AbortIfTooLong(exceeded.at);
  }

  bool operator()(const event::Activated& activated) {
    if (!Step(MigrationState::kCommitted, MigrationState::kActive)) return false;
    decision_.next.start_id = activated.start_id;
    decision_.next.container_id = activated.container_id;
    decision_.next.stage_again = false;
    return true;
  }

  bool operator()(const event::Routed& routed) {
    if (!Step(MigrationState::kActive, MigrationState::kRouted)) return false;
    // An application that did not get ready is still interrupted; one that was stopped never was.
    if (record_.source_running && !record_.not_ready) {
      decision_.next.interruption = routed.at - record_.cutover_start;
    }
    decision_.next.missed = IsTooLong(record_, routed.at);
    if (!routed.refusal.empty()) AddRefusal(routed.refusal);
    return true;
  }

  bool operator()(const event::NotReady& not_ready) {
    if (record_.state != MigrationState::kActive || record_.not_ready) return false;
    decision_.next.not_ready = true;
    decision_.next.error = AfterNotReady(decision_.next, not_ready.why);
    return true;
  }

  bool operator()(const event::Retired&) {
    return Step(MigrationState::kRouted, MigrationState::kRetired);
  }

  bool operator()(const event::Finished& finished) {
    if (!Step(MigrationState::kRetired, MigrationState::kDone)) return false;
    decision_.next.end_time = finished.at;
    if (NeedsReturn(record_)) {
      decision_.next.returned_by = finished.unused_id;
      decision_.follow_up = MakeReturn(record_, finished);
    }
    return true;
  }

  bool operator()(const event::Undone& undone) {
    if (!Step(MigrationState::kAborting, MigrationState::kAborted)) return false;
    decision_.next.source_pending = undone.source_pending;
    decision_.next.destination_pending = undone.destination_pending;
    decision_.next.start_pending = undone.start_pending;
    decision_.next.end_time = undone.at;
    decision_.next.error = absl::StrCat(record_.error, "; ", AfterAbort(record_, undone));
    // A node that does not answer, or refused a route, is that node's problem.
    decision_.is_as_before = undone.start_problem.empty();
    return true;
  }

  bool operator()(const event::Failed& failed) {
    if (IsBeforeCommit(record_.state)) {
      Abort(failed.why);
      return true;
    }
    // The next attempt takes the other way to an open gate: a new container for one that was lost,
    // or the one that is there for one that could not be replaced since it runs already.
    if (record_.state == MigrationState::kCommitted) {
      decision_.next.stage_again = !record_.stage_again;
    }
    return !IsTerminal(record_.state);
  }

  bool operator()(const event::CancelRequested& cancel) {
    if (record_.state == MigrationState::kAborting) return true;
    if (!IsBeforeCommit(record_.state)) return false;
    Abort(absl::StrCat("cancelled by ", cancel.by));
    return true;
  }

  bool operator()(const event::GivenUp& given_up) {
    if (IsBeforeCommit(record_.state) || IsTerminal(record_.state)) return false;
    const bool aborts = record_.state == MigrationState::kAborting;
    const NodeName& lost = aborts ? record_.source : record_.destination;
    const std::string why =
        absl::StrCat("given up by ", given_up.by, ": ", lost.value(), " did not come back");
    decision_.next.state = aborts ? MigrationState::kAborted : MigrationState::kDone;
    decision_.next.source_pending = aborts;
    decision_.next.destination_pending = !aborts;
    // Should it come back after all before somebody else is the owner.
    decision_.next.start_pending = aborts && record_.seal_requested && record_.source_running;
    decision_.next.not_ready = false;
    decision_.next.end_time = given_up.at;
    decision_.next.error = aborts ? absl::StrCat(record_.error, "; ", why) : why;
    return true;
  }

 private:
  // How long an interruption will be that is begun now. One that has begun is compared with what
  // was said before it.
  void Foresee(const CutoverHistory& history, absl::Time now) {
    if (!record_.source_running) return;
    const bool limited = record_.options.bandwidth_bytes_per_second > 0;
    decision_.next.prediction = Predict(history, record_.rounds, limited, now);
  }

  // Nothing if nothing was promised.
  std::optional<bool> Fits() const {
    if (!decision_.next.prediction.has_value() || !record_.options.max_downtime.has_value()) {
      return std::nullopt;
    }
    return decision_.next.prediction->p95 <= *record_.options.max_downtime;
  }

  NextStep AfterRound(const event::Proceed& proceed) const {
    // Nobody writes, and nobody waits.
    if (!record_.source_running) return NextStep::kCutOver;
    // What did not get ready here must not stay here.
    if (!record_.return_of.empty()) {
      return AnotherRoundPays(record_.rounds) ? NextStep::kCopy : NextStep::kCutOver;
    }
    const NextStep step = Converge(record_.rounds, Fits(), record_.calm_waits);
    // The nodes were busy, most likely with others that are moved too: a wait for its turn gives
    // them as much time as a round that carries nothing, and leaves it to the others.
    const bool waits = proceed.must_wait || record_.await_turn;
    const bool waiting_does = waits && IsSmallDelta(record_.rounds) && Fits() != false;
    return step == NextStep::kCopy && waiting_does ? NextStep::kCutOver : step;
  }

  // After a long wait, or of an application that writes much, another round keeps the delta small.
  void CutOver(const event::Proceed& proceed) {
    if (proceed.must_wait) {
      decision_.next.await_turn = true;
      return;
    }
    if (record_.await_turn && record_.source_running && !IsFresh(record_.rounds, proceed.at)) {
      decision_.next.state = MigrationState::kCopying;
      return;
    }
    decision_.next.state = MigrationState::kQuiescing;
    decision_.next.seal_requested = true;
    decision_.next.cutover_start = proceed.at;
  }

  bool AbortIfTooLong(absl::Time now) {
    if (!IsTooLong(decision_.next, now)) return false;
    decision_.next.missed = true;
    Abort(TooLongText(decision_.next, now));
    return true;
  }

  bool Step(MigrationState from, MigrationState to) {
    if (record_.state != from) return false;
    decision_.next.state = to;
    return true;
  }

  void AddRefusal(const std::string& refusal) {
    std::string& error = decision_.next.error;
    const std::string where =
        absl::StrCat(record_.application.value(), " runs on ", record_.destination.value());
    if (error.empty()) error = where;
    absl::StrAppend(&error, ", but not every node leads to it: ", refusal);
  }

  void Abort(std::string why) {
    decision_.next.state = MigrationState::kAborting;
    decision_.next.error = std::move(why);
  }

  const MigrationRecord& record_;
  Decision decision_;
};

std::vector<Command> Copy(const MigrationRecord& record) {
  std::vector<Command> commands;
  if (record.pause > absl::ZeroDuration()) commands.push_back(command::WaitForCalm{record.pause});
  commands.push_back(command::PushRound{static_cast<int>(record.rounds.size()) + 1});
  return commands;
}

std::vector<Command> Undo(const MigrationRecord& record) {
  std::vector<Command> commands;
  if (record.discard_first) commands.push_back(command::AbortDestination{});
  commands.push_back(command::AbortSource{});
  if (record.seal_requested && record.source_running) commands.push_back(command::StartAtSource{});
  if (record.seal_requested) commands.push_back(command::ReleaseHold{});
  if (!record.discard_first) commands.push_back(command::AbortDestination{});
  return commands;
}

}  // namespace

absl::StatusOr<Decision> Decide(const MigrationRecord& record, const Event& event) {
  return Decider(record).Take(event);
}

std::vector<Command> Resume(const MigrationRecord& record) {
  using namespace command;
  switch (record.state) {
    case MigrationState::kRequested:
      return {CheckAdmission{}, LockSource{}, ReserveDestination{}};
    case MigrationState::kAdmitted:
      return {EnsureImage{}, StageContainer{}};
    case MigrationState::kCopying:
      return Copy(record);
    case MigrationState::kCopied:
      if (record.await_turn) return {AwaitTurn{}};
      return {};
    case MigrationState::kQuiescing:
      return {SetHold{}, Seal{}};
    case MigrationState::kSealed:
      return {PushFinal{}, Prepare{}};
    case MigrationState::kCommitted:
      // The engine may have lost the image with the container.
      if (record.stage_again) return {EnsureImage{}, StageContainer{}, Activate{}};
      return {Activate{}};
    case MigrationState::kActive:
      if (record.not_ready) return {ApplyRoutes{}, ReleaseHold{}};
      return {AwaitReady{}, ApplyRoutes{}, ReleaseHold{}};
    case MigrationState::kRouted:
      return {RetireSource{}, RemoveSourceContainer{}};
    case MigrationState::kRetired:
      return {FinishDestination{}};
    case MigrationState::kAborting:
      return Undo(record);
    case MigrationState::kPrepared:
    case MigrationState::kDone:
    case MigrationState::kAborted:
      return {};
  }
  return {};
}

}  // namespace drover::coordinator
