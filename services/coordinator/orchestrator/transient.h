// Which errors of a call are tried again, and how fast.
#ifndef DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_TRANSIENT_H_
#define DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_TRANSIENT_H_

#include <algorithm>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/common/status/reason.h"

namespace drover::coordinator {

// The node did not answer, or says itself that it is safe to repeat. (A deadline with a reason is
// the service's own answer: the application was not ready in time.)
inline bool IsTransient(const absl::Status& status) {
  if (absl::IsUnavailable(status) || absl::IsCancelled(status)) return true;
  return absl::IsDeadlineExceeded(status) && ReasonOf(status).empty();
}

// Nobody answered at all. A transient error with a reason is an answer: "the kernel refused, try
// again".
inline bool IsUnreachable(const absl::Status& status) {
  return IsTransient(status) && ReasonOf(status).empty();
}

// 0.1 s, doubled up to 2 s: a node that is back is found within I5's 30 s many times over.
class Backoff {
 public:
  absl::Duration Next() {
    const absl::Duration now = next_;
    next_ = std::min(next_ * 2, absl::Seconds(2));
    return now;
  }

 private:
  absl::Duration next_ = absl::Milliseconds(100);
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_TRANSIENT_H_
