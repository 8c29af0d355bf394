#include "services/container/driver/container_driver.h"

#include <glog/logging.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"
#include "services/container/driver/retry.h"

namespace drover::container {
namespace {

constexpr int kLastLines = 10;
constexpr size_t kLastBytes = 2000;

}  // namespace

ContainerDriver::ContainerDriver(Deps deps)
    : engine_(deps.engine),
      sleeper_(deps.sleeper),
      maker_({.engine = deps.engine,
              .volumes = deps.volumes,
              .bridge_ports = deps.bridge_ports,
              .pool = deps.pool},
             std::move(deps.options)),
      prober_(deps.engine),
      applications_(deps.store, deps.pool, deps.changes),
      readiness_({.applications = applications_,
                  .prober = prober_,
                  .background = deps.background,
                  .sleeper = deps.sleeper,
                  .clock = deps.clock}),
      runner_({.applications = applications_,
               .maker = maker_,
               .readiness = readiness_,
               .engine = deps.engine,
               .processes = deps.processes,
               .volumes = deps.volumes,
               .clock = deps.clock}),
      restarter_({.applications = applications_,
                  .runner = runner_,
                  .background = deps.background,
                  .sleeper = deps.sleeper,
                  .clock = deps.clock}),
      recovery_({.applications = applications_,
                 .runner = runner_,
                 .readiness = readiness_,
                 .engine = deps.engine,
                 .volumes = deps.volumes,
                 .background = deps.background,
                 .sleeper = deps.sleeper,
                 .clock = deps.clock}) {}

std::vector<Application> ContainerDriver::List() const {
  std::vector<Application> all;
  for (const ApplicationPtr& application : applications_.All()) {
    // One whose first start failed before it was recorded is none.
    if (application->record.generation() != 0) all.push_back(*application);
  }
  return all;
}

absl::StatusOr<ContainerId> ContainerDriver::FindContainer(const std::string& name) const {
  const ApplicationPtr application = applications_.Find(name);
  if (application == nullptr || !application->has_container()) {
    return absl::NotFoundError(absl::StrCat(
        name,
        " is stopped and has no container, so there is no output to show; `drover deploy` "
        "starts it, with its data"));
  }
  return application->container_id();
}

Task<absl::StatusOr<Application>> ContainerDriver::Stage(Wanted wanted) {
  const AsyncMutex::Lock lock = co_await applications_.Acquire(wanted.spec.name());
  ApplicationPtr application = applications_.FindOrAdd(wanted.spec.name());
  DROVER_CO_RETURN_IF_ERROR(co_await CheckImage(application, wanted));
  DROVER_CO_RETURN_IF_ERROR(co_await runner_.Stage(application, std::move(wanted)));
  co_return *application;
}

Task<absl::StatusOr<Application>> ContainerDriver::Start(Wanted wanted, bool restart) {
  const AsyncMutex::Lock lock = co_await applications_.Acquire(wanted.spec.name());
  ApplicationPtr application = applications_.FindOrAdd(wanted.spec.name());
  DROVER_CO_RETURN_IF_ERROR(co_await CheckImage(application, wanted));
  DROVER_CO_RETURN_IF_ERROR(co_await runner_.Start(application, std::move(wanted), restart));
  co_return *application;
}

Task<absl::Status> ContainerDriver::CheckImage(ApplicationPtr application, Wanted wanted) {
  // What has run here runs again, whatever is thought of its image by now.
  if (application->record.config_hash() == wanted.config_hash) co_return absl::OkStatus();
  co_return co_await maker_.CheckImage(wanted.spec);
}

Task<absl::StatusOr<Application>> ContainerDriver::AwaitReady(std::string name,
                                                              std::string start_id) {
  ApplicationPtr application = applications_.Find(name);
  if (application == nullptr || application->record.start_id() != start_id) {
    co_return absl::NotFoundError(absl::StrCat("there is no start ", start_id, " of ", name));
  }
  DROVER_CO_RETURN_IF_ERROR(co_await runner_.RefreshGate(application));
  if (!application->facts.gate_opened) {
    co_return absl::FailedPreconditionError(
        absl::StrCat("the gate of ", name, " has not been opened"));
  }
  readiness_.Begin(application);
  while (true) {
    if (application->record.start_id() != start_id) {
      co_return absl::FailedPreconditionError(absl::StrCat(name, " was started anew"));
    }
    if (application->facts.ended && !application->recovering) {
      const std::string words = co_await LastWords(application->container_id());
      co_return StatusWithReason(
          absl::StatusCode::kFailedPrecondition, "EXITED",
          absl::StrCat(name, " ended with exit code ", application->exit_code,
                       words.empty() ? "" : "; its last words: ", words));
    }
    if (application->facts.probe_passed) co_return *application;
    if (application->not_ready.has_value()) co_return *application->not_ready;
    co_await changes().Wait(changes().count());
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
  const absl::Status read = co_await engine_.ReadLogs(id, options, sink);
  if (!read.ok()) co_return "";
  while (words->ends_with('\n')) words->pop_back();
  if (words->size() > kLastBytes) words->erase(0, words->size() - kLastBytes);
  co_return *words;
}

Task<absl::StatusOr<ContainerDriver::Stopped>> ContainerDriver::Stop(std::string name) {
  const AsyncMutex::Lock lock = co_await applications_.Acquire(name);
  ApplicationPtr application = applications_.Find(name);
  if (application == nullptr) co_return Stopped();
  application->record.set_intent(v1::StartRecord::INTENT_STOPPED);
  DROVER_CO_RETURN_IF_ERROR(co_await applications_.Save(application));
  if (application->runs()) co_return co_await runner_.Stop(application);
  Stopped stopped;
  stopped.application = *application;
  co_return stopped;
}

Task<absl::Status> ContainerDriver::Remove(std::string name, int64_t generation) {
  const AsyncMutex::Lock lock = co_await applications_.Acquire(name);
  ApplicationPtr application = applications_.Find(name);
  if (application == nullptr) co_return co_await maker_.Remove(name, "");
  if (generation != 0 && application->record.generation() != generation) {
    co_return absl::OkStatus();
  }
  application->record.set_intent(v1::StartRecord::INTENT_STOPPED);
  DROVER_CO_RETURN_IF_ERROR(co_await applications_.Save(application));
  if (application->runs()) {
    DROVER_CO_ASSIGN_OR_RETURN(const Stopped stopped, co_await runner_.Stop(application));
  }
  DROVER_CO_RETURN_IF_ERROR(co_await maker_.Remove(name, application->record.start_id()));
  co_return co_await applications_.Erase(name);
}

Task<absl::Status> ContainerDriver::Handle(ContainerEvent event) {
  const auto attempt = [this, event] { return Follow(event); };
  // The engine tells each event once.
  co_return co_await RetryUntilDone(sleeper_, "event of the container engine", attempt);
}

Task<absl::Status> ContainerDriver::Follow(ContainerEvent event) {
  ApplicationPtr application = applications_.FindByContainer(event.id);
  if (application == nullptr) co_return absl::OkStatus();
  const AsyncMutex::Lock lock = co_await applications_.Acquire(application->name());
  if (application->container_id() != event.id) co_return absl::OkStatus();
  const absl::StatusOr<ContainerInfo> container = co_await engine_.InspectContainer(event.id);
  if (absl::IsNotFound(container.status())) {
    co_return co_await restarter_.NoteEnd(application, event.exit_code);
  }
  if (!container.ok()) co_return container.status();
  if (!container->running) {
    co_return co_await restarter_.NoteEnd(application, container->exit_code);
  }
  if (container->started_at == application->started_at) co_return absl::OkStatus();
  LOG(WARNING) << "somebody restarted the container of " << application->name() << " by hand";
  NoteContainer(*container, application.get());
  switch (application->record.intent()) {
    case v1::StartRecord::INTENT_STAGED:
      co_return absl::OkStatus();
    case v1::StartRecord::INTENT_STOPPED: {
      DROVER_CO_ASSIGN_OR_RETURN(const Stopped stopped, co_await runner_.Stop(application));
      co_return absl::OkStatus();
    }
    default:
      co_return co_await restarter_.NoteRestartByHand(application);
  }
}

}  // namespace drover::container
