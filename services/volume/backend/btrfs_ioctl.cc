#include "services/volume/backend/btrfs_ioctl.h"

#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/common/status/status_macros.h"
#include "services/volume/backend/errno_status.h"

namespace drover::volume::btrfs {
namespace {

// The inode number that every subvolume's top folder has.
constexpr ino_t kTopInode = 256;

class Folder {
 public:
  static absl::StatusOr<Folder> Open(const std::string& path) {
    const int fd = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return ErrnoStatus(absl::StrCat("cannot open ", path));
    return Folder(fd);
  }
  Folder(Folder&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~Folder() {
    if (fd_ >= 0) close(fd_);
  }
  int fd() const { return fd_; }

 private:
  explicit Folder(int fd) : fd_(fd) {}
  int fd_;
};

template <class Args>
void SetName(Args& args, const std::string& name) {
  std::memcpy(args.name, name.data(), std::min(name.size(), sizeof(args.name) - 1));
}

std::string UuidText(const __u8* bytes) {
  if (std::all_of(bytes, bytes + BTRFS_UUID_SIZE, [](__u8 byte) { return byte == 0; })) return "";
  std::string text;
  for (int i = 0; i < BTRFS_UUID_SIZE; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    absl::StrAppendFormat(&text, "%02x", bytes[i]);
  }
  return text;
}

// OK if quotas are on when it returns, and their accounting is complete.
absl::Status EnableQuotas(int fd) {
  btrfs_ioctl_quota_ctl_args enable = {};
  enable.cmd = BTRFS_QUOTA_CTL_ENABLE;
  if (ioctl(fd, BTRFS_IOC_QUOTA_CTL, &enable) != 0) return ErrnoStatus("cannot turn quotas on");
  ioctl(fd, BTRFS_IOC_QUOTA_RESCAN_WAIT, nullptr);
  return absl::OkStatus();
}

bool SetLimit(int fd, int64_t bytes) {
  btrfs_ioctl_qgroup_limit_args limit = {};
  limit.lim.flags = BTRFS_QGROUP_LIMIT_MAX_RFER;
  // All bits set clears the limit.
  limit.lim.max_rfer = bytes > 0 ? static_cast<__u64>(bytes) : ~__u64{0};
  return ioctl(fd, BTRFS_IOC_QGROUP_LIMIT, &limit) == 0;
}

}  // namespace

bool IsBtrfs(const std::string& path) {
  struct statfs info;
  return statfs(path.c_str(), &info) == 0 && info.f_type == BTRFS_SUPER_MAGIC;
}

bool IsSubvolume(const std::string& path) {
  struct stat info;
  return lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode) && info.st_ino == kTopInode &&
         IsBtrfs(path);
}

absl::Status CreateSubvolume(const std::string& folder, const std::string& name) {
  DROVER_ASSIGN_OR_RETURN(Folder parent, Folder::Open(folder));
  btrfs_ioctl_vol_args args = {};
  SetName(args, name);
  if (ioctl(parent.fd(), BTRFS_IOC_SUBVOL_CREATE, &args) != 0) {
    return ErrnoStatus(absl::StrCat("cannot create subvolume ", folder, "/", name));
  }
  return absl::OkStatus();
}

absl::Status SnapshotSubvolume(const std::string& source, const std::string& folder,
                               const std::string& name, bool read_only) {
  DROVER_ASSIGN_OR_RETURN(Folder from, Folder::Open(source));
  DROVER_ASSIGN_OR_RETURN(Folder parent, Folder::Open(folder));
  btrfs_ioctl_vol_args_v2 args = {};
  args.fd = from.fd();
  args.flags = read_only ? BTRFS_SUBVOL_RDONLY : 0;
  SetName(args, name);
  if (ioctl(parent.fd(), BTRFS_IOC_SNAP_CREATE_V2, &args) != 0) {
    return ErrnoStatus(absl::StrCat("cannot snapshot ", source, " as ", folder, "/", name));
  }
  return absl::OkStatus();
}

absl::Status DeleteSubvolume(const std::string& folder, const std::string& name) {
  DROVER_ASSIGN_OR_RETURN(Folder parent, Folder::Open(folder));
  btrfs_ioctl_vol_args args = {};
  SetName(args, name);
  if (ioctl(parent.fd(), BTRFS_IOC_SNAP_DESTROY, &args) != 0) {
    return ErrnoStatus(absl::StrCat("cannot delete subvolume ", folder, "/", name));
  }
  return absl::OkStatus();
}

absl::StatusOr<SubvolumeInfo> GetSubvolumeInfo(const std::string& path) {
  if (!IsSubvolume(path)) {
    return absl::FailedPreconditionError(absl::StrCat(path, " is not a btrfs subvolume"));
  }
  DROVER_ASSIGN_OR_RETURN(Folder folder, Folder::Open(path));
  btrfs_ioctl_get_subvol_info_args args = {};
  __u64 flags = 0;
  // The first answers 1 where it succeeds for all but the file system's top level.
  if (ioctl(folder.fd(), BTRFS_IOC_GET_SUBVOL_INFO, &args) < 0 ||
      ioctl(folder.fd(), BTRFS_IOC_SUBVOL_GETFLAGS, &flags) < 0) {
    return ErrnoStatus(absl::StrCat("cannot inspect subvolume ", path));
  }
  return SubvolumeInfo{
      .uuid = UuidText(args.uuid),
      .received_uuid = UuidText(args.received_uuid),
      .parent_uuid = UuidText(args.parent_uuid),
      .generation = args.generation,
      .create_time = absl::FromUnixSeconds(args.otime.sec) + absl::Nanoseconds(args.otime.nsec),
      .read_only = (flags & BTRFS_SUBVOL_RDONLY) != 0};
}

absl::StatusOr<bool> HasNestedSubvolume(const std::string& path) {
  DROVER_ASSIGN_OR_RETURN(Folder folder, Folder::Open(path));
  btrfs_ioctl_get_subvol_rootref_args args = {};
  // EOVERFLOW: there are more than fit in one answer.
  if (ioctl(folder.fd(), BTRFS_IOC_GET_SUBVOL_ROOTREF, &args) < 0 && errno != EOVERFLOW) {
    return ErrnoStatus(absl::StrCat("cannot look for subvolumes below ", path));
  }
  return args.num_items > 0;
}

absl::Status SyncFileSystem(const std::string& path) {
  DROVER_ASSIGN_OR_RETURN(Folder folder, Folder::Open(path));
  if (syncfs(folder.fd()) != 0) return ErrnoStatus(absl::StrCat("cannot sync ", path));
  return absl::OkStatus();
}

absl::Status LimitSubvolume(const std::string& path, int64_t bytes) {
  DROVER_ASSIGN_OR_RETURN(Folder folder, Folder::Open(path));
  if (SetLimit(folder.fd(), bytes)) return absl::OkStatus();
  const bool quotas_off = errno == ENOTCONN;
  if (quotas_off && bytes == 0) return absl::OkStatus();
  if (quotas_off) {
    DROVER_RETURN_IF_ERROR(EnableQuotas(folder.fd()));
    if (SetLimit(folder.fd(), bytes)) return absl::OkStatus();
  }
  return ErrnoStatus(absl::StrCat("cannot limit the size of ", path));
}

}  // namespace drover::volume::btrfs
