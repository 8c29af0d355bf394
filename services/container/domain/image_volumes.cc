#include "services/container/domain/image_volumes.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "services/common/status/reason.h"

namespace drover::container {
namespace {

// Images write `/data/` as well as `/data`.
absl::string_view WithoutSlash(absl::string_view path) { return absl::StripSuffix(path, "/"); }

}  // namespace

absl::Status CheckImageVolumes(const std::vector<std::string>& declared,
                               const std::vector<std::string>& mountpoints) {
  for (const std::string& path : declared) {
    for (const std::string& mountpoint : mountpoints) {
      if (!absl::StartsWith(WithoutSlash(path), absl::StrCat(mountpoint, "/"))) continue;
      return StatusWithReason(
          absl::StatusCode::kFailedPrecondition, "NESTED_VOLUME",
          absl::StrCat("the image declares ", path, " as a VOLUME, which lies below the volume at ",
                       mountpoint,
                       ": what is written there would not be kept in it; build an "
                       "image without that VOLUME, or choose another mountpoint"));
    }
  }
  return absl::OkStatus();
}

std::vector<std::string> UnkeptPaths(const std::vector<std::string>& declared,
                                     const std::vector<std::string>& mountpoints) {
  std::vector<std::string> unkept;
  for (const std::string& path : declared) {
    const std::string place(WithoutSlash(path));
    if (std::find(mountpoints.begin(), mountpoints.end(), place) == mountpoints.end()) {
      unkept.push_back(place);
    }
  }
  std::sort(unkept.begin(), unkept.end());
  return unkept;
}

}  // namespace drover::container
