#include "testing/lab/lab_paths.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace drover::lab {
namespace {

bool IsAllowed(char c) { return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-'; }

}  // namespace

absl::Status CheckLabName(const std::string& name) {
  if (!name.empty() && name.size() <= 20 && name[0] != '-' &&
      std::all_of(name.begin(), name.end(), IsAllowed)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "'", name, "' cannot name a lab: use up to 20 lower-case letters, digits and -"));
}

}  // namespace drover::lab
