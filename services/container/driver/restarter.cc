#include "services/container/driver/restarter.h"

#include <glog/logging.h>

#include <optional>

#include "absl/strings/str_cat.h"
#include "services/common/status/status_macros.h"
#include "services/container/domain/restart_policy.h"
#include "services/container/driver/retry.h"

namespace drover::container {
namespace {

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

}  // namespace

Task<absl::Status> Restarter::NoteEnd(ApplicationPtr application, int exit_code) {
  if (!application->facts.ended) {
    LOG(INFO) << application->name() << " ended with exit code " << exit_code;
    application->facts.ended = true;
    application->end_undecided = true;
    application->exit_code = exit_code;
    application->ended_at = deps_.clock.Now();
    application->address.clear();
    deps_.applications.Changed();
  }
  // One that we ended ourselves, or one whose end was told twice.
  if (!application->end_undecided) co_return absl::OkStatus();
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.runner.RefreshGate(application));
  v1::StartRecord& record = application->record;
  if (!application->facts.gate_opened || record.intent() == v1::StartRecord::INTENT_STOPPED) {
    application->end_undecided = false;
    co_return absl::OkStatus();
  }
  Ending ending;
  ending.exit_code = exit_code;
  ending.lifetime = application->ended_at - application->opened_at;
  ending.restarts = record.restarts();
  const std::optional<container::Restart> restart =
      DecideRestart(PolicyOf(record.spec().restart_policy()), ending);
  const v1::StartRecord before = record;
  record.set_intent(restart.has_value() ? v1::StartRecord::INTENT_RUN
                                        : v1::StartRecord::INTENT_ENDED);
  if (restart.has_value()) record.set_restarts(restart->restarts);
  const absl::Status saved = co_await deps_.applications.Save(application);
  if (!saved.ok()) {
    record = before;
    co_return saved;
  }
  application->end_undecided = false;
  if (restart.has_value()) Begin(application, restart->delay);
  co_return absl::OkStatus();
}

Task<absl::Status> Restarter::NoteRestartByHand(ApplicationPtr application) {
  application->record.set_intent(v1::StartRecord::INTENT_RUN);
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.applications.Save(application));
  Begin(application, absl::ZeroDuration());
  co_return absl::OkStatus();
}

void Restarter::Begin(ApplicationPtr application, absl::Duration delay) {
  auto restart = std::make_shared<Restart>();
  restart->application = application;
  restart->replaced = restart->latest = application->record.start_id();
  deps_.background.Spawn(absl::StrCat("restart of ", application->name()),
                         [this, delay, restart] { return RestartAfter(delay, restart); });
}

Task<absl::Status> Restarter::RestartAfter(absl::Duration delay, std::shared_ptr<Restart> restart) {
  co_await deps_.sleeper.SleepFor(delay);
  const auto attempt = [this, restart] { return TryRestart(restart); };
  co_return co_await RetryUntilDone(
      deps_.sleeper, absl::StrCat("restart of ", restart->application->name()), attempt);
}

Task<absl::Status> Restarter::TryRestart(std::shared_ptr<Restart> restart) {
  const v1::StartRecord& record = restart->application->record;
  const AsyncMutex::Lock lock = co_await deps_.applications.Acquire(record.spec().name());
  // A start that somebody else has ordered meanwhile, and that failed, is ours to repeat.
  const bool is_superseded =
      record.start_id() != restart->latest && restart->application->facts.gate_opened;
  const bool still_wanted = record.intent() == v1::StartRecord::INTENT_RUN && !is_superseded;
  if (!still_wanted) co_return absl::OkStatus();
  // What an earlier attempt has left behind its gate only needs that opened.
  const bool replace = record.start_id() == restart->replaced;
  const absl::Status status = co_await deps_.runner.StartAgain(restart->application, replace);
  restart->latest = record.start_id();
  co_return status;
}

}  // namespace drover::container
