// Following an operation that goes on in the cluster, whatever happens to the connection.
#ifndef DROVER_CLI_WATCH_H_
#define DROVER_CLI_WATCH_H_

#include <functional>

#include "absl/status/status.h"
#include "cli/session.h"
#include "services/common/async/task.h"

namespace drover::cli {

// One call of a watch stream, which says of each message that it came.
using Watch = std::function<Task<absl::Status>(std::function<void()> on_answer)>;

// Runs `watch` until `is_over` says that the operation has ended. A lost connection is said once
// and made again for a minute without any answer; then, or for any other error, its status is
// answered.
Task<absl::Status> WatchUntilOver(Session& session, Watch watch, std::function<bool()> is_over);

}  // namespace drover::cli

#endif  // DROVER_CLI_WATCH_H_
