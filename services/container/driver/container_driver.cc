#include "services/container/driver/container_driver.h"

#include <glog/logging.h>

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/ids/random_id.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"
#include "services/container/domain/recovery.h"
#include "services/container/domain/restart_policy.h"

namespace drover::container {
namespace {

constexpr absl::Duration kVolumeTimeout = absl::Seconds(30);
// After SIGKILL: only the kernel and the engine are waited for.
constexpr absl::Duration kKillTimeout = absl::Seconds(60);
constexpr absl::Duration kRecoveryPause = absl::Milliseconds(500);
constexpr int kStartIdBytes = 16;
constexpr int kLastLines = 10;
constexpr size_t kLastBytes = 2000;

absl::Duration ToDuration(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

// An application that says nothing about readiness has the default's patience, not none.
absl::Duration ReadyTimeout(const common::v1::ApplicationSpec& spec) {
  return spec.readiness().has_timeout() ? ToDuration(spec.readiness().timeout())
                                        : absl::Seconds(60);
}

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  google::protobuf::Timestamp timestamp;
  const int64_t nanos = absl::ToUnixNanos(time);
  timestamp.set_seconds(nanos / 1'000'000'000);
  timestamp.set_nanos(static_cast<int>(nanos % 1'000'000'000));
  return timestamp;
}

absl::Time FromTimestamp(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Nanoseconds(timestamp.nanos());
}

RestartPolicy PolicyOf(const drover::common::v1::RestartPolicy& policy) {
  RestartPolicy result;
  result.maximum_retry_count = policy.maximum_retry_count();
  if (policy.mode() == drover::common::v1::RestartPolicy::MODE_ALWAYS) {
    result.mode = RestartPolicy::Mode::kAlways;
  } else if (policy.mode() == drover::common::v1::RestartPolicy::MODE_ON_FAILURE) {
    result.mode = RestartPolicy::Mode::kOnFailure;
  }
  return result;
}

Intent IntentOf(v1::StartRecord::Intent intent) {
  switch (intent) {
    case v1::StartRecord::INTENT_RUN:
      return Intent::kRun;
    case v1::StartRecord::INTENT_STOPPED:
      return Intent::kStopped;
    case v1::StartRecord::INTENT_ENDED:
      return Intent::kEnded;
    default:
      return Intent::kStaged;
  }
}

ReadinessProbe ProbeOf(const Application& application) {
  const auto& spec = application.record.spec();
  std::vector<int> ports;
  for (const auto& port : spec.ports()) ports.push_back(port.internal_port());
  return ChooseProbe({.port = spec.readiness().port(), .http_path = spec.readiness().http_path()},
                     ports, application.image.health_check);
}

ContainerDriver::Wanted WantedAgain(const Application& application) {
  return {.spec = application.record.spec(),
          .generation = application.record.generation(),
          .config_hash = application.record.config_hash(),
          .migration = application.record.migration()};
}

bool IsSameStart(const Application& application, const ContainerDriver::Wanted& wanted) {
  return application.runs() && application.record.generation() == wanted.generation &&
         application.record.config_hash() == wanted.config_hash;
}

}  // namespace

ContainerDriver::ContainerDriver(Deps deps)
    : deps_(std::move(deps)),
      maker_(deps_.engine, deps_.volumes, deps_.options),
      prober_(deps_.engine, deps_.sleeper, deps_.clock) {}

// --- finding ---

ContainerDriver::ApplicationPtr ContainerDriver::Find(const std::string& name) const {
  auto entry = applications_.find(name);
  return entry == applications_.end() ? nullptr : entry->second;
}

ContainerDriver::ApplicationPtr ContainerDriver::FindByContainer(const ContainerId& id) const {
  for (const auto& [name, application] : applications_) {
    if (application->container_id() == id) return application;
  }
  return nullptr;
}

ContainerDriver::ApplicationPtr ContainerDriver::FindOrAdd(const std::string& name) {
  ApplicationPtr& application = applications_[name];
  if (application == nullptr) {
    application = std::make_shared<Application>();
    application->record.mutable_spec()->set_name(name);
  }
  return application;
}

std::vector<Application> ContainerDriver::List() const {
  std::vector<Application> all;
  for (const auto& [name, application] : applications_) {
    // One whose first start failed before it was recorded is none.
    if (application->record.generation() != 0) all.push_back(*application);
  }
  return all;
}

absl::StatusOr<ContainerId> ContainerDriver::FindContainer(const std::string& name) const {
  const ApplicationPtr application = Find(name);
  if (application == nullptr || !application->has_container()) {
    return absl::NotFoundError(absl::StrCat("there is no container of ", name, " on this node"));
  }
  return application->container_id();
}

// --- records ---

Task<absl::Status> ContainerDriver::Load() {
  StartStore& store = deps_.store;
  auto load = [&store] { return store.Load(); };
  DROVER_CO_ASSIGN_OR_RETURN(auto records, co_await RunBlocking(deps_.pool, std::move(load)));
  for (v1::StartRecord& record : records) {
    FindOrAdd(record.spec().name())->record = std::move(record);
  }
  co_return absl::OkStatus();
}

Task<absl::Status> ContainerDriver::Save(ApplicationPtr application) {
  StartStore& store = deps_.store;
  auto put = [&store, record = application->record] { return store.Put(record); };
  const absl::Status status = co_await RunBlocking(deps_.pool, std::move(put));
  Changed();
  co_return Annotate(status, "cannot record the start");
}

Task<absl::Status> ContainerDriver::RefreshGate(ApplicationPtr application) {
  if (!application->has_container() || application->facts.gate_opened) co_return absl::OkStatus();
  volume::v1::GetGroupRequest request;
  request.set_application(application->name());
  const auto response = co_await deps_.volumes.GetGroup(request, kVolumeTimeout);
  if (absl::IsNotFound(response.status())) co_return absl::OkStatus();
  if (!response.ok()) co_return response.status();
  const volume::v1::GateRecord& gate = response->group().gate();
  if (gate.start_id() == application->record.start_id()) {
    application->facts.gate_opened = true;
    application->opened_at = deps_.clock.Now();
    Changed();
  }
  co_return absl::OkStatus();
}

// --- starting ---

Task<absl::Status> ContainerDriver::NewStart(ApplicationPtr application, Wanted wanted,
                                             v1::StartRecord::Intent intent) {
  DROVER_CO_RETURN_IF_ERROR(
      co_await maker_.Remove(wanted.spec.name(), application->record.start_id()));
  application->ForgetStart();
  v1::StartRecord& record = application->record;
  *record.mutable_spec() = wanted.spec;
  record.set_generation(wanted.generation);
  record.set_config_hash(wanted.config_hash);
  record.set_migration(wanted.migration);
  record.set_intent(intent);
  record.set_start_id(RandomHex(kStartIdBytes));
  // Before anything of the start is made, so that what a crash leaves can be found and removed.
  DROVER_CO_RETURN_IF_ERROR(co_await Save(application));
  DROVER_CO_RETURN_IF_ERROR(co_await maker_.Make(application));
  *record.mutable_start_time() = ToTimestamp(application->started_at);
  co_return co_await Save(application);
}

Task<absl::StatusOr<Application>> ContainerDriver::Stage(Wanted wanted) {
  const AsyncMutex::Lock lock = co_await locks_.Acquire(wanted.spec.name());
  ApplicationPtr application = FindOrAdd(wanted.spec.name());
  DROVER_CO_RETURN_IF_ERROR(co_await RefreshGate(application));
  if (IsSameStart(*application, wanted) && application->facts.gate_reported &&
      !application->facts.gate_opened) {
    co_return *application;
  }
  if (application->runs() && application->facts.gate_opened) {
    co_return StatusWithReason(absl::StatusCode::kFailedPrecondition, "STILL_RUNNING",
                               absl::StrCat(wanted.spec.name(), " still runs on this node"));
  }
  DROVER_CO_RETURN_IF_ERROR(
      co_await NewStart(application, std::move(wanted), v1::StartRecord::INTENT_STAGED));
  co_return *application;
}

Task<absl::StatusOr<Application>> ContainerDriver::Start(Wanted wanted, bool restart) {
  const AsyncMutex::Lock lock = co_await locks_.Acquire(wanted.spec.name());
  ApplicationPtr application = FindOrAdd(wanted.spec.name());
  DROVER_CO_RETURN_IF_ERROR(co_await StartLocked(application, std::move(wanted), restart));
  co_return *application;
}

Task<absl::Status> ContainerDriver::StartLocked(ApplicationPtr application, Wanted wanted,
                                                bool restart) {
  DROVER_CO_RETURN_IF_ERROR(co_await RefreshGate(application));
  v1::StartRecord& record = application->record;
  const bool keep = IsSameStart(*application, wanted) && !restart &&
                    record.intent() != v1::StartRecord::INTENT_STOPPED;
  if (keep) {
    // External ports and the like may have changed: they need no restart.
    *record.mutable_spec() = wanted.spec;
    record.set_intent(v1::StartRecord::INTENT_RUN);
    DROVER_CO_RETURN_IF_ERROR(co_await Save(application));
    if (application->facts.gate_opened) {
      BeginProbe(application);
      co_return absl::OkStatus();
    }
  } else {
    const int restarts = record.restarts();
    if (application->runs()) {
      DROVER_CO_ASSIGN_OR_RETURN(const Stopped stopped, co_await StopProcess(application));
    }
    DROVER_CO_RETURN_IF_ERROR(
        co_await NewStart(application, std::move(wanted), v1::StartRecord::INTENT_RUN));
    record.set_restarts(restarts);
  }
  co_return co_await OpenGate(application);
}

Task<absl::Status> ContainerDriver::OpenGate(ApplicationPtr application) {
  volume::v1::GetGroupRequest group_request;
  group_request.set_application(application->name());
  DROVER_CO_ASSIGN_OR_RETURN(const auto group,
                             co_await deps_.volumes.GetGroup(group_request, kVolumeTimeout));
  const bool never_served = !group.group().has_gate();
  if (never_served) DROVER_CO_RETURN_IF_ERROR(co_await maker_.Seed(application->record));

  volume::v1::OpenGateRequest open;
  open.set_application(application->name());
  open.set_start_id(application->record.start_id());
  open.set_container_id(application->record.container_id());
  const auto opened = co_await deps_.volumes.OpenGate(open, kVolumeTimeout);
  if (!opened.ok()) {
    application->problem = std::string(opened.status().message());
    Changed();
    co_return opened.status();
  }
  application->problem.clear();
  application->facts.gate_opened = true;
  application->opened_at = deps_.clock.Now();
  Changed();
  BeginProbe(application);
  co_return absl::OkStatus();
}

Task<absl::Status> ContainerDriver::StartAgain(ApplicationPtr application) {
  return StartLocked(application, WantedAgain(*application), /*restart=*/true);
}

// --- readiness ---

void ContainerDriver::BeginProbe(ApplicationPtr application) {
  if (std::exchange(application->probing, true)) return;
  const std::string start_id = application->record.start_id();
  deps_.background.Spawn(absl::StrCat("probe of ", application->name()),
                         [this, application, start_id] { return RunProbe(application, start_id); });
}

Task<absl::Status> ContainerDriver::RunProbe(ApplicationPtr application, std::string start_id) {
  const auto over = [application, start_id] {
    return application->record.start_id() != start_id || application->facts.ended;
  };
  ReadinessProber::Target target;
  target.id = application->container_id();
  target.address = application->address;
  target.working_directory = application->image.working_directory;
  target.probe = ProbeOf(*application);
  target.deadline = application->opened_at + ReadyTimeout(application->record.spec());
  target.over = over;
  absl::Status result = co_await prober_.AwaitReady(std::move(target));
  if (over()) co_return absl::OkStatus();
  application->facts.probe_passed = result.ok();
  if (!result.ok()) application->problem = std::string(result.message());
  application->probe_result = result;
  Changed();
  co_return result;
}

Task<absl::StatusOr<Application>> ContainerDriver::AwaitReady(std::string name,
                                                              std::string start_id) {
  ApplicationPtr application = Find(name);
  if (application == nullptr || application->record.start_id() != start_id) {
    co_return absl::NotFoundError(absl::StrCat("there is no start ", start_id, " of ", name));
  }
  DROVER_CO_RETURN_IF_ERROR(co_await RefreshGate(application));
  if (!application->facts.gate_opened) {
    co_return absl::FailedPreconditionError(
        absl::StrCat("the gate of ", name, " has not been opened"));
  }
  BeginProbe(application);
  while (true) {
    if (application->record.start_id() != start_id) {
      co_return absl::FailedPreconditionError(absl::StrCat(name, " was started anew"));
    }
    if (application->facts.ended) {
      const std::string words = co_await LastWords(application->container_id());
      co_return StatusWithReason(
          absl::StatusCode::kFailedPrecondition, "EXITED",
          absl::StrCat(name, " ended with exit code ", application->exit_code,
                       words.empty() ? "" : "; its last words: ", words));
    }
    if (application->facts.probe_passed) co_return *application;
    if (application->probe_result.has_value()) co_return *application->probe_result;
    co_await deps_.changes.Wait(deps_.changes.count());
  }
}

Task<std::string> ContainerDriver::LastWords(ContainerId id) {
  auto words = std::make_shared<std::string>();
  const LogSink sink = [words](LogChunk chunk) -> Task<absl::Status> {
    words->append(chunk.data);
    co_return absl::OkStatus();
  };
  LogOptions options;
  options.tail = kLastLines;
  const absl::Status read = co_await deps_.engine.ReadLogs(id, options, sink);
  if (!read.ok()) co_return "";
  while (words->ends_with('\n')) words->pop_back();
  if (words->size() > kLastBytes) words->erase(0, words->size() - kLastBytes);
  co_return *words;
}

// --- ending ---

Task<absl::StatusOr<ContainerDriver::Stopped>> ContainerDriver::StopProcess(
    ApplicationPtr application) {
  Stopped stopped;
  const ContainerId id = application->container_id();
  const absl::Time begin = deps_.clock.Now();
  // Chosen before the call: g++ 12 destroys a conditional's temporary in a co_await expression
  // twice.
  std::string signal = application->image.stop_signal;
  if (signal.empty()) signal = "SIGTERM";
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.engine.KillContainer(id, signal));
  const absl::Duration patience = ToDuration(application->record.spec().stop_timeout());
  absl::StatusOr<int> exit_code = co_await deps_.engine.WaitContainer(id, patience);
  if (absl::IsDeadlineExceeded(exit_code.status())) {
    stopped.killed = true;
    DROVER_CO_RETURN_IF_ERROR(co_await deps_.engine.KillContainer(id, "SIGKILL"));
    exit_code = co_await deps_.engine.WaitContainer(id, kKillTimeout);
  }
  // Somebody removed it meanwhile: then it does not run either.
  if (!exit_code.ok() && !absl::IsNotFound(exit_code.status())) co_return exit_code.status();
  application->facts.ended = true;
  application->exit_code = exit_code.value_or(0);
  application->address.clear();
  stopped.duration = deps_.clock.Now() - begin;
  Changed();
  stopped.application = *application;
  co_return stopped;
}

Task<absl::StatusOr<ContainerDriver::Stopped>> ContainerDriver::Stop(std::string name) {
  const AsyncMutex::Lock lock = co_await locks_.Acquire(name);
  ApplicationPtr application = Find(name);
  if (application == nullptr) co_return Stopped();
  application->record.set_intent(v1::StartRecord::INTENT_STOPPED);
  DROVER_CO_RETURN_IF_ERROR(co_await Save(application));
  if (application->runs()) co_return co_await StopProcess(application);
  Stopped stopped;
  stopped.application = *application;
  co_return stopped;
}

Task<absl::Status> ContainerDriver::Remove(std::string name, int64_t generation) {
  const AsyncMutex::Lock lock = co_await locks_.Acquire(name);
  ApplicationPtr application = Find(name);
  if (application == nullptr) co_return co_await maker_.Remove(name, "");
  if (generation != 0 && application->record.generation() != generation) {
    co_return absl::OkStatus();
  }
  application->record.set_intent(v1::StartRecord::INTENT_STOPPED);
  DROVER_CO_RETURN_IF_ERROR(co_await Save(application));
  if (application->runs()) {
    DROVER_CO_ASSIGN_OR_RETURN(const Stopped stopped, co_await StopProcess(application));
  }
  DROVER_CO_RETURN_IF_ERROR(co_await maker_.Remove(name, application->record.start_id()));
  StartStore& store = deps_.store;
  auto erase = [&store, name] { return store.Delete(name); };
  DROVER_CO_RETURN_IF_ERROR(co_await RunBlocking(deps_.pool, std::move(erase)));
  applications_.erase(name);
  Changed();
  co_return absl::OkStatus();
}

Task<absl::Status> ContainerDriver::Handle(ContainerEvent event) {
  ApplicationPtr application = FindByContainer(event.id);
  if (application == nullptr) co_return absl::OkStatus();
  const AsyncMutex::Lock lock = co_await locks_.Acquire(application->name());
  if (application->container_id() != event.id) co_return absl::OkStatus();
  const absl::StatusOr<ContainerInfo> container = co_await deps_.engine.InspectContainer(event.id);
  if (absl::IsNotFound(container.status())) {
    co_return co_await NoteEnd(application, event.exit_code);
  }
  if (!container.ok()) co_return container.status();
  if (!container->running) co_return co_await NoteEnd(application, container->exit_code);
  if (container->started_at == application->started_at) co_return absl::OkStatus();
  LOG(WARNING) << "somebody restarted the container of " << application->name() << " by hand";
  NoteContainer(*container, application.get());
  if (application->record.intent() == v1::StartRecord::INTENT_STAGED) co_return absl::OkStatus();
  co_return co_await StartAgain(application);
}

Task<absl::Status> ContainerDriver::NoteEnd(ApplicationPtr application, int exit_code) {
  if (application->facts.ended) co_return absl::OkStatus();
  const absl::Status refreshed = co_await RefreshGate(application);
  application->facts.ended = true;
  application->exit_code = exit_code;
  application->address.clear();
  Changed();
  if (!refreshed.ok()) co_return refreshed;
  LOG(INFO) << application->name() << " ended with exit code " << exit_code;
  v1::StartRecord& record = application->record;
  if (!application->facts.gate_opened || record.intent() == v1::StartRecord::INTENT_STOPPED) {
    co_return absl::OkStatus();
  }
  Ending ending;
  ending.exit_code = exit_code;
  ending.lifetime = deps_.clock.Now() - application->opened_at;
  ending.restarts = record.restarts();
  const std::optional<Restart> restart =
      DecideRestart(PolicyOf(record.spec().restart_policy()), ending);
  record.set_intent(restart.has_value() ? v1::StartRecord::INTENT_RUN
                                        : v1::StartRecord::INTENT_ENDED);
  if (restart.has_value()) record.set_restarts(restart->restarts);
  DROVER_CO_RETURN_IF_ERROR(co_await Save(application));
  if (!restart.has_value()) co_return absl::OkStatus();
  const std::string start_id = record.start_id();
  const absl::Duration delay = restart->delay;
  deps_.background.Spawn(
      absl::StrCat("restart of ", application->name()),
      [this, application, start_id, delay] { return RestartLater(application, start_id, delay); });
  co_return absl::OkStatus();
}

Task<absl::Status> ContainerDriver::RestartLater(ApplicationPtr application, std::string start_id,
                                                 absl::Duration delay) {
  co_await deps_.sleeper.SleepFor(delay);
  const AsyncMutex::Lock lock = co_await locks_.Acquire(application->name());
  const bool still_wanted = application->record.start_id() == start_id &&
                            application->record.intent() == v1::StartRecord::INTENT_RUN &&
                            application->facts.ended;
  if (!still_wanted) co_return absl::OkStatus();
  co_return co_await StartAgain(application);
}

// --- recovery ---

Task<absl::Status> ContainerDriver::Recover() {
  DROVER_CO_ASSIGN_OR_RETURN(const std::vector<ContainerInfo> seeds,
                             co_await deps_.engine.ListContainers(kSeedLabel));
  for (const ContainerInfo& seed : seeds) {
    DROVER_CO_RETURN_IF_ERROR(co_await deps_.engine.RemoveContainer(seed.id));
  }
  std::vector<ApplicationPtr> all;
  for (const auto& [name, application] : applications_) all.push_back(application);
  for (const ApplicationPtr& application : all) {
    auto recover = [this, application]() -> Task<absl::Status> {
      const AsyncMutex::Lock lock = co_await locks_.Acquire(application->name());
      while (true) {
        const absl::Status status = co_await RecoverApplication(application);
        // The volume service starts beside us and may need a moment longer.
        if (!absl::IsUnavailable(status) || ReasonOf(status) == "ENGINE_DOWN") co_return status;
        co_await deps_.sleeper.SleepFor(kRecoveryPause);
      }
    };
    deps_.background.Spawn(absl::StrCat("recovery of ", application->name()), std::move(recover));
  }
  co_return absl::OkStatus();
}

Task<absl::StatusOr<std::optional<ContainerInfo>>> ContainerDriver::FindOwn(
    ApplicationPtr application) {
  DROVER_CO_ASSIGN_OR_RETURN(const std::vector<ContainerInfo> containers,
                             co_await deps_.engine.ListContainers(
                                 absl::StrCat(kApplicationLabel, "=", application->name())));
  std::optional<ContainerInfo> own;
  for (const ContainerInfo& container : containers) {
    auto start = container.labels.find(kStartLabel);
    const bool is_own =
        start != container.labels.end() && start->second == application->record.start_id();
    if (is_own) own = container;
  }
  co_return own;
}

Task<absl::Status> ContainerDriver::NoteRecovered(ApplicationPtr application, ContainerInfo own,
                                                  bool gate_is_open) {
  application->record.set_container_id(own.id.value());
  NoteContainer(own, application.get());
  const absl::StatusOr<ImageInfo> image = co_await deps_.engine.InspectImage(own.image_digest);
  if (image.ok()) application->image = image->config;
  application->image.stop_signal = own.stop_signal;
  application->facts.gate_reported = true;
  if (gate_is_open && !application->facts.gate_opened) application->opened_at = deps_.clock.Now();
  application->facts.gate_opened = gate_is_open;
  co_return absl::OkStatus();
}

Task<absl::Status> ContainerDriver::RecoverApplication(ApplicationPtr application) {
  const v1::StartRecord& record = application->record;
  DROVER_CO_ASSIGN_OR_RETURN(const std::optional<ContainerInfo> own, co_await FindOwn(application));
  volume::v1::GetGroupRequest request;
  request.set_application(application->name());
  const auto group = co_await deps_.volumes.GetGroup(request, kVolumeTimeout);
  if (!group.ok() && !absl::IsNotFound(group.status())) co_return group.status();

  RecoveryFacts facts;
  facts.intent = IntentOf(record.intent());
  facts.may_run_here = group.ok() && group->group().state() == volume::v1::GROUP_STATE_OWNED;
  facts.gate_was_opened = group.ok() && !record.start_id().empty() &&
                          group->group().gate().start_id() == record.start_id();
  if (own.has_value()) {
    facts.runs = own->running;
    facts.restarted_by_hand =
        record.has_start_time() && FromTimestamp(record.start_time()) != own->started_at;
    DROVER_CO_RETURN_IF_ERROR(co_await NoteRecovered(
        application, *own, facts.gate_was_opened && !facts.restarted_by_hand));
  } else if (application->has_container()) {
    application->facts.ended = true;
  }
  Changed();
  switch (DecideRecovery(facts)) {
    case RecoveryAction::kKeep:
      if (application->facts.gate_opened) BeginProbe(application);
      break;
    case RecoveryAction::kStart:
      LOG(INFO) << "starting " << application->name() << " again";
      co_return co_await StartAgain(application);
    case RecoveryAction::kStop: {
      DROVER_CO_ASSIGN_OR_RETURN(const Stopped stopped, co_await StopProcess(application));
      break;
    }
    case RecoveryAction::kLeave:
      break;
  }
  co_return absl::OkStatus();
}

}  // namespace drover::container
