// Process 1 of a machine.
#ifndef DROVER_TESTING_LAB_MACHINE_INIT_H_
#define DROVER_TESTING_LAB_MACHINE_INIT_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "testing/lab/machine_root.h"
#include "testing/lab/process_identity.h"

namespace drover::lab {

struct MachineInitOptions {
  std::string hostname;
  MachineRootOptions root;
};

// The hidden subcommand that runs a machine's process 1, and its flags.
inline constexpr char kInitSubcommand[] = "__init";
inline constexpr char kInitHostnameFlag[] = "--hostname";
inline constexpr char kInitBindFlag[] = "--bind";

// Body of process 1: sets the machine up, says so to the process that started it, then reaps
// orphans until it is killed. Returns only if the set-up failed.
//
// Killing it is how a machine is switched off: the kernel ends every other process of its PID
// namespace first, and with the last one go its mounts and its network.
int RunMachineInit(const MachineInitOptions& options);

struct InitStart {
  // The drover-lab program.
  std::string program;
  MachineInitOptions options;
  // K=V.
  std::vector<std::string> environment;
  std::string log;
};

// Starts process 1 of a new machine in namespaces of its own and waits until it is set up.
// `record` is called before that process does anything: should it fail, or should the caller die
// in it, the process ends by itself. So there is never a machine without a record. Blocks.
absl::StatusOr<ProcessIdentity> StartMachineInit(
    const InitStart& start, const std::function<absl::Status(const ProcessIdentity&)>& record);

}  // namespace drover::lab

#endif  // DROVER_TESTING_LAB_MACHINE_INIT_H_
