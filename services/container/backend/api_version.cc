#include "services/container/backend/api_version.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/common/status/status_macros.h"

namespace drover::container {
namespace {

using Version = std::pair<int, int>;

// Mounts with propagation and the `wait` endpoint's conditions as we use them.
constexpr Version kOldest = {1, 40};
// The newest whose answers docker_json is tested with.
constexpr Version kNewest = {1, 52};

constexpr Version kOldestPodman = {4, 3};

// The first two numbers of it.
absl::StatusOr<Version> Parse(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, '.');
  Version version;
  if (parts.size() < 2 || !absl::SimpleAtoi(parts[0], &version.first) ||
      !absl::SimpleAtoi(parts[1], &version.second)) {
    return absl::InternalError(absl::StrCat("the container engine names its version `", text, "`"));
  }
  return version;
}

std::string Format(const Version& version) {
  return absl::StrCat(version.first, ".", version.second);
}

}  // namespace

absl::StatusOr<std::string> NegotiateApiVersion(const std::string& engine_oldest,
                                                const std::string& engine_newest) {
  DROVER_ASSIGN_OR_RETURN(const Version newest, Parse(engine_newest));
  Version oldest = kOldest;
  if (!engine_oldest.empty()) {
    DROVER_ASSIGN_OR_RETURN(oldest, Parse(engine_oldest));
  }
  if (newest < kOldest || oldest > kNewest) {
    return absl::FailedPreconditionError(
        absl::StrCat("the container engine speaks API ", Format(oldest), " to ", Format(newest),
                     "; Drover needs one of ", Format(kOldest), " to ", Format(kNewest)));
  }
  return Format(std::min(newest, kNewest));
}

absl::Status CheckPodmanVersion(const std::string& release) {
  DROVER_ASSIGN_OR_RETURN(const Version version, Parse(release));
  if (version >= kOldestPodman) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "Podman ", release, " is too old; Drover needs ", Format(kOldestPodman), " or newer"));
}

}  // namespace drover::container
