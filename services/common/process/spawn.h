// Starting a child process that ends with its parent.
#ifndef DROVER_SERVICES_COMMON_PROCESS_SPAWN_H_
#define DROVER_SERVICES_COMMON_PROCESS_SPAWN_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/common/file/unique_fd.h"

namespace drover {

// Two ends of a pipe, both close-on-exec.
struct Pipe {
  UniqueFd read_end;
  UniqueFd write_end;
};
absl::StatusOr<Pipe> MakePipe();

struct SpawnedProcess {
  pid_t pid = 0;
  UniqueFd pidfd;  // Readable when the process has ended.
};

// What the child gets as its descriptors 0, 1 and 2; -1 = /dev/null. All others are closed in it by
// close-on-exec.
struct ChildDescriptors {
  int input = -1;
  int output = -1;
  int error_output = -1;
};

// Starts `command` (looked up in PATH), with `environment` (`NAME=VALUE`) added to ours,
// replacing what has the same name. It is
// killed when the thread that started it ends, and so when this process dies in any way. NOT_FOUND
// if there is no such program.
absl::StatusOr<SpawnedProcess> Spawn(const std::vector<std::string>& command,
                                     ChildDescriptors descriptors,
                                     const std::vector<std::string>& environment = {});

// Takes the exit code of a process that has ended (its pidfd is readable), or waits for it: the
// exit code, or 128 + signal.
absl::StatusOr<int> Reap(const SpawnedProcess& process);

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_PROCESS_SPAWN_H_
