#include "services/volume/backend/mount_table.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
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

}  // namespace

std::vector<MountEntry> ParseMountInfo(absl::string_view text, int pid) {
  std::vector<MountEntry> mounts;
  for (absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    std::vector<absl::string_view> fields = absl::StrSplit(line, ' ');
    // A varying number of tags ends with a field "-".
    const auto dash = std::find(fields.begin(), fields.end(), "-");
    if (fields.size() < 10 || fields.end() - dash < 3) continue;
    mounts.push_back({.device = std::string(fields[2]),
                      .root = Unescape(fields[3]),
                      .mount_point = Unescape(fields[4]),
                      .file_system = std::string(dash[1]),
                      .source = Unescape(dash[2]),
                      .pid = pid});
  }
  return mounts;
}

absl::StatusOr<std::vector<MountEntry>> OwnMounts() {
  absl::StatusOr<std::string> text = ReadFile("/proc/self/mountinfo");
  if (!text.ok()) return text.status();
  return ParseMountInfo(*text, getpid());
}

absl::StatusOr<std::vector<MountEntry>> MountsOfAllNamespaces() {
  std::vector<MountEntry> all;
  std::set<std::string> seen;
  std::error_code error;
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
    for (MountEntry& mount : ParseMountInfo(*text, pid)) all.push_back(std::move(mount));
  }
  if (error) return absl::InternalError(absl::StrCat("cannot list /proc: ", error.message()));
  return all;
}

}  // namespace drover::volume
