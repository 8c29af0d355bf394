#include "services/container/driver/application_recovery.h"

#include <glog/logging.h>

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/common/status/status_macros.h"
#include "services/common/time/proto_time.h"
#include "services/container/domain/recovery.h"
#include "services/container/driver/retry.h"

namespace drover::container {
namespace {

constexpr absl::Duration kVolumeTimeout = absl::Seconds(30);

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

}  // namespace

void ApplicationRecovery::Begin() {
  const int round = ++round_;
  Repeat("removal of containers for seeding", [this, round] { return RemoveSeeds(round); });
  for (const ApplicationPtr& application : deps_.applications.All()) {
    Repeat(absl::StrCat("recovery of ", application->name()),
           [this, application, round] { return RecoverOne(application, round); });
  }
}

void ApplicationRecovery::Repeat(std::string what, std::function<Task<absl::Status>()> attempt) {
  deps_.background.Spawn(
      what, [this, what, attempt] { return RetryUntilDone(deps_.sleeper, what, attempt); });
}

Task<absl::Status> ApplicationRecovery::RemoveSeeds(int round) {
  if (round != round_) co_return absl::OkStatus();
  DROVER_CO_ASSIGN_OR_RETURN(const std::vector<ContainerInfo> seeds,
                             co_await deps_.engine.ListContainers(kSeedLabel));
  for (const ContainerInfo& seed : seeds) {
    // With the lock, so that one that is being read from is not taken away.
    const AsyncMutex::Lock lock = co_await deps_.applications.Acquire(seed.labels.at(kSeedLabel));
    DROVER_CO_RETURN_IF_ERROR(co_await deps_.engine.RemoveContainer(seed.id));
  }
  co_return absl::OkStatus();
}

Task<absl::Status> ApplicationRecovery::RecoverOne(ApplicationPtr application, int round) {
  const AsyncMutex::Lock lock = co_await deps_.applications.Acquire(application->name());
  const bool still_wanted =
      round == round_ && deps_.applications.Find(application->name()) == application;
  if (!still_wanted) co_return absl::OkStatus();
  DROVER_CO_RETURN_IF_ERROR(co_await Recover(application));
  application->recovering = false;
  deps_.applications.Changed();
  co_return absl::OkStatus();
}

Task<absl::StatusOr<std::optional<ContainerInfo>>> ApplicationRecovery::FindOwn(
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

Task<absl::Status> ApplicationRecovery::NoteRecovered(ApplicationPtr application, ContainerInfo own,
                                                      bool gate_is_open) {
  application->record.set_container_id(own.id.value());
  NoteContainer(own, application.get());
  const absl::StatusOr<ImageInfo> image = co_await deps_.engine.InspectImage(own.image_digest);
  if (image.ok()) application->image = image->config;
  application->record.set_stop_signal(own.stop_signal);
  application->facts.gate_reported = true;
  if (gate_is_open && !application->facts.gate_opened) application->opened_at = deps_.clock.Now();
  application->facts.gate_opened = gate_is_open;
  co_return absl::OkStatus();
}

Task<absl::Status> ApplicationRecovery::Recover(ApplicationPtr application) {
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
        record.has_start_time() && TimeOf(record.start_time()) != own->started_at;
    DROVER_CO_RETURN_IF_ERROR(co_await NoteRecovered(
        application, *own, facts.gate_was_opened && !facts.restarted_by_hand));
  } else if (application->has_container()) {
    DROVER_CO_RETURN_IF_ERROR(co_await deps_.runner.EndForgotten(application));
    application->facts.ended = true;
  }
  deps_.applications.Changed();
  switch (DecideRecovery(facts)) {
    case RecoveryAction::kKeep:
      if (!application->facts.gate_opened) break;
      deps_.readiness.Begin(application);
      // It may be recorded as open and wait still: see ApplicationRunner::Start.
      if (facts.may_run_here) co_return co_await deps_.runner.StartAgain(application, false);
      break;
    case RecoveryAction::kStart:
      LOG(INFO) << "starting " << application->name() << " again";
      co_return co_await deps_.runner.StartAgain(application, /*restart=*/true);
    case RecoveryAction::kStop: {
      DROVER_CO_ASSIGN_OR_RETURN(const auto stopped, co_await deps_.runner.Stop(application));
      break;
    }
    case RecoveryAction::kLeave:
      break;
  }
  co_return absl::OkStatus();
}

}  // namespace drover::container
