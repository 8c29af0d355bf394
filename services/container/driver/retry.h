// Repeats what must happen sooner or later.
#ifndef DROVER_SERVICES_CONTAINER_DRIVER_RETRY_H_
#define DROVER_SERVICES_CONTAINER_DRIVER_RETRY_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "services/common/async/sleeper.h"
#include "services/common/async/task.h"

namespace drover::container {

// Repeats `attempt`, with growing pauses, until it answers OK: an attempt that is not needed any
// more has to say so by OK. Errors are logged as those of `what`.
Task<absl::Status> RetryUntilDone(Sleeper& sleeper, std::string what,
                                  std::function<Task<absl::Status>()> attempt);

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_DRIVER_RETRY_H_
