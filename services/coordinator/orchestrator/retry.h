// Calls that a user waits for, to nodes whose daemons may be restarting.
#ifndef DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_RETRY_H_
#define DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_RETRY_H_

#include <type_traits>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/common/async/sleeper.h"
#include "services/common/async/task.h"
#include "services/common/time/clock.h"
#include "services/coordinator/orchestrator/transient.h"

namespace drover::coordinator {

// Only for calls that may be repeated. Not thread-safe.
class Retry {
 public:
  Retry(const Clock& clock, Sleeper& sleeper) : clock_(clock), sleeper_(sleeper) {}

  // Makes the call until it is answered otherwise than by UNAVAILABLE, for 30 s. (One that ended by
  // its deadline has had its time.) `call` answers a task of absl::Status or absl::StatusOr.
  template <class Call>
  std::invoke_result_t<Call> WhileUnavailable(Call call) {
    const absl::Time end = clock_.Now() + absl::Seconds(30);
    Backoff backoff;
    while (true) {
      auto result = co_await call();
      if (!absl::IsUnavailable(StatusOf(result)) || clock_.Now() >= end) co_return result;
      co_await sleeper_.SleepFor(backoff.Next());
    }
  }

 private:
  static const absl::Status& StatusOf(const absl::Status& result) { return result; }
  template <class T>
  static const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
    return result.status();
  }

  const Clock& clock_;
  Sleeper& sleeper_;
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_RETRY_H_
