#include "services/config/values/uuid.h"

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/config/yaml/excerpt.h"

namespace drover::config {

absl::StatusOr<std::string> NormalizeUuid(absl::string_view text) {
  constexpr absl::string_view kPattern = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  bool ok = text.size() == kPattern.size();
  for (size_t i = 0; ok && i < kPattern.size(); ++i) {
    ok = kPattern[i] == '-' ? text[i] == '-' : absl::ascii_isxdigit(text[i]);
  }
  if (ok) return absl::AsciiStrToLower(text);
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", Excerpt(text), "\" is not a UUID such as 123e4567-e89b-12d3-a456-426614174000"));
}

}  // namespace drover::config
