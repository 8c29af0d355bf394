#include "services/coordinator/orchestrator/migration_step.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"
#include "services/common/time/proto_time.h"
#include "services/coordinator/convert/spec_convert.h"
#include "services/coordinator/domain/config_hash.h"
#include "services/coordinator/domain/routes.h"
#include "services/coordinator/orchestrator/transient.h"

namespace drover::coordinator {
namespace {

// A round ends by its own rules; this only keeps a call from living for ever.
constexpr absl::Duration kRoundDeadline = absl::Hours(24);

// The words of contracts.md.
struct PhaseNamer {
  const char* operator()(const command::CheckAdmission&) const { return "admit"; }
  const char* operator()(const command::LockSource&) const { return "admit"; }
  const char* operator()(const command::ReserveDestination&) const { return "admit"; }
  const char* operator()(const command::EnsureImage&) const { return "stage"; }
  const char* operator()(const command::StageContainer&) const { return "stage"; }
  const char* operator()(const command::WaitForCalm&) const { return "copy"; }
  const char* operator()(const command::AwaitTurn&) const { return "copy"; }
  const char* operator()(const command::PushRound&) const { return "copy"; }
  const char* operator()(const command::SetHold&) const { return "hold"; }
  // The proof and the snapshots; the stop itself is taken out of it.
  const char* operator()(const command::Seal&) const { return "seal"; }
  const char* operator()(const command::PushFinal&) const { return "delta"; }
  const char* operator()(const command::Prepare&) const { return "prepare"; }
  const char* operator()(const command::Activate&) const { return "activate"; }
  const char* operator()(const command::AwaitReady&) const { return "ready"; }
  const char* operator()(const command::ApplyRoutes&) const { return "route"; }
  const char* operator()(const command::ReleaseHold&) const { return "route"; }
  const char* operator()(const command::RetireSource&) const { return "retire"; }
  const char* operator()(const command::RemoveSourceContainer&) const { return "retire"; }
  const char* operator()(const command::FinishDestination&) const { return "retire"; }
  const char* operator()(const command::AbortSource&) const { return nullptr; }
  const char* operator()(const command::StartAtSource&) const { return nullptr; }
  const char* operator()(const command::AbortDestination&) const { return nullptr; }
};

std::vector<int> PortsOfBoth(const MigrationRecord& record) {
  const std::vector<int> before = ExternalPorts(record.source_spec);
  const std::vector<int> after = ExternalPorts(record.spec);
  std::vector<int> both;
  std::set_union(before.begin(), before.end(), after.begin(), after.end(),
                 std::back_inserter(both));
  return both;
}

}  // namespace

MigrationStep::MigrationStep(const MigrationDeps& deps, MigrationRecord record,
                             OnProgress on_progress)
    : deps_(deps), record_(std::move(record)), on_progress_(std::move(on_progress)) {
  staged_ = {record_.start_id, record_.container_id};
}

Task<absl::Status> MigrationStep::Execute(Command command) {
  const absl::Time begin = deps_.clock.Now();
  auto run = [this](auto one) { return Run(one); };
  absl::Status status = co_await std::visit(run, command);
  const char* phase = std::visit(PhaseNamer{}, command);
  if (phase != nullptr) AddPhase(phase, deps_.clock.Now() - begin);
  co_return status;
}

void MigrationStep::AddPhase(const std::string& name, absl::Duration duration) {
  for (MigrationPhase& phase : phases_) {
    if (phase.name == name) {
      phase.duration += duration;
      return;
    }
  }
  phases_.push_back({name, duration});
}

Event MigrationStep::Result() const {
  const absl::Time now = deps_.clock.Now();
  switch (record_.state) {
    case MigrationState::kRequested:
      return event::Admitted{now, {}};
    case MigrationState::kAdmitted:
      return event::Staged{staged_.start_id, staged_.container_id};
    case MigrationState::kCopying:
      return event::RoundCopied{
          {pushed_.bytes(), DurationOf(pushed_.duration()), pushed_.incremental(), push_begin_}};
    case MigrationState::kQuiescing: {
      event::Sealed result = sealed_;
      result.at = now;
      return result;
    }
    case MigrationState::kSealed:
      return event::Prepared{pushed_.bytes(), now};
    case MigrationState::kCommitted:
      return event::Activated{staged_.start_id, staged_.container_id};
    case MigrationState::kActive:
      return event::Routed{routed_at_, route_refusal};
    case MigrationState::kRouted:
      return event::Retired{};
    case MigrationState::kRetired:
      return event::Finished{now, {}, {}};
    case MigrationState::kAborting: {
      event::Undone result = undone;
      result.at = now;
      return result;
    }
    case MigrationState::kCopied:
    case MigrationState::kPrepared:
    case MigrationState::kDone:
    case MigrationState::kAborted:
      return event::Proceed{now};
  }
  return event::Proceed{now};
}

volume::v1::MigrationKey MigrationStep::Key() const {
  volume::v1::MigrationKey key;
  *key.mutable_fence() = deps_.journal.fence();
  key.set_migration(record_.id.value());
  key.set_generation(record_.generation.value());
  key.set_application(record_.application.value());
  return key;
}

Task<absl::Status> MigrationStep::Run(command::CheckAdmission) {
  DROVER_CO_ASSIGN_OR_RETURN(auto destination, deps_.nodes.Find(record_.destination));
  DROVER_CO_ASSIGN_OR_RETURN(auto engine,
                             co_await destination->container->GetEngine({}, kCallDeadline));
  if (!engine.engine().reachable()) {
    co_return absl::FailedPreconditionError(engine.engine().problem());
  }
  co_return co_await deps_.routes.CheckPorts(ExternalPorts(record_.spec));
}

Task<absl::Status> MigrationStep::Run(command::LockSource) {
  DROVER_CO_ASSIGN_OR_RETURN(auto source, deps_.nodes.Find(record_.source));
  DROVER_CO_ASSIGN_OR_RETURN(auto pool, co_await source->volume->GetPool({}, kCallDeadline));
  backend_ = pool.pool().backend();
  volume::v1::LockGroupRequest request;
  *request.mutable_key() = Key();
  DROVER_CO_ASSIGN_OR_RETURN(auto response,
                             co_await source->volume->LockGroup(std::move(request), kCallDeadline));
  source_group_ = std::move(*response.mutable_group());
  co_return absl::OkStatus();
}

Task<absl::Status> MigrationStep::Run(command::ReserveDestination) {
  DROVER_CO_ASSIGN_OR_RETURN(auto destination, deps_.nodes.Find(record_.destination));
  volume::v1::ReserveGroupRequest request;
  *request.mutable_key() = Key();
  *request.mutable_source() = source_group_;
  request.set_backend(backend_);
  auto response = co_await destination->volume->ReserveGroup(std::move(request), kCallDeadline);
  co_return response.status();
}

Task<absl::Status> MigrationStep::Run(command::EnsureImage) {
  WantedImage image = {
      .application = record_.application, .name = record_.spec.image, .prefer = record_.source};
  // The very image that runs now, unless the move brings another one.
  if (record_.spec.image == record_.source_spec.image) {
    DROVER_CO_ASSIGN_OR_RETURN(
        const std::optional<container::v1::Container> runs,
        co_await deps_.operations.FindContainer(record_.source, record_.application));
    if (runs.has_value()) image.digest = runs->image_digest();
    // Without it another version of the application might start on the data. One that could not be
    // started has no container, and so no image.
    if (runs.has_value() && !runs->container_id().empty() && image.digest.empty()) {
      co_return absl::UnavailableError(
          absl::StrCat(record_.source.value(), " does not know yet which image runs there"));
    }
  }
  co_return co_await deps_.operations.EnsureImage(record_.destination, std::move(image));
}

Task<absl::Status> MigrationStep::Run(command::StageContainer) {
  DROVER_CO_ASSIGN_OR_RETURN(auto destination, deps_.nodes.Find(record_.destination));
  container::v1::StageContainerRequest request;
  *request.mutable_fence() = deps_.journal.fence();
  *request.mutable_spec() = ToProto(record_.spec);
  request.set_generation(record_.generation.value());
  request.set_config_hash(ConfigHash(record_.spec));
  request.set_migration(record_.id.value());
  const CutoverTurns::Staging staging(deps_.turns, record_);
  auto response =
      co_await destination->container->StageContainer(std::move(request), absl::Minutes(2));
  if (IsCommitted(record_.state) && ReasonOf(response.status()) == "STILL_RUNNING") {
    co_return co_await AdoptStart(response.status());
  }
  if (!response.ok()) co_return response.status();
  staged_ = {StartId(response->container().start_id()),
             ContainerId(response->container().container_id())};
  co_return absl::OkStatus();
}

Task<absl::Status> MigrationStep::AdoptStart(absl::Status refusal) {
  DROVER_CO_ASSIGN_OR_RETURN(
      const std::optional<container::v1::Container> there,
      co_await deps_.operations.FindContainer(record_.destination, record_.application));
  if (!there.has_value() || there->generation() != record_.generation.value()) co_return refusal;
  staged_ = {StartId(there->start_id()), ContainerId(there->container_id())};
  co_return absl::OkStatus();
}

absl::Duration MigrationStep::BeforeTooLong(absl::Duration usual) const {
  if (!record_.options.max_downtime.has_value() || !record_.source_running) return usual;
  const absl::Duration left =
      record_.cutover_start + *record_.options.max_downtime - deps_.clock.Now();
  return std::clamp(left + absl::Milliseconds(1), absl::Milliseconds(1), usual);
}

Task<absl::Status> MigrationStep::Run(command::WaitForCalm wait) {
  co_await deps_.sleeper.SleepFor(wait.pause);
  co_return absl::OkStatus();
}

Task<absl::Status> MigrationStep::Run(command::AwaitTurn) {
  deps_.turns.Queue(record_.id);
  while (true) {
    const uint64_t seen = deps_.turns.changed().count();
    const std::optional<TurnWait> wait = deps_.turns.Wait(record_);
    if (!wait.has_value()) {
      deps_.turns.Take(record_.id);
      co_return absl::OkStatus();
    }
    const absl::Duration limit = wait->until - deps_.clock.Now();
    if (wait->in_vain && limit <= absl::ZeroDuration()) {
      co_return absl::FailedPreconditionError(absl::StrCat("it waited in vain for ", wait->reason));
    }
    co_await deps_.turns.changed().WaitAtMost(seen, limit, deps_.sleeper);
    const auto cancellation = co_await boost::asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != boost::asio::cancellation_type::none) {
      co_return absl::CancelledError("the wait was ended");
    }
  }
}

Task<absl::Status> MigrationStep::Run(command::PushRound round) {
  // A round that is asked for again sends the snapshot of the first time.
  if (push_begin_ == absl::InfinitePast()) push_begin_ = deps_.clock.Now();
  co_return co_await Push(round.round, kRoundDeadline);
}

Task<absl::Status> MigrationStep::Run(command::PushFinal) {
  co_return co_await Push(0, BeforeTooLong(kRoundDeadline));
}

Task<absl::Status> MigrationStep::Push(int round, absl::Duration timeout) {
  DROVER_CO_ASSIGN_OR_RETURN(auto source, deps_.nodes.Find(record_.source));
  DROVER_CO_ASSIGN_OR_RETURN(auto destination, deps_.nodes.Find(record_.destination));
  volume::v1::PushRoundRequest request;
  *request.mutable_key() = Key();
  request.set_round(round);
  request.set_destination_node(record_.destination.value());
  request.set_destination_address(destination->volume_address());
  // The application waits for the final delta: it goes as fast as it can.
  if (round > 0) {
    request.set_bandwidth_bytes_per_second(record_.options.bandwidth_bytes_per_second);
  }
  bool ended = false;
  auto on_message = [this, &ended](const volume::v1::PushRoundResponse& message) {
    on_progress_(message.sent_bytes(), message.total_bytes());
    if (!message.has_result()) return;
    pushed_ = message.result();
    ended = true;
  };
  absl::Status status = co_await source->volume->PushRound(std::move(request), timeout, on_message);
  if (status.ok() && !ended) {
    co_return absl::UnavailableError("the copy ended without a result");
  }
  co_return status;
}

Task<absl::Status> MigrationStep::Run(command::SetHold) {
  co_await deps_.routes.Hold(record_.id.value(), PortsOfBoth(record_));
  co_return absl::OkStatus();
}

Task<absl::Status> MigrationStep::Run(command::Seal) {
  DROVER_CO_ASSIGN_OR_RETURN(auto source, deps_.nodes.Find(record_.source));
  volume::v1::SealRequest request;
  *request.mutable_key() = Key();
  // Only the first request of all says when the interruption began.
  if (sealed_.stop_requested == absl::InfinitePast()) sealed_.stop_requested = deps_.clock.Now();
  DROVER_CO_ASSIGN_OR_RETURN(
      auto response,
      co_await source->volume->Seal(std::move(request), StopDeadline(record_.source_spec)));
  for (const volume::v1::Snapshot& snapshot : response.snapshots()) {
    sealed_.snapshots.push_back({snapshot.name(), snapshot.identity(), snapshot.migration()});
  }
  const absl::Duration stop = DurationOf(response.stop_duration());
  AddPhase("stop", stop);
  AddPhase("seal", -stop);
  co_return absl::OkStatus();
}

Task<absl::Status> MigrationStep::Run(command::Prepare) {
  DROVER_CO_ASSIGN_OR_RETURN(auto destination, deps_.nodes.Find(record_.destination));
  volume::v1::PrepareRequest request;
  *request.mutable_key() = Key();
  for (const SnapshotRef& ref : record_.snapshots) {
    volume::v1::Snapshot* snapshot = request.add_snapshots();
    snapshot->set_name(ref.name);
    snapshot->set_identity(ref.identity);
    snapshot->set_migration(ref.migration);
  }
  request.set_start_id(staged_.start_id.value());
  const absl::Duration timeout = BeforeTooLong(kCallDeadline);
  co_return (co_await destination->volume->Prepare(std::move(request), timeout)).status();
}

Task<absl::Status> MigrationStep::Run(command::Activate) {
  DROVER_CO_ASSIGN_OR_RETURN(auto destination, deps_.nodes.Find(record_.destination));
  volume::v1::ActivateRequest request;
  *request.mutable_key() = Key();
  request.set_start_id(staged_.start_id.value());
  const auto activated = co_await destination->volume->Activate(std::move(request), kCallDeadline);
  if (ReasonOf(activated.status()) != "NOT_FILLED") co_return activated.status();
  // No program has seen what was moved: like any new volume it is filled from the image first.
  DROVER_CO_ASSIGN_OR_RETURN(staged_, co_await deps_.operations.Start(
                                          record_.destination, record_.spec, record_.generation));
  co_return absl::OkStatus();
}

Task<absl::Status> MigrationStep::Run(command::AwaitReady) {
  const absl::Status ready =
      co_await deps_.operations.AwaitReady(record_.destination, record_.spec, staged_.start_id);
  if (ready.ok() && staged_.container_id.empty()) {
    // Its container was not made yet when the start was found.
    co_return co_await AdoptStart(absl::UnavailableError("the start that was ready is gone"));
  }
  if (ready.ok() || IsTransient(ready)) co_return ready;
  // Its machine may have been rebooted, or its container service has started it again: then that
  // start is the one that gets ready, or does not.
  DROVER_CO_ASSIGN_OR_RETURN(
      const std::optional<container::v1::Container> there,
      co_await deps_.operations.FindContainer(record_.destination, record_.application));
  const bool is_another = there.has_value() && StartId(there->start_id()) != record_.start_id &&
                          there->generation() == record_.generation.value();
  // One whose container is not made yet has not ended.
  const bool has_ended = is_another && !there->container_id().empty() &&
                         there->state() == container::v1::CONTAINER_STATE_EXITED;
  if (!is_another || has_ended) co_return ready;
  const bool was_asked = StartId(there->start_id()) == staged_.start_id;
  const bool waits = there->container_id().empty() ||
                     there->state() == container::v1::CONTAINER_STATE_STAGING ||
                     there->state() == container::v1::CONTAINER_STATE_GATED;
  staged_ = {StartId(there->start_id()), ContainerId(there->container_id())};
  if (begun_anew_ == absl::InfiniteFuture()) begun_anew_ = deps_.clock.Now();
  const absl::Duration limit = record_.spec.readiness.value_or(Readiness()).timeout;
  const bool is_late = deps_.clock.Now() - begun_anew_ > limit;
  if ((was_asked && !waits) || is_late) co_return ready;
  co_return absl::UnavailableError(absl::StrCat(record_.application.value(), " is started anew on ",
                                                record_.destination.value()));
}

Task<absl::Status> MigrationStep::Run(command::ApplyRoutes) {
  Change change;
  const ApplicationRecord* application = deps_.journal.FindApplication(record_.application);
  if (application != nullptr) {
    change.applications = {*application};
    change.applications[0].route = RouteTarget{record_.destination, staged_.container_id};
  }
  absl::Status applied =
      co_await deps_.routes.Change(std::move(change), record_.id.value(), record_.destination);
  routed_at_ = deps_.clock.Now();
  co_return applied;
}

Task<absl::Status> MigrationStep::Run(command::ReleaseHold) {
  co_await deps_.routes.Release(record_.id.value());
  co_return absl::OkStatus();
}

Task<absl::Status> MigrationStep::Run(command::RetireSource) {
  DROVER_CO_ASSIGN_OR_RETURN(auto source, deps_.nodes.Find(record_.source));
  volume::v1::RetireGroupRequest request;
  *request.mutable_key() = Key();
  co_return (co_await source->volume->RetireGroup(std::move(request), kCallDeadline)).status();
}

Task<absl::Status> MigrationStep::Run(command::RemoveSourceContainer) {
  // Of that generation only: an order that was long on its way must not meet the container of a
  // later move back.
  co_return co_await deps_.operations.RemoveContainer(record_.source, record_.source_spec,
                                                      record_.source_generation);
}

Task<absl::Status> MigrationStep::Run(command::FinishDestination) {
  DROVER_CO_ASSIGN_OR_RETURN(auto destination, deps_.nodes.Find(record_.destination));
  volume::v1::FinishMigrationRequest request;
  *request.mutable_key() = Key();
  auto response = co_await destination->volume->FinishMigration(std::move(request), kCallDeadline);
  co_return response.status();
}

Task<absl::Status> MigrationStep::AbortOn(NodeName node) {
  DROVER_CO_ASSIGN_OR_RETURN(auto handle, deps_.nodes.Find(node));
  volume::v1::AbortMigrationRequest request;
  *request.mutable_key() = Key();
  auto response = co_await handle->volume->AbortMigration(std::move(request), kCallDeadline);
  // It never heard of the migration: nothing to undo.
  if (absl::IsNotFound(response.status())) co_return absl::OkStatus();
  co_return response.status();
}

Task<absl::Status> MigrationStep::Run(command::AbortSource) {
  co_return co_await AbortOn(record_.source);
}

Task<absl::Status> MigrationStep::Run(command::StartAtSource) {
  undone.start_pending = true;
  DROVER_CO_ASSIGN_OR_RETURN(StartedContainer started,
                             co_await deps_.operations.Start(record_.source, record_.source_spec,
                                                             record_.source_generation));
  undone.start_pending = false;
  DROVER_CO_RETURN_IF_ERROR(
      co_await deps_.operations.AwaitReady(record_.source, record_.source_spec, started.start_id));
  Change change;
  const ApplicationRecord* application = deps_.journal.FindApplication(record_.application);
  if (application != nullptr) {
    change.applications = {*application};
    change.applications[0].route = RouteTarget{record_.source, started.container_id};
  }
  // It runs: a node that refuses the route changes nothing about that.
  const absl::Status routed = co_await deps_.routes.Change(std::move(change));
  undone.route_refusal = std::string(routed.message());
  co_return absl::OkStatus();
}

Task<absl::Status> MigrationStep::Run(command::AbortDestination) {
  // The container first: it uses the slots of what is deleted then.
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.operations.RemoveContainer(
      record_.destination, record_.spec, record_.generation));
  DROVER_CO_RETURN_IF_ERROR(co_await AbortOn(record_.destination));
  // Again: until then an order to stage that was long on its way could still make a container.
  co_return co_await deps_.operations.RemoveContainer(record_.destination, record_.spec,
                                                      record_.generation);
}

}  // namespace drover::coordinator
