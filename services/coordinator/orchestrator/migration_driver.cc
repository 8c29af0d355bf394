#include "services/coordinator/orchestrator/migration_driver.h"

#include <glog/logging.h>

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "services/common/ids/random_id.h"
#include "services/common/status/reason.h"
#include "services/coordinator/domain/cutover_history.h"
#include "services/coordinator/domain/standstill.h"
#include "services/coordinator/orchestrator/transient.h"

namespace drover::coordinator {
namespace {

// How long a move may stand still before it is given up, or no longer waited for (never how long it
// may take).
constexpr absl::Duration kNoProgressLimit = absl::Seconds(30);
// From then on it is said what a move waits for.
constexpr absl::Duration kHeldUp = absl::Seconds(1);
// How long a node is asked that refuses a route, while the clients of all others are held.
constexpr absl::Duration kRouteRefusalLimit = absl::Seconds(2);
// How long an abort waits for a node that nothing depends on.
constexpr absl::Duration kGiveUpAfter = absl::Seconds(5);

template <class T>
bool Is(const Command& command) {
  return std::holds_alternative<T>(command);
}

bool IsOfSource(const Command& command) {
  return Is<command::LockSource>(command) || Is<command::Seal>(command) ||
         Is<command::RetireSource>(command) || Is<command::RemoveSourceContainer>(command) ||
         Is<command::AbortSource>(command) || Is<command::StartAtSource>(command);
}

// Whose words an error is.
std::string Context(const MigrationRecord& record, const Command& command) {
  if (IsOfSource(command)) return record.source.value();
  if (Is<command::AwaitTurn>(command)) return record.application.value();
  if (Is<command::PushRound>(command) || Is<command::PushFinal>(command)) {
    return absl::StrCat("copying from ", record.source.value(), " to ", record.destination.value());
  }
  return record.destination.value();
}

void AddPhases(std::vector<MigrationPhase>& phases, const std::vector<MigrationPhase>& more) {
  for (const MigrationPhase& phase : more) {
    bool found = false;
    for (MigrationPhase& existing : phases) {
      if (existing.name != phase.name) continue;
      existing.duration += phase.duration;
      found = true;
    }
    if (!found) phases.push_back(phase);
  }
}

}  // namespace

MigrationDriver::MigrationDriver(MigrationDeps deps, MigrationId id)
    : deps_(deps), id_(std::move(id)) {}

const MigrationRecord& MigrationDriver::Current() const {
  return *deps_.journal.FindMigration(id_);
}

void MigrationDriver::OnProgress(int64_t bytes, int64_t total) {
  if (bytes != progress_bytes_) {
    last_progress_ = deps_.clock.Now();
    obstacle_.reset();
  }
  progress_bytes_ = bytes;
  progress_total_bytes_ = total;
  deps_.journal.changed().Notify();
}

Task<void> MigrationDriver::Run() {
  if (HoldsPorts(Current())) co_await HoldAgain();
  bool resumed = true;
  while (!IsTerminal(Current().state)) {
    const MigrationRecord record = Current();
    auto on_progress = [this](int64_t bytes, int64_t total) { OnProgress(bytes, total); };
    MigrationStep step(deps_, record, std::move(on_progress));
    Event event = co_await ExecuteState(step, record);
    // Whoever began the seal before us asked for the stop, which is when the interruption began.
    auto* sealed = std::get_if<event::Sealed>(&event);
    if (std::exchange(resumed, false) && sealed) sealed->stop_requested = absl::InfinitePast();
    absl::Status fed = co_await Feed(std::move(event), record.revision, step.phases());
    LOG_IF(DFATAL, !fed.ok()) << "migration " << id_ << ": " << fed;
    if (Current().state != record.state) obstacle_.reset();
  }
}

Task<void> MigrationDriver::HoldAgain() {
  MigrationStep step(deps_, Current(), [](int64_t, int64_t) {});
  const Command hold = command::SetHold{};
  (void)co_await step.Execute(hold);
}

Task<Event> MigrationDriver::ExecuteState(MigrationStep& step, MigrationRecord record) {
  progress_bytes_ = progress_total_bytes_ = 0;
  for (const Command& command : Resume(record)) {
    VLOG(1) << "migration " << id_ << " " << MigrationStateName(record.state) << ": "
            << CommandName(command);
    std::optional<Event> failure = co_await Persist(step, record, command);
    if (failure.has_value()) co_return *std::move(failure);
  }
  Event event = step.Result();
  if (auto* finished = std::get_if<event::Finished>(&event); finished && record.not_ready) {
    finished->unused_id = MigrationId(RandomHex(8));
    finished->unused_generation = deps_.journal.TakeGeneration();
  }
  co_return event;
}

Task<std::optional<Event>> MigrationDriver::Persist(MigrationStep& step, MigrationRecord record,
                                                    Command command) {
  Backoff backoff;
  last_progress_ = deps_.clock.Now();
  while (true) {
    // These last as long as the application needs: while they do, nothing is in the way.
    const bool is_long = Is<command::AwaitReady>(command) || Is<command::Activate>(command);
    if (is_long && obstacle_.has_value()) obstacle_->what.clear();
    absl::Status status = co_await Execute(step, command);
    // Cancelled meanwhile: Feed() drops the event, whatever it is.
    if (Current().revision != record.revision) co_return event::Failed{};
    if (status.ok()) {
      // The ways to an open gate are tried in turn: that one of their steps succeeds is no
      // progress.
      if (record.state != MigrationState::kCommitted) obstacle_.reset();
      if (obstacle_.has_value()) obstacle_->what.clear();
      co_return std::nullopt;
    }
    LOG(WARNING) << "migration " << id_ << " " << MigrationStateName(record.state) << ": "
                 << CommandName(command) << ": " << status;
    if (ReasonOf(status) == "STALE_EPOCH") co_await deps_.journal.EndProcess(status);
    NoteObstacle(record, command, status);
    std::optional<Event> verdict;
    if (IsBeforeCommit(record.state)) {
      verdict = JudgeBeforeCommit(record, command, status);
    } else if (IsCommitted(record.state)) {
      verdict = JudgeAfterCommit(command, status);
    } else if (GiveUpForNow(step, record, command, status)) {
      co_return std::nullopt;
    }
    if (Is<command::ApplyRoutes>(command) &&
        deps_.clock.Now() - last_progress_ >= kRouteRefusalLimit) {
      // The reconciler goes on with it; the move ends, and says so.
      step.route_refusal = std::string(status.message());
      co_return std::nullopt;
    }
    if (verdict.has_value() && !std::holds_alternative<event::Failed>(*verdict)) co_return verdict;
    if (verdict.has_value() && IsBeforeCommit(record.state)) co_return verdict;
    co_await deps_.sleeper.SleepFor(backoff.Next());
    if (Current().revision != record.revision) co_return event::Failed{};
    if (verdict.has_value()) co_return verdict;
  }
}

Task<absl::Status> MigrationDriver::Execute(MigrationStep& step, Command command) {
  Task<absl::Status> work = step.Execute(command);
  const bool waits = Is<command::WaitForCalm>(command) || Is<command::AwaitTurn>(command);
  // A pull may take hours, and what it leaves on the node is worth keeping. All others are short,
  // or are ended by the abort itself.
  const bool may_be_left = waits || Is<command::EnsureImage>(command);
  if (!may_be_left) co_return co_await std::move(work);
  if (waits) {
    waiting_ = command;
    deps_.journal.changed().Notify();
  }
  absl::Status status = co_await leavable_.Run(std::move(work));
  waiting_.reset();
  co_return status;
}

void MigrationDriver::NoteObstacle(const MigrationRecord& record, const Command& command,
                                   const absl::Status& status) {
  if (!obstacle_.has_value()) obstacle_ = {{}, deps_.clock.Now()};
  obstacle_->what = absl::StrCat(Context(record, command), ": ", status.message());
  deps_.journal.changed().Notify();
}

std::string MigrationDriver::standstill() const {
  const MigrationRecord& record = Current();
  const bool can_be_given_up = IsBeforeCommit(record.state) || IsTerminal(record.state);
  if (can_be_given_up || !obstacle_.has_value() || obstacle_->what.empty()) return "";
  absl::Duration limit = kNoProgressLimit;
  // A node that was rebooted starts it again, and it has its time for that.
  if (record.state == MigrationState::kActive) {
    limit += record.spec.readiness.value_or(Readiness()).timeout;
  }
  if (deps_.clock.Now() - obstacle_->since < limit) return "";
  return StandstillText(record, obstacle_->what);
}

std::string MigrationDriver::waiting_for() const {
  // A call that is repeated at once is nothing to speak of.
  const bool is_held_up = obstacle_.has_value() && !obstacle_->what.empty() &&
                          deps_.clock.Now() - obstacle_->since >= kHeldUp;
  if (is_held_up) return obstacle_->what;
  if (!waiting_.has_value()) return "";
  const MigrationRecord& record = Current();
  if (Is<command::WaitForCalm>(*waiting_)) {
    return absl::StrCat(record.application.value(), " to write less");
  }
  const std::optional<TurnWait> wait = deps_.turns.Wait(record);
  return wait.has_value() ? wait->reason : "";
}

std::optional<Event> MigrationDriver::JudgeBeforeCommit(const MigrationRecord& record,
                                                        const Command& command,
                                                        const absl::Status& status) const {
  // A group that is locked on a node: only one migration of an application is under way here, so
  // the lock is an aborted one's, whose end the reconciler is still telling that node.
  const bool passes = IsTransient(status) || ReasonOf(status) == "GROUP_LOCKED";
  const absl::Time now = deps_.clock.Now();
  if (passes && IsTooLong(record, now)) return event::DowntimeExceeded{now};
  if (passes && now - last_progress_ < kNoProgressLimit) return std::nullopt;
  return event::Failed{absl::StrCat(Context(record, command), ": ", status.message())};
}

std::optional<Event> MigrationDriver::JudgeAfterCommit(const Command& command,
                                                       const absl::Status& status) const {
  if (IsTransient(status)) return std::nullopt;
  if (Is<command::AwaitReady>(command)) return event::NotReady{std::string(status.message())};
  // Another way to an open gate is tried; every other command is just repeated.
  if (Is<command::Activate>(command) || Is<command::StageContainer>(command)) {
    return event::Failed{std::string(status.message())};
  }
  return std::nullopt;
}

bool MigrationDriver::GiveUpForNow(MigrationStep& step, const MigrationRecord& record,
                                   const Command& command, const absl::Status& status) const {
  const bool is_early = deps_.clock.Now() - last_progress_ < kGiveUpAfter;
  if (Is<command::StartAtSource>(command) && !IsTransient(status)) {
    // What was started and did not get ready is its container service's to start again, or its
    // user's.
    if (step.undone.start_pending && is_early) return false;
    step.undone.start_problem = std::string(status.message());
    return true;
  }
  if (is_early) return false;
  if (Is<command::AbortDestination>(command) && !record.discard_first) {
    step.undone.destination_pending = true;
    return true;
  }
  // A source that was never asked to stop runs on; one that was must be told.
  if (Is<command::AbortSource>(command) && !record.seal_requested) {
    step.undone.source_pending = true;
    return true;
  }
  return false;
}

void MigrationDriver::Inform(Event& event) const {
  const MigrationRecord& record = Current();
  auto history = [&] {
    return HistoryOf(deps_.journal.migrations(), record.application, record.source,
                     record.destination);
  };
  if (auto* admitted = std::get_if<event::Admitted>(&event)) admitted->history = history();
  if (record.state != MigrationState::kCopied) return;
  if (auto* proceed = std::get_if<event::Proceed>(&event)) {
    proceed->history = history();
    proceed->must_wait = deps_.turns.Wait(record).has_value();
  }
}

Task<absl::Status> MigrationDriver::Feed(Event event, int64_t revision,
                                         std::vector<MigrationPhase> phases) {
  AsyncMutex::Lock lock = co_await deciding_->Acquire();
  const MigrationRecord& current = Current();
  if (revision != 0 && current.revision != revision) co_return absl::OkStatus();
  Inform(event);
  absl::StatusOr<Decision> decision = Decide(current, event);
  if (!decision.ok()) co_return decision.status();
  MigrationRecord& next = decision->next;
  ++next.revision;
  // How long the commit took is known only after it: it comes with the phases of the next step.
  if (commit_duration_ > absl::ZeroDuration()) {
    AddPhases(next.phases, {{"commit", std::exchange(commit_duration_, absl::ZeroDuration())}});
  }
  AddPhases(next.phases, phases);
  LOG(INFO) << "migration " << id_ << " of " << next.application << ": "
            << MigrationStateName(current.state) << " -> " << MigrationStateName(next.state)
            << (next.error.empty() ? "" : ": ") << next.error;
  const absl::Time begin = deps_.clock.Now();
  const bool commits = next.state == MigrationState::kCommitted;
  Change change = ChangeOf(*decision);
  // Nothing is awaited between Inform()'s look at the others' turns and this.
  deps_.turns.BeginWriting(next);
  co_await deps_.journal.Commit(std::move(change));
  deps_.turns.EndWriting(next);
  const bool needs_turn =
      (next.state == MigrationState::kCopying && next.pause == absl::ZeroDuration()) ||
      next.state == MigrationState::kCopied;
  if (!needs_turn) deps_.turns.Leave(next.id);
  if (commits) commit_duration_ = deps_.clock.Now() - begin;
  co_return absl::OkStatus();
}

// The application's record goes with the decision: it has the new owner from COMMIT on.
Change MigrationDriver::ChangeOf(const Decision& decision) const {
  Change change;
  const MigrationRecord& next = decision.next;
  change.migrations.push_back(next);
  if (decision.follow_up.has_value()) change.migrations.push_back(*decision.follow_up);
  const ApplicationRecord* current = deps_.journal.FindApplication(next.application);
  if (current == nullptr) return change;
  ApplicationRecord application = *current;
  ++application.revision;
  if (next.state == MigrationState::kCommitted) {
    application.node = next.destination;
    application.generation = next.generation;
    application.spec = next.spec;
    application.running = true;
    application.problem.clear();
  } else if (next.state == MigrationState::kDone) {
    // A route that a node refused is that node's problem.
    application.problem = next.not_ready ? next.error : "";
  } else if (next.state == MigrationState::kAborted && !decision.is_as_before) {
    application.problem = next.error;
  } else {
    return change;
  }
  change.applications.push_back(std::move(application));
  return change;
}

Task<absl::Status> MigrationDriver::Cancel(std::string by) {
  const MigrationState before = Current().state;
  Event cancel = event::CancelRequested{std::move(by)};
  std::vector<MigrationPhase> no_phases;
  absl::Status status = co_await Feed(std::move(cancel), 0, std::move(no_phases));
  if (!status.ok()) co_return status;
  leavable_.Interrupt();
  if (before != MigrationState::kCopying) co_return status;
  // The copy under way would go on for as long as it takes: the source's abort ends it. The abort's
  // own step repeats this and sees to its success.
  MigrationStep step(deps_, Current(), [](int64_t, int64_t) {});
  const Command abort = command::AbortSource{};
  (void)co_await step.Execute(abort);
  co_return status;
}

Task<absl::Status> MigrationDriver::GiveUp(std::string by) {
  Event give_up = event::GivenUp{deps_.clock.Now(), std::move(by)};
  std::vector<MigrationPhase> no_phases;
  co_return co_await Feed(std::move(give_up), 0, std::move(no_phases));
}

}  // namespace drover::coordinator
