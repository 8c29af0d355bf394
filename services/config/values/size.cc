#include "services/config/values/size.h"

#include <algorithm>
#include <limits>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/config/yaml/excerpt.h"

namespace drover::config {
namespace {

constexpr absl::string_view kUnits = "KMGT";

absl::Status Malformed(absl::string_view text) {
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", Excerpt(text),
      "\" is not a size; write digits and, if you like, one of K, M, G, T: 512M, 1.5G"));
}

bool AllDigits(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

// 0.DIGITS times 2^bits, rounded up, by doubling the decimal digits on paper.
unsigned __int128 ScaleFraction(absl::string_view digits, int bits) {
  std::string fraction(digits);
  unsigned __int128 whole = 0;
  for (int i = 0; i < bits; ++i) {
    int carry = 0;
    for (auto digit = fraction.rbegin(); digit != fraction.rend(); ++digit) {
      const int doubled = (*digit - '0') * 2 + carry;
      *digit = static_cast<char>('0' + doubled % 10);
      carry = doubled / 10;
    }
    whole = whole * 2 + carry;
  }
  const bool has_rest =
      std::any_of(fraction.begin(), fraction.end(), [](char digit) { return digit != '0'; });
  return whole + (has_rest ? 1 : 0);
}

}  // namespace

absl::StatusOr<int64_t> ParseSize(absl::string_view text) {
  constexpr unsigned __int128 kMax = std::numeric_limits<int64_t>::max();
  absl::string_view number = text;
  int bits = 0;
  if (!number.empty()) {
    const size_t unit = kUnits.find(absl::ascii_toupper(number.back()));
    if (unit != absl::string_view::npos) {
      bits = 10 * (static_cast<int>(unit) + 1);
      number.remove_suffix(1);
    }
  }
  const size_t point = number.find('.');
  const absl::string_view digits = number.substr(0, point);
  const absl::string_view fraction =
      point == absl::string_view::npos ? "0" : number.substr(point + 1);
  if (!AllDigits(digits) || !AllDigits(fraction)) return Malformed(text);

  unsigned __int128 whole = 0;
  for (char digit : digits) {
    whole = whole * 10 + (digit - '0');
    if (whole > kMax) break;
  }
  const unsigned __int128 bytes = (whole << bits) + ScaleFraction(fraction, bits);
  if (whole > kMax || bytes > kMax) {
    return absl::InvalidArgumentError(absl::StrCat(
        "\"", Excerpt(text), "\" is larger than any disk; at most 2^63 - 1 bytes are allowed"));
  }
  if (bytes == 0) return absl::InvalidArgumentError("a size must be larger than zero");
  return static_cast<int64_t>(bytes);
}

}  // namespace drover::config
