// Child processes: run to the end (RunCommand) or driven by coroutines through pipes (Child).
#ifndef DROVER_SERVICES_COMMON_PROCESS_PROCESS_H_
#define DROVER_SERVICES_COMMON_PROCESS_PROCESS_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace drover {

struct CommandOptions {
  // What the child reads; then its standard input ends.
  std::string input;
  // SIGKILL after that long.
  absl::Duration timeout = absl::Minutes(10);
  // Added to this process's environment, `NAME=VALUE`; replaces what has the same name there.
  std::vector<std::string> environment;
};

struct CommandResult {
  // As a shell says it: the exit code, or 128 + the signal.
  int exit_code = 0;
  std::string output;
  std::string error_output;
};

// Runs `command` (looked up in PATH) and waits for its end. NOT_FOUND if there is no such program;
// DEADLINE_EXCEEDED if it was killed by the time-out. A failing exit code is an answer here, not an
// error. Blocks. Thread-safe.
absl::StatusOr<CommandResult> RunCommand(const std::vector<std::string>& command,
                                         const CommandOptions& options = {});

// As RunCommand, but a failing exit code is an error that names the command and what it wrote to
// its error output. Answers the output.
absl::StatusOr<std::string> RunChecked(const std::vector<std::string>& command,
                                       const CommandOptions& options = {});

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_PROCESS_PROCESS_H_
