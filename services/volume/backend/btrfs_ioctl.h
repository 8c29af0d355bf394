// The btrfs system calls that Drover uses, each as one function: no child process for what takes
// the kernel microseconds.
#ifndef DROVER_SERVICES_VOLUME_BACKEND_BTRFS_IOCTL_H_
#define DROVER_SERVICES_VOLUME_BACKEND_BTRFS_IOCTL_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace drover::volume::btrfs {

struct SubvolumeInfo {
  // As text; empty if all zero.
  std::string uuid;
  std::string received_uuid;
  // Of the subvolume that this one was made a snapshot of.
  std::string parent_uuid;
  // Changes with every change inside.
  uint64_t generation = 0;
  absl::Time create_time;
  bool read_only = false;
};

// Whether `path` is on btrfs.
bool IsBtrfs(const std::string& path);
// Whether `path` is the top folder of a subvolume.
bool IsSubvolume(const std::string& path);

absl::Status CreateSubvolume(const std::string& folder, const std::string& name);
absl::Status SnapshotSubvolume(const std::string& source, const std::string& folder,
                               const std::string& name, bool read_only);
absl::Status DeleteSubvolume(const std::string& folder, const std::string& name);
// FAILED_PRECONDITION if `path` is not a subvolume.
absl::StatusOr<SubvolumeInfo> GetSubvolumeInfo(const std::string& path);
// Whether subvolumes were made below the one at `path`.
absl::StatusOr<bool> HasNestedSubvolume(const std::string& path);
// Commits the file system that holds `path`.
absl::Status SyncFileSystem(const std::string& path);
// Limits what the subvolume refers to; 0 = no limit. Turns quotas on in the file system when the
// first limit is asked for: a pool without limits does not pay for their accounting.
absl::Status LimitSubvolume(const std::string& path, int64_t bytes);

}  // namespace drover::volume::btrfs

#endif  // DROVER_SERVICES_VOLUME_BACKEND_BTRFS_IOCTL_H_
