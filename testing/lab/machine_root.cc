#include "testing/lab/machine_root.h"

#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <set>

#include "absl/strings/str_cat.h"
#include "services/common/status/status_macros.h"

namespace drover::lab {
namespace {

namespace fs = std::filesystem;

// Where the new root is put together. Every Linux has it, and the new root covers it only in the
// machine's own mount namespace.
constexpr char kStage[] = "/mnt";

absl::Status Mount(const std::string& source, const std::string& target, const char* type,
                   unsigned long flags, const char* data = nullptr) {
  if (mount(source.c_str(), target.c_str(), type, flags, data) == 0) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, absl::StrCat("cannot mount ", source, " on ", target));
}

absl::Status MakeFolder(const std::string& path, mode_t mode = 0755) {
  if (mkdir(path.c_str(), mode) == 0 || errno == EEXIST) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, absl::StrCat("cannot make ", path));
}

absl::Status CopyTopLevelEntry(const fs::directory_entry& entry) {
  const std::string target = absl::StrCat(kStage, entry.path().string());
  std::error_code error;
  if (entry.is_symlink(error)) {
    fs::copy_symlink(entry.path(), target, error);
    if (!error) return absl::OkStatus();
    return absl::InternalError(absl::StrCat("cannot link ", target, ": ", error.message()));
  }
  if (!entry.is_directory(error)) return absl::OkStatus();
  DROVER_RETURN_IF_ERROR(MakeFolder(target));
  return Mount(entry.path().string(), target, nullptr, MS_BIND | MS_REC);
}

absl::Status BindHostFolders() {
  const std::set<std::string> own = {"/proc", "/sys", "/run", kStage};
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator("/", error)) {
    if (own.contains(entry.path().string())) continue;
    DROVER_RETURN_IF_ERROR(CopyTopLevelEntry(entry));
  }
  if (error) return absl::InternalError(absl::StrCat("cannot list /: ", error.message()));
  return absl::OkStatus();
}

absl::Status MountKernelFolders() {
  const std::string stage = kStage;
  for (const char* folder : {"/proc", "/sys", "/run", "/mnt"}) {
    DROVER_RETURN_IF_ERROR(MakeFolder(stage + folder));
  }
  DROVER_RETURN_IF_ERROR(Mount("proc", stage + "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC));
  DROVER_RETURN_IF_ERROR(Mount("sysfs", stage + "/sys", "sysfs", 0));
  DROVER_RETURN_IF_ERROR(
      Mount("/sys/fs/cgroup", stage + "/sys/fs/cgroup", nullptr, MS_BIND | MS_REC));
  DROVER_RETURN_IF_ERROR(Mount("tmpfs", stage + "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755"));
  DROVER_RETURN_IF_ERROR(MakeFolder(stage + "/run/lock", 0777));
  // Processes find each other there by name, as Podmans that share locks do.
  return Mount("tmpfs", stage + "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
}

absl::Status SwitchToStage() {
  if (chdir(kStage) != 0) return absl::ErrnoToStatus(errno, "cannot enter the new root");
  // "." twice stacks the old root on the new one, where it is unmounted without needing a folder.
  if (syscall(SYS_pivot_root, ".", ".") != 0) {
    return absl::ErrnoToStatus(errno, "cannot switch to the new root");
  }
  if (umount2(".", MNT_DETACH) != 0) return absl::ErrnoToStatus(errno, "cannot leave the old root");
  if (chdir("/") != 0) return absl::ErrnoToStatus(errno, "cannot enter /");
  return absl::OkStatus();
}

}  // namespace

absl::Status EnterMachineRoot(const MachineRootOptions& options) {
  DROVER_RETURN_IF_ERROR(Mount("none", "/", nullptr, MS_REC | MS_PRIVATE));
  DROVER_RETURN_IF_ERROR(Mount("tmpfs", kStage, "tmpfs", 0, "mode=755"));
  DROVER_RETURN_IF_ERROR(BindHostFolders());
  DROVER_RETURN_IF_ERROR(MountKernelFolders());
  for (const auto& [source, target] : options.binds) {
    DROVER_RETURN_IF_ERROR(Mount(source, kStage + target, nullptr, MS_BIND));
  }
  DROVER_RETURN_IF_ERROR(SwitchToStage());
  return Mount("none", "/", nullptr, MS_REC | MS_SHARED);
}

}  // namespace drover::lab
