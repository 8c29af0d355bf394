#include "services/volume/backend/mount_table.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "services/common/file/durable_file.h"

namespace drover::volume {
namespace {

// The kernel writes space, tab, newline and backslash as \ooo.
std::string Unescape(absl::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escaped = text[i] == '\\' && i + 3 < text.size();
    if (!escaped) {
      out += text[i];
      continue;
    }
    out +=
        static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + text[i + 3] - '0');
    i += 3;
  }
  return out;
}

int64_t Number(absl::string_view text) {
  int64_t number = 0;
  return absl::SimpleAtoi(text, &number) ? number : 0;
}

int64_t TagOf(absl::string_view name, std::vector<absl::string_view> tags) {
  for (absl::string_view tag : tags) {
    if (absl::ConsumePrefix(&tag, name)) return Number(tag);
  }
  return 0;
}

}  // namespace

std::vector<MountEntry> ParseMountInfo(absl::string_view text, int pid) {
  std::vector<MountEntry> mounts;
  for (absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    std::vector<absl::string_view> fields = absl::StrSplit(line, ' ');
    // A varying number of tags ends with a field "-".
    const auto dash = std::find(fields.begin(), fields.end(), "-");
    if (fields.size() < 10 || fields.end() - dash < 3) continue;
    mounts.push_back({.id = Number(fields[0]),
                      .parent = Number(fields[1]),
                      .device = std::string(fields[2]),
                      .root = Unescape(fields[3]),
                      .mount_point = Unescape(fields[4]),
                      .file_system = std::string(dash[1]),
                      .source = Unescape(dash[2]),
                      .peer_group = TagOf("shared:", {fields.begin() + 6, dash}),
                      .master = TagOf("master:", {fields.begin() + 6, dash}),
                      .pid = pid});
  }
  return mounts;
}

std::vector<MountEntry> MountsBeside(const std::vector<std::string>& paths,
                                     const std::vector<MountEntry>& all) {
  std::set<int64_t> at_paths, parents_at_paths;
  for (const MountEntry& mount : all) {
    const bool at_path = std::count(paths.begin(), paths.end(), mount.mount_point) > 0;
    if (!mount.own || !at_path) continue;
    at_paths.insert(mount.id);
    parents_at_paths.insert(mount.parent);
  }
  // Unmounting spreads to what is mounted in the same place on those that follow the parent.
  std::set<int64_t> groups;
  for (const MountEntry& mount : all) {
    const bool is_slot = at_paths.contains(mount.id) && parents_at_paths.contains(mount.id);
    if (is_slot && mount.peer_group != 0) groups.insert(mount.peer_group);
  }
  std::map<int64_t, std::string> followers;
  std::set<int64_t> parents;
  for (const MountEntry& mount : all) {
    parents.insert(mount.parent);
    const bool follows = groups.contains(mount.peer_group) || groups.contains(mount.master);
    if (follows) followers[mount.id] = mount.mount_point;
  }
  std::vector<MountEntry> beside;
  for (const MountEntry& mount : all) {
    const auto parent = followers.find(mount.parent);
    // The kernel leaves one alone on which something else is mounted.
    const bool goes_along = parent != followers.end() && parent->second == mount.mount_point &&
                            !parents.contains(mount.id);
    if (!at_paths.contains(mount.id) && !goes_along) beside.push_back(mount);
  }
  return beside;
}

absl::StatusOr<std::vector<MountEntry>> OwnMounts() {
  absl::StatusOr<std::string> text = ReadFile("/proc/self/mountinfo");
  if (!text.ok()) return text.status();
  std::vector<MountEntry> mounts = ParseMountInfo(*text, getpid());
  for (MountEntry& mount : mounts) mount.own = true;
  return mounts;
}

absl::StatusOr<std::vector<MountEntry>> MountsOfAllNamespaces() {
  std::vector<MountEntry> all;
  std::set<std::string> seen;
  std::error_code error;
  const std::string own = std::filesystem::read_symlink("/proc/self/ns/mnt", error);
  if (error) return absl::InternalError(absl::StrCat("cannot look at /proc: ", error.message()));
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    int pid = 0;
    if (!absl::SimpleAtoi(entry.path().filename().string(), &pid)) continue;
    // A process that ended meanwhile has no mounts; its namespace is found through another one, or
    // ended with it.
    std::error_code gone;
    const std::string ns = std::filesystem::read_symlink(entry.path() / "ns/mnt", gone);
    if (gone || seen.count(ns) > 0) continue;
    absl::StatusOr<std::string> text = ReadFile(entry.path() / "mountinfo");
    if (!text.ok() || text->empty()) continue;
    seen.insert(ns);
    for (MountEntry& mount : ParseMountInfo(*text, pid)) {
      mount.own = ns == own;
      all.push_back(std::move(mount));
    }
  }
  if (error) return absl::InternalError(absl::StrCat("cannot list /proc: ", error.message()));
  return all;
}

}  // namespace drover::volume
