#include "cli/render/fit.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace drover::cli {
namespace {

constexpr absl::string_view kBehind = ",";
constexpr absl::string_view kBehindInWords = ",/:@";

bool BeginsCharacter(char c) { return (c & 0xc0) != 0x80; }

// How many bytes the first `width` columns of `text` are.
size_t BytesOf(absl::string_view text, size_t width) {
  size_t bytes = 0;
  for (; bytes < text.size(); ++bytes) {
    if (BeginsCharacter(text[bytes]) && width-- == 0) break;
  }
  return bytes;
}

// Of the first line.
size_t LineEnd(absl::string_view text, size_t width) {
  const size_t fits = BytesOf(text, width);
  if (fits == text.size()) return fits;
  auto may_end = [text](size_t end, absl::string_view behind) {
    return text[end] == ' ' || absl::StrContains(behind, text[end - 1]);
  };
  for (absl::string_view behind : {kBehind, kBehindInWords}) {
    for (size_t end = fits; end > 0; --end) {
      if (may_end(end, behind)) return end;
    }
  }
  size_t end = fits + 1;
  while (end < text.size() && !may_end(end, kBehindInWords)) ++end;
  return end;
}

}  // namespace

size_t Width(absl::string_view text) {
  return std::count_if(text.begin(), text.end(), &BeginsCharacter);
}

std::string Shortened(absl::string_view text, size_t width) {
  if (Width(text) <= width) return std::string(text);
  if (width == 0) return "";
  return absl::StrCat(text.substr(0, BytesOf(text, width - 1)), "…");
}

std::vector<std::string> Wrapped(absl::string_view text, size_t width) {
  std::vector<std::string> lines;
  do {
    const size_t end = LineEnd(text, width);
    lines.emplace_back(absl::StripTrailingAsciiWhitespace(text.substr(0, end)));
    text = absl::StripLeadingAsciiWhitespace(text.substr(end));
  } while (!text.empty());
  return lines;
}

size_t LeastWidth(absl::string_view text) {
  size_t least = 0;
  for (const std::string& word : Wrapped(text, 1)) least = std::max(least, Width(word));
  return least;
}

}  // namespace drover::cli
