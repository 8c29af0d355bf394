#include "testing/lab/leaks.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/common/file/durable_file.h"
#include "testing/lab/lab_environment.h"

namespace drover::lab {
namespace {

namespace fs = std::filesystem;

// Files of /proc vanish while they are looked at: what cannot be read is empty.
std::string ReadOrEmpty(const std::string& path) { return ReadFile(path).value_or(""); }

std::vector<fs::path> Entries(const std::string& folder) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    entries.push_back(it->path());
  }
  return entries;
}

std::vector<pid_t> AllProcesses() {
  std::vector<pid_t> pids;
  for (const fs::path& entry : Entries("/proc")) {
    pid_t pid = 0;
    if (absl::SimpleAtoi(entry.filename().string(), &pid)) pids.push_back(pid);
  }
  return pids;
}

std::string ProcPath(pid_t pid, const char* file) { return absl::StrCat("/proc/", pid, "/", file); }

// This process and those above it.
std::set<pid_t> OwnAncestors() {
  std::set<pid_t> own;
  pid_t pid = getpid();
  while (pid > 0 && own.insert(pid).second) {
    const std::string stat = ReadOrEmpty(ProcPath(pid, "stat"));
    const size_t name_end = stat.rfind(')');
    if (name_end == std::string::npos) break;
    const std::vector<std::string> fields = absl::StrSplit(stat.substr(name_end + 2), ' ');
    if (fields.size() < 2 || !absl::SimpleAtoi(fields[1], &pid)) break;
  }
  return own;
}

bool RemoveGroup(const fs::path& group) {
  std::error_code error;
  for (const fs::path& entry : Entries(group.string())) {
    if (fs::is_directory(fs::symlink_status(entry, error))) RemoveGroup(entry);
  }
  return rmdir(group.c_str()) == 0;
}

}  // namespace

std::vector<std::string> LeftProcesses(const LabRecord& lab) {
  const std::string mark = absl::StrCat(kLabIdVariable, "=", lab.id);
  const std::set<pid_t> own = OwnAncestors();
  std::vector<std::string> left;
  for (pid_t pid : AllProcesses()) {
    const std::vector<std::string> environment =
        absl::StrSplit(ReadOrEmpty(ProcPath(pid, "environ")), '\0');
    if (own.contains(pid) || !IdentifyProcess(pid).ok() ||
        std::find(environment.begin(), environment.end(), mark) == environment.end()) {
      continue;
    }
    const std::string name = ReadOrEmpty(ProcPath(pid, "comm"));
    left.push_back(absl::StrCat("process ", pid, " (", absl::StripAsciiWhitespace(name), ")"));
  }
  return left;
}

std::vector<std::string> LeftMounts(const std::string& folder) {
  std::vector<std::string> left;
  std::set<std::string> seen_namespaces;
  for (pid_t pid : AllProcesses()) {
    std::error_code error;
    const std::string mount_namespace = fs::read_symlink(ProcPath(pid, "ns/mnt"), error).string();
    if (error || !seen_namespaces.insert(mount_namespace).second) continue;
    const std::vector<std::string> lines =
        absl::StrSplit(ReadOrEmpty(ProcPath(pid, "mountinfo")), '\n', absl::SkipEmpty());
    for (const std::string& line : lines) {
      const std::vector<std::string> fields = absl::StrSplit(line, ' ');
      constexpr size_t kRoot = 3, kMountPoint = 4;
      if (fields.size() <= kMountPoint) continue;
      if (absl::StartsWith(fields[kMountPoint], folder + "/") ||
          absl::StrContains(fields[kRoot] + "/", folder + "/")) {
        left.push_back(absl::StrCat("mount ", fields[kMountPoint], " of process ", pid));
      }
    }
  }
  return left;
}

std::vector<std::string> LeftLoopDevices(const std::string& folder) {
  std::vector<std::string> left;
  for (const fs::path& device : Entries("/sys/block")) {
    const std::string file = ReadOrEmpty((device / "loop/backing_file").string());
    if (absl::StartsWith(file, folder + "/")) {
      left.push_back(absl::StrCat("loop device /dev/", device.filename().string()));
    }
  }
  return left;
}

std::vector<std::string> ControlGroupFolders(const std::string& group) {
  const std::string top = "/sys/fs/cgroup";
  std::vector<std::string> candidates = {absl::StrCat(top, "/", group)};
  for (const fs::path& hierarchy : Entries(top)) {
    candidates.push_back(absl::StrCat(hierarchy.string(), "/", group));
  }
  std::vector<std::string> folders;
  std::error_code error;
  for (const std::string& candidate : candidates) {
    if (fs::is_directory(candidate, error)) folders.push_back(candidate);
  }
  return folders;
}

void RemoveEmptyControlGroup(const std::string& group) {
  for (const std::string& folder : ControlGroupFolders(group)) rmdir(folder.c_str());
}

bool RemoveControlGroups(const std::string& group) {
  bool removed = true;
  for (const std::string& folder : ControlGroupFolders(group)) removed &= RemoveGroup(folder);
  return removed;
}

}  // namespace drover::lab
