// A failed call in words, and as an exit code.
#ifndef DROVER_CLI_FAILURE_H_
#define DROVER_CLI_FAILURE_H_

#include <string>

#include "absl/status/status.h"
#include "cli/exit_code.h"

namespace drover::cli {

struct Failure {
  ExitCode code;
  // One plain sentence that says what to do.
  std::string message;
};

// `status` is what a call to the coordinator at `address` answered; `is_connected` whether it was
// reached.
Failure ExplainFailure(const absl::Status& status, const std::string& address, bool is_connected);

// Whether the same call may be answered later: the coordinator is being restarted, or is cut off
// for a while. Not where one side refuses the other's identity.
bool MayBeAnsweredLater(const absl::Status& status);

}  // namespace drover::cli

#endif  // DROVER_CLI_FAILURE_H_
