// Which daemons a machine runs, how each is started and when it is ready.
#ifndef DROVER_TESTING_LAB_DAEMON_CATALOG_H_
#define DROVER_TESTING_LAB_DAEMON_CATALOG_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "testing/lab/lab_record.h"

namespace drover::lab {

// kSystem daemons are what a machine has before Drover is installed: they start first, and the pool
// needs them.
enum class DaemonLayer { kSystem, kDrover };

struct DaemonSpec {
  // As the command line says it: coordinator, volume, container, proxy, docker, podman, registry,
  // zfs.
  std::string name;
  DaemonLayer layer = DaemonLayer::kDrover;
  std::vector<std::string> argv;
  // Left behind by one that was killed, and in the way of the next; a path in the machine, or
  // empty.
  std::string stale_file;
  // One attempt to find out whether it serves.
  std::function<absl::Status(const MachineRecord&)> probe;
};

// In the order in which they start.
std::vector<DaemonSpec> DaemonsOf(const LabRecord& lab, const MachineRecord& machine);

// A daemon of a machine, as somebody names it: `volume@node1`, `coordinator`.
struct DaemonTarget {
  std::string machine;
  DaemonSpec spec;
};

// INVALID_ARGUMENT if no machine has such a daemon, or, without `@MACHINE`, more than one has.
absl::StatusOr<DaemonTarget> FindDaemon(const LabRecord& lab, const std::string& target);

// All programs that the lab starts must be in `bin_dir`.
absl::Status CheckPrograms(const std::string& bin_dir, bool with_drover);

}  // namespace drover::lab

#endif  // DROVER_TESTING_LAB_DAEMON_CATALOG_H_
