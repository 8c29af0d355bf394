#include "services/config/values/mountpoint.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/config/yaml/excerpt.h"

namespace drover::config {
namespace {

// The kernel's file systems, and where the gate is placed.
constexpr absl::string_view kReserved[] = {"/proc", "/sys", "/dev", "/.drover", "/.drover-gate"};

bool IsAtOrBelow(absl::string_view path, absl::string_view folder) {
  return path == folder || absl::StartsWith(path, absl::StrCat(folder, "/"));
}

}  // namespace

absl::StatusOr<std::string> NormalizeMountpoint(absl::string_view text) {
  if (!absl::StartsWith(text, "/")) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", Excerpt(text), "\" is not an absolute path; it must begin with `/`"));
  }
  if (std::any_of(text.begin(), text.end(), absl::ascii_iscntrl)) {
    return absl::InvalidArgumentError("a path must not contain control characters");
  }
  std::string path;
  for (absl::string_view component : absl::StrSplit(text, '/')) {
    if (component.empty() || component == ".") continue;
    if (component == "..") {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", Excerpt(text), "\" must not contain `..`"));
    }
    absl::StrAppend(&path, "/", component);
  }
  if (path.empty()) {
    return absl::InvalidArgumentError("`/` cannot be a volume; choose a folder below it");
  }
  for (absl::string_view reserved : kReserved) {
    if (IsAtOrBelow(path, reserved)) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", Excerpt(text), "\" cannot be a volume: ", reserved, " is reserved"));
    }
  }
  return path;
}

bool MountpointsOverlap(absl::string_view a, absl::string_view b) {
  return IsAtOrBelow(a, b) || IsAtOrBelow(b, a);
}

}  // namespace drover::config
