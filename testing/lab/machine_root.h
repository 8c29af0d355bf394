// The file system of a machine: the host's programs, but its own /run, /etc/docker, /etc/hosts …
#ifndef DROVER_TESTING_LAB_MACHINE_ROOT_H_
#define DROVER_TESTING_LAB_MACHINE_ROOT_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace drover::lab {

struct MachineRootOptions {
  // What is bound where, in order: host path -> path inside. The latter must exist on the host.
  std::vector<std::pair<std::string, std::string>> binds;
};

// Gives the calling process, which must already be alone in a new mount, network and PID namespace,
// the root of a machine:
//
//   /          a tmpfs of its own, so that mount points like /flocker exist in the machine only
//   /usr …     the host's folders, so that paths are the host's
//   /run       a tmpfs of its own, empty as after a boot; /dev/shm likewise
//   /proc, /sys  of its own namespaces, with the host's control groups
//
// Nothing mounted in it is seen by the host; in the machine, mounts are shared, as systemd does it.
absl::Status EnterMachineRoot(const MachineRootOptions& options);

}  // namespace drover::lab

#endif  // DROVER_TESTING_LAB_MACHINE_ROOT_H_
