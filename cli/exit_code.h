// What the shell is told.
#ifndef DROVER_CLI_EXIT_CODE_H_
#define DROVER_CLI_EXIT_CODE_H_

namespace drover::cli {

enum class ExitCode {
  // The cluster is as asked.
  kOk = 0,
  // The operation failed or was aborted; the message says what runs where now.
  kFailed = 1,
  // Wrong usage or configuration, an unregistered node included.
  kUsage = 2,
  // The coordinator cannot be reached, or one side refused the other's identity.
  kUnreachable = 3,
  // Ctrl-C: what was begun goes on in the cluster.
  kDetached = 130,
};

}  // namespace drover::cli

#endif  // DROVER_CLI_EXIT_CODE_H_
