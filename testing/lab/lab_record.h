// What a lab has made: written before each thing is made, so that `down` finds all of it.
#ifndef DROVER_TESTING_LAB_LAB_RECORD_H_
#define DROVER_TESTING_LAB_LAB_RECORD_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "testing/lab/process_identity.h"

namespace drover::lab {

enum class Backend { kBtrfs, kZfs };
// What a node's configuration says: the mount point of a btrfs pool, the name of a ZFS pool.
std::string PoolName(Backend backend);

// What runs the containers of the nodes.
enum class Engine { kDocker, kPodman };

enum class Role { kClient, kNode };

// One daemon that was started. Its process may have ended since.
struct DaemonRecord {
  std::string name;
  ProcessIdentity process;
};

struct MachineRecord {
  std::string name;
  std::string address;
  Role role = Role::kNode;
  // Process 1 of the machine; when it ends, all of the machine ends.
  ProcessIdentity init;
  std::vector<DaemonRecord> daemons;
};

struct LabRecord {
  std::string name;
  // Random: is in the environment of every process of this lab.
  std::string id;
  // Of the kernel when the lab was made; process identities mean nothing after a boot of the host.
  std::string boot_id;
  Backend backend = Backend::kBtrfs;
  Engine engine = Engine::kDocker;
  std::string pool_size;
  // Where Drover's programs lie.
  std::string bin_dir;
  // False: machines, engines, pools and registry only.
  bool with_drover = true;
  // The switch that the machines are plugged into: a namespace of its own.
  ProcessIdentity fabric;
  std::vector<MachineRecord> machines;
};

// NOT_FOUND, naming the machines that there are, if there is none of that name.
absl::StatusOr<MachineRecord*> FindMachine(LabRecord& lab, const std::string& machine);
absl::StatusOr<const MachineRecord*> FindMachine(const LabRecord& lab, const std::string& machine);

// The client machine, where the coordinator and the registry run.
const MachineRecord& ClientOf(const LabRecord& lab);

// The nodes, in order.
std::vector<const MachineRecord*> NodesOf(const LabRecord& lab);

// Sets the process of that daemon, adding the daemon if it is new.
void SetDaemonProcess(MachineRecord& machine, const std::string& daemon,
                      const ProcessIdentity& process);
// The daemon's process, whether it lives or not; pid 0 if it was never started.
ProcessIdentity DaemonProcess(const MachineRecord& machine, const std::string& daemon);

// NOT_FOUND if there is no such file. Forgets all processes if the host was rebooted since.
absl::StatusOr<LabRecord> LoadLabRecord(const std::string& path);
// Durable when it returns.
absl::Status SaveLabRecord(const LabRecord& lab, const std::string& path);

// The kernel's id of this boot.
absl::StatusOr<std::string> CurrentBootId();

}  // namespace drover::lab

#endif  // DROVER_TESTING_LAB_LAB_RECORD_H_
