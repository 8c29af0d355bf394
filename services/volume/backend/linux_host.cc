#include "services/volume/backend/linux_host.h"

#include <sys/mount.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/common/failpoint/failpoint.h"
#include "services/common/file/durable_file.h"
#include "services/common/status/status_macros.h"
#include "services/volume/backend/errno_status.h"
#include "services/volume/backend/pool_layout.h"
#include "services/volume/backend/slot_mount.h"

namespace drover::volume {
namespace {

namespace fs = std::filesystem;

// Whether a process is in the control group `folder` or below it. A folder that vanishes meanwhile
// was empty: the kernel removes no other.
absl::StatusOr<bool> HasProcesses(const std::string& folder) {
  std::error_code gone;
  if (!fs::is_directory(folder, gone)) return false;
  absl::StatusOr<std::string> processes = ReadFile(folder + "/cgroup.procs");
  if (!processes.ok() && !absl::IsNotFound(processes.status()) && fs::exists(folder, gone)) {
    return processes.status();
  }
  if (processes.ok() && !processes->empty()) return true;
  for (const auto& entry : fs::directory_iterator(folder, gone)) {
    if (!entry.is_directory(gone) || entry.is_symlink(gone)) continue;
    DROVER_ASSIGN_OR_RETURN(bool found, HasProcesses(entry.path()));
    if (found) return true;
  }
  return false;
}

// Where the control groups' paths lie in each mounted hierarchy.
absl::StatusOr<std::vector<std::string>> FoldersOf(const std::string& cgroup) {
  DROVER_ASSIGN_OR_RETURN(std::vector<MountEntry> mounts, OwnMounts());
  std::vector<std::string> folders;
  bool any_hierarchy = false;
  for (const MountEntry& mount : mounts) {
    if (mount.file_system != "cgroup" && mount.file_system != "cgroup2") continue;
    any_hierarchy = true;
    for (absl::string_view path : absl::StrSplit(cgroup, '\n', absl::SkipEmpty())) {
      folders.push_back(absl::StrCat(mount.mount_point, path));
    }
  }
  if (any_hierarchy) return folders;
  return absl::FailedPreconditionError(
      "no cgroup file system is mounted, so nothing can be proved dead; mount /sys/fs/cgroup");
}

}  // namespace

std::string CgroupPathsNaming(const std::string& text, const std::string& container_id) {
  std::set<std::string> paths;
  for (absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    // HIERARCHY:CONTROLLERS:PATH
    const std::vector<absl::string_view> fields = absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (fields.size() == 3 && absl::StrContains(fields[2], container_id)) {
      paths.emplace(fields[2]);
    }
  }
  return absl::StrJoin(paths, "\n");
}

absl::Status LinuxHost::MakeSlot(const std::string& path) {
  return BetweenFailpoints({"volume.slot.make"}, [&] { return Make(path); });
}

absl::Status LinuxHost::RemoveSlot(const std::string& path) {
  return BetweenFailpoints({"volume.slot.remove"}, [&]() -> absl::Status {
    if (IsSlot(path)) DROVER_RETURN_IF_ERROR(PlainUnmount(path));
    return RemoveEmptyFolder(path);
  });
}

absl::Status LinuxHost::Make(const std::string& path) {
  DROVER_RETURN_IF_ERROR(MakeFolders(path));
  if (IsSlot(path)) return absl::OkStatus();
  // A few kilobytes at most: nothing can be written.
  if (mount("drover-slot", path.c_str(), "tmpfs", MS_RDONLY | MS_NODEV | MS_NOSUID,
            "size=64k,mode=0755") != 0) {
    return ErrnoStatus(absl::StrCat("cannot make the slot ", path));
  }
  if (mount(nullptr, path.c_str(), nullptr, MS_SHARED, nullptr) != 0) {
    return ErrnoStatus(absl::StrCat("cannot share the slot ", path));
  }
  return absl::OkStatus();
}

bool LinuxHost::IsSlot(const std::string& path) {
  absl::StatusOr<std::vector<MountEntry>> mounts = OwnMounts();
  return mounts.ok() && std::any_of(mounts->begin(), mounts->end(), [&](const MountEntry& one) {
           return one.mount_point == path && one.source == "drover-slot";
         });
}

absl::StatusOr<FolderIdentity> LinuxHost::Identify(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0) return ErrnoStatus(absl::StrCat("cannot look at ", path));
  return FolderIdentity{.device = info.st_dev, .inode = info.st_ino};
}

absl::StatusOr<std::string> LinuxHost::CgroupOf(int pid, const std::string& container_id) {
  DROVER_ASSIGN_OR_RETURN(std::string text, ReadFile(absl::StrCat("/proc/", pid, "/cgroup")));
  std::string paths = CgroupPathsNaming(text, container_id);
  if (!paths.empty()) return paths;
  return absl::FailedPreconditionError(
      absl::StrCat("process ", pid, " is not in the control group of container ", container_id));
}

absl::StatusOr<bool> LinuxHost::SeesInCgroup(int pid, const std::string& cgroup) {
  DROVER_ASSIGN_OR_RETURN(std::vector<std::string> folders, FoldersOf(cgroup));
  for (const std::string& folder : folders) {
    absl::StatusOr<std::string> processes = ReadFile(folder + "/cgroup.procs");
    if (!processes.ok()) continue;
    const std::vector<absl::string_view> lines = absl::StrSplit(*processes, '\n');
    if (std::count(lines.begin(), lines.end(), absl::StrCat(pid)) > 0) return true;
  }
  return false;
}

absl::StatusOr<bool> LinuxHost::IsCgroupEmpty(const std::string& cgroup) {
  DROVER_ASSIGN_OR_RETURN(std::vector<std::string> folders, FoldersOf(cgroup));
  for (const std::string& folder : folders) {
    DROVER_ASSIGN_OR_RETURN(bool found, HasProcesses(folder));
    if (found) return false;
  }
  return true;
}

absl::StatusOr<std::vector<MountEntry>> LinuxHost::AllMounts() { return MountsOfAllNamespaces(); }

}  // namespace drover::volume
