// A lab as it is now.
#ifndef DROVER_TESTING_LAB_LAB_STATUS_H_
#define DROVER_TESTING_LAB_LAB_STATUS_H_

#include <string>
#include <vector>

#include "testing/lab/lab_record.h"

namespace drover::lab {

struct DaemonStatus {
  std::string name;
  pid_t pid = 0;
  // A stopped (SIGSTOP) process counts as running: it is there.
  bool running = false;
};

struct MachineStatus {
  std::string name;
  std::string address;
  Role role = Role::kNode;
  // `unix://PATH`, usable from outside too; empty on the client machine.
  std::string docker_host;
  // Path (btrfs) or name (ZFS) of the pool inside the machine; empty on the client machine.
  std::string pool;
  // Process 1 of the machine, in the host's numbers.
  pid_t init_pid = 0;
  bool running = false;
  std::vector<DaemonStatus> daemons;
};

struct LabStatus {
  std::string name;
  Backend backend = Backend::kBtrfs;
  Engine engine = Engine::kDocker;
  std::vector<MachineStatus> machines;
};

// Looks at the processes of `lab` as they are now.
LabStatus ObserveLab(const LabRecord& lab);

// A table for people.
std::string LabStatusToText(const LabStatus& status);

}  // namespace drover::lab

#endif  // DROVER_TESTING_LAB_LAB_STATUS_H_
