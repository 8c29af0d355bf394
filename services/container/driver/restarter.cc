#include "services/container/driver/restarter.h"

#include <glog/logging.h>

#include <optional>

#include "absl/strings/str_cat.h"
#include "services/common/status/status_macros.h"
#include "services/container/domain/restart_policy.h"

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
  if (application->facts.ended) co_return absl::OkStatus();
  const absl::Status refreshed = co_await deps_.runner.RefreshGate(application);
  application->facts.ended = true;
  application->exit_code = exit_code;
  application->address.clear();
  deps_.applications.Changed();
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
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.applications.Save(application));
  if (!restart.has_value()) co_return absl::OkStatus();
  const std::string start_id = record.start_id();
  const absl::Duration delay = restart->delay;
  deps_.background.Spawn(
      absl::StrCat("restart of ", application->name()),
      [this, application, start_id, delay] { return RestartLater(application, start_id, delay); });
  co_return absl::OkStatus();
}

Task<absl::Status> Restarter::RestartLater(ApplicationPtr application, std::string start_id,
                                           absl::Duration delay) {
  co_await deps_.sleeper.SleepFor(delay);
  const AsyncMutex::Lock lock = co_await deps_.applications.Acquire(application->name());
  const bool still_wanted = application->record.start_id() == start_id &&
                            application->record.intent() == v1::StartRecord::INTENT_RUN &&
                            application->facts.ended;
  if (!still_wanted) co_return absl::OkStatus();
  co_return co_await deps_.runner.StartAgain(application);
}

}  // namespace drover::container
