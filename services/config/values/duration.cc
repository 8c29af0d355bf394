#include "services/config/values/duration.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/config/yaml/excerpt.h"

namespace drover::config {
namespace {

// Abseil's own grammar also has signs, "inf", bare zeros and units below a millisecond.
bool UsesOnlyOurGrammar(absl::string_view text) {
  if (text.empty() || !absl::ascii_isdigit(text.front()) || absl::ascii_isdigit(text.back())) {
    return false;
  }
  const bool known_characters = std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isdigit(c) || c == '.' || c == 'h' || c == 'm' || c == 's';
  });
  return known_characters;
}

}  // namespace

absl::StatusOr<absl::Duration> ParseDuration(absl::string_view text) {
  absl::Duration duration;
  if (!UsesOnlyOurGrammar(text) || !absl::ParseDuration(text, &duration)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "\"", Excerpt(text), "\" is not a duration; write numbers with a unit: 500ms, 10s, 1m30s"));
  }
  if (duration < absl::Milliseconds(1) || duration > absl::Hours(30 * 24)) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", Excerpt(text), "\" is out of range; from 1ms to 720h are allowed"));
  }
  return duration;
}

}  // namespace drover::config
