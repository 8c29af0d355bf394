// Waiting for time to pass, replaceable in tests.
#ifndef DROVER_SERVICES_COMMON_ASYNC_SLEEPER_H_
#define DROVER_SERVICES_COMMON_ASYNC_SLEEPER_H_

#include "absl/time/time.h"
#include "services/common/async/task.h"

namespace drover {

class Sleeper {
 public:
  virtual ~Sleeper() = default;
  // Resumes after `duration` (at once if not positive), or early if the coroutine is cancelled.
  virtual Task<void> SleepFor(absl::Duration duration) = 0;
};

// Real time.
class TimerSleeper : public Sleeper {
 public:
  Task<void> SleepFor(absl::Duration duration) override;
};

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_ASYNC_SLEEPER_H_
