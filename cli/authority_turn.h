// Several commands at a time in one authority's folder.
#ifndef DROVER_CLI_AUTHORITY_TURN_H_
#define DROVER_CLI_AUTHORITY_TURN_H_

#include <functional>

#include "absl/status/status.h"
#include "cli/session.h"
#include "services/common/async/task.h"

namespace drover::cli {

// The answer of `work`, which changes what an authority has. While that is UNAVAILABLE, since
// another command is at work there, `work` is tried again for five seconds; Ctrl-C ends the wait.
Task<absl::Status> TakeTurn(Session& session, std::function<absl::Status()> work);

}  // namespace drover::cli

#endif  // DROVER_CLI_AUTHORITY_TURN_H_
