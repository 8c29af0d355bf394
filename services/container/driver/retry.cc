#include "services/container/driver/retry.h"

#include <glog/logging.h>

#include "services/container/domain/retry_delay.h"

namespace drover::container {
namespace {

// An application is down meanwhile: whoever comes back must not be waited for much longer.
constexpr absl::Duration kLongestDelay = absl::Seconds(5);

}  // namespace

Task<absl::Status> RetryUntilDone(Sleeper& sleeper, std::string what,
                                  std::function<Task<absl::Status>()> attempt) {
  absl::Status last;
  for (int failures = 1;; ++failures) {
    const absl::Status status = co_await attempt();
    if (status.ok()) co_return status;
    // One line per problem, not one per attempt.
    if (status != last) LOG(WARNING) << what << ": " << status << "; this is tried again";
    last = status;
    co_await sleeper.SleepFor(DelayAfter(failures, kLongestDelay));
  }
}

}  // namespace drover::container
