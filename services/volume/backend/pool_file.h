// A storage pool in a file: for machines without a disk to spare.
#ifndef DROVER_SERVICES_VOLUME_BACKEND_POOL_FILE_H_
#define DROVER_SERVICES_VOLUME_BACKEND_POOL_FILE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace drover::volume {

struct PoolFile {
  // The image.
  std::string path;
  // `btrfs` or `zfs`.
  std::string backend;
  // btrfs: where the pool is mounted.
  std::string mount_point;
  // zfs: the pool's name.
  std::string name;
};

// "10G" → bytes: digits and K, M, G or T, powers of 1024. INVALID_ARGUMENT for anything else, and
// below 256 MiB.
absl::StatusOr<int64_t> ParsePoolSize(absl::string_view text);

// Makes the file (sparse), formats it, and makes the pool available. ALREADY_EXISTS if there is
// such a file or pool, or the mount point is in use: nothing is ever overwritten.
// RESOURCE_EXHAUSTED if the disk has less room than that; UNAVAILABLE if ZFS does not run. Blocks.
absl::Status InitPoolFile(const PoolFile& file, int64_t size_bytes);

// Makes the pool in the file available after a reboot. OK if it is already. UNAVAILABLE if ZFS does
// not run. Blocks.
absl::Status MountPoolFile(const PoolFile& file);

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_BACKEND_POOL_FILE_H_
