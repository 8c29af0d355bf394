#include "services/container/driver/application_runner.h"

#include <glog/logging.h>
#include <signal.h>

#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/ids/random_id.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"
#include "services/common/time/proto_time.h"
#include "services/container/domain/signal_name.h"

namespace drover::container {
namespace {

constexpr absl::Duration kVolumeTimeout = absl::Seconds(30);
// After SIGKILL: only the kernel is waited for.
constexpr absl::Duration kKillTimeout = absl::Seconds(60);
constexpr int kStartIdBytes = 16;

ApplicationRunner::Wanted WantedAgain(const Application& application) {
  return {.spec = application.record.spec(),
          .generation = application.record.generation(),
          .config_hash = application.record.config_hash(),
          .migration = application.record.migration()};
}

bool IsSameStart(const Application& application, const ApplicationRunner::Wanted& wanted) {
  return application.runs() && application.record.generation() == wanted.generation &&
         application.record.config_hash() == wanted.config_hash;
}

}  // namespace

Task<absl::Status> ApplicationRunner::RefreshGate(ApplicationPtr application) {
  if (!application->has_container() || application->facts.gate_opened) co_return absl::OkStatus();
  volume::v1::GetGroupRequest request;
  request.set_application(application->name());
  const auto response = co_await deps_.volumes.GetGroup(request, kVolumeTimeout);
  if (absl::IsNotFound(response.status())) co_return absl::OkStatus();
  if (!response.ok()) co_return response.status();
  NoteGate(response->group(), application);
  co_return absl::OkStatus();
}

void ApplicationRunner::NoteGate(const volume::v1::VolumeGroup& group,
                                 const ApplicationPtr& application) {
  if (!application->has_container() || application->facts.gate_opened) return;
  if (group.gate().start_id() != application->record.start_id()) return;
  application->facts.gate_opened = true;
  application->opened_at = deps_.clock.Now();
  deps_.applications.Changed();
}

Task<absl::Status> ApplicationRunner::NewStart(ApplicationPtr application, Wanted wanted,
                                               v1::StartRecord::Intent intent) {
  DROVER_CO_RETURN_IF_ERROR(
      co_await deps_.maker.Remove(wanted.spec.name(), application->record.start_id()));
  application->ForgetStart();
  v1::StartRecord& record = application->record;
  *record.mutable_spec() = wanted.spec;
  record.set_generation(wanted.generation);
  record.set_config_hash(wanted.config_hash);
  record.set_migration(wanted.migration);
  record.set_intent(intent);
  record.set_start_id(RandomHex(kStartIdBytes));
  // Before anything of the start is made, so that what a crash leaves can be found and removed.
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.applications.Save(application));
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.maker.Make(application));
  *record.mutable_start_time() = ProtoOf(application->started_at);
  co_return co_await deps_.applications.Save(application);
}

Task<absl::Status> ApplicationRunner::Stage(ApplicationPtr application, Wanted wanted) {
  DROVER_CO_RETURN_IF_ERROR(co_await RefreshGate(application));
  if (IsSameStart(*application, wanted) && application->facts.gate_reported &&
      !application->facts.gate_opened) {
    co_return absl::OkStatus();
  }
  // Also what has just ended, and what is about to be started again: that is this node's to do, and
  // a late order to stage must not take its place.
  const bool is_ending =
      application->facts.gate_opened && (application->runs() || application->end_undecided);
  const bool is_to_run = application->record.intent() == v1::StartRecord::INTENT_RUN &&
                         application->record.generation() == wanted.generation;
  if (is_ending || is_to_run) {
    co_return StatusWithReason(absl::StatusCode::kFailedPrecondition, "STILL_RUNNING",
                               absl::StrCat(wanted.spec.name(), " still runs on this node"));
  }
  DROVER_CO_RETURN_IF_ERROR(co_await CheckUnderWay(wanted.spec.name(), wanted.migration));
  co_return co_await NewStart(application, std::move(wanted), v1::StartRecord::INTENT_STAGED);
}

Task<absl::Status> ApplicationRunner::CheckUnderWay(std::string name, std::string migration) {
  if (migration.empty()) co_return absl::OkStatus();
  volume::v1::GetGroupRequest request;
  request.set_application(name);
  const auto response = co_await deps_.volumes.GetGroup(request, kVolumeTimeout);
  if (!response.ok() && !absl::IsNotFound(response.status())) co_return response.status();
  if (response.ok() && response->group().migration() == migration) co_return absl::OkStatus();
  co_return StatusWithReason(
      absl::StatusCode::kFailedPrecondition, "NOT_RESERVED",
      absl::StrCat("nothing is reserved here for migration ", migration, " of ", name));
}

Task<absl::StatusOr<volume::v1::VolumeGroup>> ApplicationRunner::FindOwnGroup(std::string name,
                                                                              int64_t generation) {
  volume::v1::GetGroupRequest request;
  request.set_application(name);
  DROVER_CO_ASSIGN_OR_RETURN(volume::v1::GetGroupResponse response,
                             co_await deps_.volumes.GetGroup(request, kVolumeTimeout));
  volume::v1::VolumeGroup& group = *response.mutable_group();
  if (group.state() != volume::v1::GROUP_STATE_OWNED) {
    co_return StatusWithReason(
        absl::StatusCode::kFailedPrecondition, "WRONG_STATE",
        absl::StrCat(name,
                     " must not run on this node: its data is not owned here, or is being "
                     "moved away"));
  }
  if (group.generation() != generation) {
    co_return StatusWithReason(
        absl::StatusCode::kFailedPrecondition, "STALE_GENERATION",
        absl::StrCat("the order to start ", name, " is for generation ", generation,
                     " of its data; this node owns generation ", group.generation()));
  }
  co_return std::move(group);
}

Task<absl::Status> ApplicationRunner::Start(ApplicationPtr application, Wanted wanted,
                                            bool restart) {
  DROVER_CO_ASSIGN_OR_RETURN(const volume::v1::VolumeGroup group,
                             co_await FindOwnGroup(wanted.spec.name(), wanted.generation));
  NoteGate(group, application);
  v1::StartRecord& record = application->record;
  const bool keep = IsSameStart(*application, wanted) && !restart &&
                    record.intent() != v1::StartRecord::INTENT_STOPPED;
  if (keep) {
    // External ports and the like may have changed: they need no restart.
    *record.mutable_spec() = wanted.spec;
    record.set_intent(v1::StartRecord::INTENT_RUN);
    DROVER_CO_RETURN_IF_ERROR(co_await deps_.applications.Save(application));
    // Also if it is recorded as open: the volume service may have been restarted between its record
    // and its message to the gate, which then still waits. A repeat is answered at once.
  } else {
    const int restarts = record.restarts();
    if (application->runs()) {
      DROVER_CO_ASSIGN_OR_RETURN(const Stopped stopped, co_await Stop(application));
    }
    DROVER_CO_RETURN_IF_ERROR(
        co_await NewStart(application, std::move(wanted), v1::StartRecord::INTENT_RUN));
    record.set_restarts(restarts);
  }
  co_return co_await OpenGate(application);
}

Task<absl::Status> ApplicationRunner::OpenGate(ApplicationPtr application) {
  // A seal may have begun since the start was: its stop waits for us, and ends what waits then.
  DROVER_CO_ASSIGN_OR_RETURN(
      const volume::v1::VolumeGroup group,
      co_await FindOwnGroup(application->name(), application->record.generation()));
  std::set<std::string> fresh;
  for (const auto& volume : group.volumes()) {
    if (volume.fresh()) fresh.insert(volume.id());
  }
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.maker.Seed(application->record, std::move(fresh)));

  volume::v1::OpenGateRequest open;
  open.set_application(application->name());
  open.set_start_id(application->record.start_id());
  open.set_container_id(application->record.container_id());
  const auto opened = co_await deps_.volumes.OpenGate(open, kVolumeTimeout);
  if (!opened.ok()) {
    application->problem = std::string(opened.status().message());
    deps_.applications.Changed();
    co_return opened.status();
  }
  application->problem.clear();
  application->facts.gate_opened = true;
  application->opened_at = deps_.clock.Now();
  deps_.applications.Changed();
  deps_.readiness.Begin(application);
  co_return absl::OkStatus();
}

Task<absl::Status> ApplicationRunner::StartAgain(ApplicationPtr application, bool restart) {
  return Start(application, WantedAgain(*application), restart);
}

Task<absl::StatusOr<ApplicationRunner::Stopped>> ApplicationRunner::Stop(
    ApplicationPtr application) {
  Stopped stopped;
  const absl::Time begin = deps_.clock.Now();
  DROVER_CO_ASSIGN_OR_RETURN(stopped.killed, co_await EndProcesses(application));
  application->facts.ended = true;
  application->address.clear();
  stopped.duration = deps_.clock.Now() - begin;
  deps_.applications.Changed();
  stopped.application = *application;
  co_return stopped;
}

Task<absl::Status> ApplicationRunner::EndForgotten(ApplicationPtr application) {
  DROVER_CO_ASSIGN_OR_RETURN(std::unique_ptr<InitProcess> process,
                             co_await deps_.processes.Search(application->container_id()));
  if (process == nullptr) co_return absl::OkStatus();
  // With its disk an engine loses its images, too: an application that goes on is better than one
  // that cannot be started.
  const std::string& name = application->record.spec().image();
  const absl::StatusOr<ImageInfo> image = co_await deps_.engine.InspectImage(name);
  if (absl::IsNotFound(image.status())) {
    application->problem = absl::StrCat(
        "the container engine has lost its container, which goes on; it is ended and started again "
        "once the image ",
        name, " is on this node: pull it there");
    deps_.applications.Changed();
  }
  if (!image.ok()) co_return image.status();
  if (application->record.stop_signal().empty()) {
    application->record.set_stop_signal(image->config.stop_signal);
  }
  LOG(WARNING) << "the engine knows nothing of container " << application->record.container_id()
               << " of " << application->name()
               << " any more, but its processes go on: ending them";
  co_return (co_await EndProcess(application, std::move(process))).status();
}

Task<absl::StatusOr<bool>> ApplicationRunner::EndProcesses(ApplicationPtr application) {
  std::unique_ptr<InitProcess> process;
  if (application->pid != 0) {
    DROVER_CO_ASSIGN_OR_RETURN(process,
                               deps_.processes.Find(application->pid, application->container_id()));
  } else {
    // Since this daemon started, nobody has been told its number yet.
    DROVER_CO_ASSIGN_OR_RETURN(process,
                               co_await deps_.processes.Search(application->container_id()));
  }
  if (process == nullptr) co_return false;
  co_return co_await EndProcess(application, std::move(process));
}

Task<absl::StatusOr<bool>> ApplicationRunner::EndProcess(ApplicationPtr application,
                                                         std::unique_ptr<InitProcess> process) {
  const std::string& name = application->record.stop_signal();
  DROVER_CO_ASSIGN_OR_RETURN(const int signal, SignalNumber(name.empty() ? "SIGTERM" : name));
  DROVER_CO_RETURN_IF_ERROR(process->Signal(signal));
  const absl::Duration patience = DurationOf(application->record.spec().stop_timeout());
  absl::Status ended = co_await process->AwaitEnd(patience);
  if (!absl::IsDeadlineExceeded(ended)) {
    if (!ended.ok()) co_return ended;
    co_return false;
  }
  // By the engine as well: it lets a paused container go on, which takes no signal before. That it
  // is dead itself does not matter.
  DROVER_CO_RETURN_IF_ERROR(process->Signal(SIGKILL));
  const absl::Status killed = co_await deps_.engine.KillContainer(application->container_id());
  LOG_IF(WARNING, !killed.ok()) << application->name() << ": " << killed;
  DROVER_CO_RETURN_IF_ERROR(co_await process->AwaitEnd(kKillTimeout));
  co_return true;
}

}  // namespace drover::container
