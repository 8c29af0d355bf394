// Reads the kernel's mount tables: /proc/PID/mountinfo.
#ifndef DROVER_SERVICES_VOLUME_BACKEND_MOUNT_TABLE_H_
#define DROVER_SERVICES_VOLUME_BACKEND_MOUNT_TABLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace drover::volume {

struct MountEntry {
  // Of all mounts of the machine; `parent` is what it is mounted on.
  int64_t id = 0;
  int64_t parent = 0;
  // `major:minor` of the file system's device.
  std::string device;
  // The folder of that file system which is mounted.
  std::string root;
  std::string mount_point;
  std::string file_system;
  std::string source;
  // What is mounted on it, or unmounted, is so on all of one peer group, and on those that have it
  // as their master, but not the other way; 0 = none.
  int64_t peer_group = 0;
  int64_t master = 0;
  // One process that sees this mount, and whether we do.
  int pid = 0;
  bool own = false;
};

// Lines that are not understood are left out.
std::vector<MountEntry> ParseMountInfo(absl::string_view text, int pid);

// This process's mounts.
absl::StatusOr<std::vector<MountEntry>> OwnMounts();

// Mounts of every mount namespace that a process lives in, each namespace once. Blocks.
absl::StatusOr<std::vector<MountEntry>> MountsOfAllNamespaces();

// Those of all namespaces that stay when what is mounted on our own slots at `paths` is unmounted:
// not these, and not the copies of them that came, and go, by propagation. One that somebody bound
// elsewhere stays, and so does one on which something else is mounted.
std::vector<MountEntry> MountsBeside(const std::vector<std::string>& paths,
                                     const std::vector<MountEntry>& all);

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_BACKEND_MOUNT_TABLE_H_
