#include "services/volume/backend/pool_file.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <limits>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/common/process/process.h"
#include "services/common/status/status_macros.h"
#include "services/volume/backend/btrfs_backend.h"
#include "services/volume/backend/mount_table.h"

namespace drover::volume {
namespace {

namespace fs = std::filesystem;

// What mkfs.btrfs and a few snapshots need.
constexpr int64_t kSmallestPool = 256LL << 20;

absl::StatusOr<bool> IsMountPoint(const std::string& path) {
  DROVER_ASSIGN_OR_RETURN(std::vector<MountEntry> mounts, OwnMounts());
  return std::any_of(mounts.begin(), mounts.end(),
                     [&](const MountEntry& one) { return one.mount_point == path; });
}

// UNAVAILABLE if ZFS does not answer.
absl::StatusOr<bool> IsZpool(const std::string& name) {
  absl::StatusOr<CommandResult> result = RunCommand({"zpool", "list", "-H", "-o", "name", name});
  if (absl::IsNotFound(result.status())) {
    return absl::UnavailableError("there is no zpool program; install zfs-fuse or ZFS on Linux");
  }
  if (!result.ok()) return result.status();
  if (result->exit_code == 0) return true;
  if (absl::StrContains(result->error_output, "no such pool")) return false;
  return absl::UnavailableError(
      absl::StrCat("ZFS does not answer; start zfs-fuse, or load the kernel's zfs module (",
                   absl::StripAsciiWhitespace(result->error_output), ")"));
}

// A sparse file that outgrows its disk damages the pool in it.
absl::Status CheckDisk(const std::string& path, int64_t size) {
  const std::string folder = fs::absolute(path).parent_path();
  struct statvfs info;
  if (statvfs(folder.c_str(), &info) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot use ", folder, "; make it first"));
  }
  const auto free = static_cast<int64_t>(info.f_bavail * info.f_frsize);
  if (size <= free) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat("the disk of ", folder, " has ", free >> 20,
                                                   "M free, less than ", size >> 20,
                                                   "M; choose a smaller --size or another disk"));
}

// A new sparse file; an existing one is never touched.
absl::Status MakeFile(const std::string& path, int64_t size) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0 && errno == EEXIST) {
    return absl::AlreadyExistsError(absl::StrCat(
        path, " exists and is not overwritten; use --mount-pool if it holds a pool already"));
  }
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot create ", path));
  const bool sized = ftruncate(fd, size) == 0;
  const absl::Status status =
      sized ? absl::OkStatus() : absl::ErrnoToStatus(errno, absl::StrCat("cannot size ", path));
  close(fd);
  return status;
}

absl::Status MountBtrfs(const PoolFile& file) {
  std::error_code error;
  fs::create_directories(file.mount_point, error);
  DROVER_RETURN_IF_ERROR(
      RunChecked({"mount", "-t", "btrfs", "-o", "loop", file.path, file.mount_point}).status());
  // Writes the pool's identity at the first time.
  return BtrfsBackend::Create(file.mount_point).status();
}

absl::Status CheckFree(const PoolFile& file) {
  if (file.backend == "zfs") {
    DROVER_ASSIGN_OR_RETURN(bool exists, IsZpool(file.name));
    if (!exists) return absl::OkStatus();
    return absl::AlreadyExistsError(absl::StrCat(
        "a ZFS pool ", file.name, " exists already; use it, or choose another --name"));
  }
  if (file.backend != "btrfs") {
    return absl::InvalidArgumentError(
        absl::StrCat("backend \"", file.backend, "\" is unknown: use btrfs or zfs"));
  }
  DROVER_ASSIGN_OR_RETURN(bool mounted, IsMountPoint(file.mount_point));
  std::error_code error;
  const bool used =
      mounted || (fs::exists(file.mount_point, error) && !fs::is_empty(file.mount_point, error));
  if (!used && !error) return absl::OkStatus();
  return absl::AlreadyExistsError(
      absl::StrCat(file.mount_point, " is in use; choose another with --mount"));
}

absl::Status Format(const PoolFile& file) {
  if (file.backend == "zfs") {
    return RunChecked({"zpool", "create", "-m", "none", file.name, file.path}).status();
  }
  DROVER_RETURN_IF_ERROR(RunChecked({"mkfs.btrfs", "--quiet", file.path}).status());
  return MountBtrfs(file);
}

}  // namespace

absl::StatusOr<int64_t> ParsePoolSize(absl::string_view text) {
  constexpr absl::string_view kUnits = "KMGT";
  const size_t unit = text.empty() ? absl::string_view::npos : kUnits.find(text.back());
  int64_t number = 0;
  if (unit == absl::string_view::npos ||
      !absl::SimpleAtoi(text.substr(0, text.size() - 1), &number) || number <= 0 ||
      number > (std::numeric_limits<int64_t>::max() >> (10 * (unit + 1)))) {
    return absl::InvalidArgumentError(
        absl::StrCat("size \"", text, "\" is not a number with K, M, G or T, such as 10G"));
  }
  const int64_t bytes = number << (10 * (unit + 1));
  if (bytes < kSmallestPool) return absl::InvalidArgumentError("a pool needs at least 256M");
  return bytes;
}

absl::Status InitPoolFile(const PoolFile& file, int64_t size_bytes) {
  DROVER_RETURN_IF_ERROR(CheckFree(file));
  DROVER_RETURN_IF_ERROR(CheckDisk(file.path, size_bytes));
  DROVER_RETURN_IF_ERROR(MakeFile(file.path, size_bytes));
  const absl::Status formatted = Format(file);
  if (!formatted.ok()) unlink(file.path.c_str());
  return formatted;
}

absl::Status MountPoolFile(const PoolFile& file) {
  if (!fs::exists(file.path)) {
    return absl::NotFoundError(
        absl::StrCat("there is no ", file.path, "; make it with --init-pool"));
  }
  if (file.backend == "zfs") {
    DROVER_ASSIGN_OR_RETURN(bool imported, IsZpool(file.name));
    if (imported) return absl::OkStatus();
    const std::string folder = fs::absolute(file.path).parent_path();
    return RunChecked({"zpool", "import", "-d", folder, file.name}).status();
  }
  DROVER_ASSIGN_OR_RETURN(bool mounted, IsMountPoint(file.mount_point));
  if (mounted) return BtrfsBackend::Create(file.mount_point).status();
  return MountBtrfs(file);
}

}  // namespace drover::volume
