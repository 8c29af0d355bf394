// Reads the kernel's mount tables: /proc/PID/mountinfo.
#ifndef DROVER_SERVICES_VOLUME_BACKEND_MOUNT_TABLE_H_
#define DROVER_SERVICES_VOLUME_BACKEND_MOUNT_TABLE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace drover::volume {

struct MountEntry {
  // `major:minor` of the file system's device.
  std::string device;
  // The folder of that file system which is mounted.
  std::string root;
  std::string mount_point;
  std::string file_system;
  std::string source;
  // One process that sees this mount.
  int pid = 0;
};

// Lines that are not understood are left out.
std::vector<MountEntry> ParseMountInfo(absl::string_view text, int pid);

// This process's mounts.
absl::StatusOr<std::vector<MountEntry>> OwnMounts();

// Mounts of every mount namespace that a process lives in, each namespace once. Blocks.
absl::StatusOr<std::vector<MountEntry>> MountsOfAllNamespaces();

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_BACKEND_MOUNT_TABLE_H_
