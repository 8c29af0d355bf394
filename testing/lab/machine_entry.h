// Running programs inside a machine.
#ifndef DROVER_TESTING_LAB_MACHINE_ENTRY_H_
#define DROVER_TESTING_LAB_MACHINE_ENTRY_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "testing/lab/process_identity.h"

namespace drover::lab {

// A program as it is to be run in a machine.
struct MachineProgram {
  // argv[0] is looked up in the PATH of `environment`.
  std::vector<std::string> argv;
  // All of it: K=V.
  std::vector<std::string> environment;
  // Path inside the machine.
  std::string folder = "/";
};

// Runs it with our standard streams and terminal, waits, and returns its exit status as a shell
// does: 128 + the signal that ended it, 127 if there is no such program, 126 if it cannot be run.
// The program dies with us. `init` is process 1 of the machine. Blocks.
absl::StatusOr<int> RunInMachine(const ProcessIdentity& init, const MachineProgram& program);

// Starts it in the background, as a child of the machine's process 1, output appended to `log`.
// The process returned is named in our own numbers. Blocks until it has been exec'ed.
absl::StatusOr<ProcessIdentity> SpawnInMachine(const ProcessIdentity& init,
                                               const MachineProgram& program,
                                               const std::string& log);

// The PATH of a root shell: tools like ip and mkfs.btrfs are not in that of every caller.
inline constexpr char kSystemPath[] =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

// The words to put before a command so that it runs in the machine.
std::vector<std::string> EnterMachine(const ProcessIdentity& init,
                                      const std::vector<std::string>& command);

// Runs a tool of the distribution in the machine and returns its output. An error that quotes the
// command if it fails. Blocks.
absl::StatusOr<std::string> RunToolInMachine(const ProcessIdentity& init,
                                             const std::vector<std::string>& command);

// OK if something accepts TCP connections at address:port, as seen from the machine. Blocks.
absl::Status TryTcpInMachine(const ProcessIdentity& init, const std::string& address, int port);

}  // namespace drover::lab

#endif  // DROVER_TESTING_LAB_MACHINE_ENTRY_H_
