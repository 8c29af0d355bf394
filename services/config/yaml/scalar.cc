#include "services/config/yaml/scalar.h"

#include <algorithm>
#include <initializer_list>

#include "absl/strings/ascii.h"

namespace drover::config {
namespace {

bool IsOneOf(absl::string_view text, std::initializer_list<absl::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

// Takes a text apart from the left. (Regular expressions of the standard library recurse per
// character, and a scalar may be a megabyte.)
class Scanner {
 public:
  explicit Scanner(absl::string_view rest) : rest_(rest) {}

  bool AtEnd() const { return rest_.empty(); }

  bool TakeAnyOf(absl::string_view characters) {
    if (rest_.empty() || characters.find(rest_[0]) == absl::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // How many characters of `characters` it took, at most `limit`.
  size_t TakeWhile(absl::string_view characters, size_t limit = absl::string_view::npos) {
    size_t count = 0;
    while (count < limit && TakeAnyOf(characters)) ++count;
    return count;
  }

  // Digits from `least` to `most`.
  bool TakeDigits(size_t least, size_t most) {
    const size_t count = TakeWhile("0123456789", most);
    return count >= least;
  }

 private:
  absl::string_view rest_;
};

constexpr absl::string_view kDecimal = "0123456789_";

// 0x1F, 0b101, 0o17 and their digits' underscores.
bool IsPrefixedInteger(absl::string_view text) {
  Scanner scanner(text);
  scanner.TakeAnyOf("+-");
  if (!scanner.TakeAnyOf("0")) return false;
  size_t digits = 0;
  if (scanner.TakeAnyOf("xX")) {
    digits = scanner.TakeWhile("0123456789abcdefABCDEF_");
  } else if (scanner.TakeAnyOf("bB")) {
    digits = scanner.TakeWhile("01_");
  } else if (scanner.TakeAnyOf("oO")) {
    digits = scanner.TakeWhile("01234567_");
  }
  return digits > 0 && scanner.AtEnd();
}

// 12, 1_000, 1.5, .5, 1e3, 1.5E+10
bool IsDecimalNumber(absl::string_view text) {
  Scanner scanner(text);
  scanner.TakeAnyOf("+-");
  const bool starts_with_underscore = !text.empty() && text[0] == '_';
  size_t digits = scanner.TakeWhile(kDecimal);
  if (scanner.TakeAnyOf(".")) digits += scanner.TakeWhile(kDecimal);
  if (digits == 0 || starts_with_underscore) return false;
  if (scanner.TakeAnyOf("eE")) {
    scanner.TakeAnyOf("+-");
    if (!scanner.TakeDigits(1, absl::string_view::npos)) return false;
  }
  return scanner.AtEnd();
}

// 22:22, 1:30:00.5: numbers to the base of 60 in YAML 1.1. 8080:80 and 0:30 are none: each part but
// the first is less than 60, and the first of a whole number begins with no zero.
bool IsBase60Number(absl::string_view text) {
  Scanner scanner(text);
  scanner.TakeAnyOf("+-");
  const bool may_be_whole = scanner.TakeAnyOf("123456789");
  if (!may_be_whole && !scanner.TakeAnyOf("0")) return false;
  scanner.TakeWhile(kDecimal);
  int parts = 0;
  while (scanner.TakeAnyOf(":")) {
    const bool has_tens = scanner.TakeAnyOf("012345");
    if (!scanner.TakeDigits(1, 1) && !has_tens) return false;
    ++parts;
  }
  if (parts == 0) return false;
  const bool is_fraction = scanner.TakeAnyOf(".");
  if (is_fraction) scanner.TakeWhile(kDecimal);
  return (is_fraction || may_be_whole) && scanner.AtEnd();
}

// 2014-12-31, 2014-12-31T22:22:00Z, 2014-12-31 22:22:00.5 +01:00
bool IsTimestamp(absl::string_view text) {
  Scanner scanner(text);
  if (!scanner.TakeDigits(4, 4) || !scanner.TakeAnyOf("-") || !scanner.TakeDigits(1, 2) ||
      !scanner.TakeAnyOf("-") || !scanner.TakeDigits(1, 2)) {
    return false;
  }
  if (scanner.AtEnd()) return true;
  if (!scanner.TakeAnyOf("Tt") && scanner.TakeWhile(" \t") == 0) return false;
  if (!scanner.TakeDigits(1, 2) || !scanner.TakeAnyOf(":") || !scanner.TakeDigits(2, 2) ||
      !scanner.TakeAnyOf(":") || !scanner.TakeDigits(2, 2)) {
    return false;
  }
  if (scanner.TakeAnyOf(".")) scanner.TakeWhile("0123456789");
  scanner.TakeWhile(" \t");
  if (scanner.TakeAnyOf("Z") || scanner.AtEnd()) return scanner.AtEnd();
  if (!scanner.TakeAnyOf("+-") || !scanner.TakeDigits(1, 2)) return false;
  return scanner.AtEnd() || (scanner.TakeAnyOf(":") && scanner.TakeDigits(2, 2) && scanner.AtEnd());
}

bool IsSpecialFloat(absl::string_view text) {
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) text.remove_prefix(1);
  return IsOneOf(text, {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"});
}

}  // namespace

ScalarKind ClassifyPlainScalar(absl::string_view text) {
  if (IsOneOf(text, {"", "~", "null", "Null", "NULL"})) return ScalarKind::kNull;
  if (IsOneOf(text, {"yes", "Yes", "YES", "no", "No", "NO", "true", "True", "TRUE", "false",
                     "False", "FALSE", "on", "On", "ON", "off", "Off", "OFF"})) {
    return ScalarKind::kBoolean;
  }
  if (IsDecimalNumber(text) || IsPrefixedInteger(text) || IsSpecialFloat(text)) {
    return ScalarKind::kNumber;
  }
  if (IsBase60Number(text)) return ScalarKind::kBase60Number;
  if (IsTimestamp(text)) return ScalarKind::kTime;
  return ScalarKind::kString;
}

absl::string_view ScalarKindName(ScalarKind kind) {
  switch (kind) {
    case ScalarKind::kString:
      return "a string";
    case ScalarKind::kNull:
      return "null";
    case ScalarKind::kBoolean:
      return "a boolean";
    case ScalarKind::kNumber:
      return "a number";
    case ScalarKind::kBase60Number:
      return "a number to the base of 60";
    case ScalarKind::kTime:
      return "a time";
  }
  return "";
}

}  // namespace drover::config
