#include "cli/render/digest.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace drover::cli {
namespace {

constexpr absl::string_view kPrefix = "sha256:";
constexpr size_t kDigits = 12;

}  // namespace

std::string WithShortDigests(absl::string_view text) {
  std::string shortened;
  for (size_t at = text.find(kPrefix); at != text.npos; at = text.find(kPrefix)) {
    const size_t digits = at + kPrefix.size();
    size_t end = digits;
    while (end < text.size() && absl::ascii_isxdigit(text[end])) ++end;
    const bool is_long = end - digits > kDigits;
    absl::StrAppend(&shortened, text.substr(0, is_long ? digits + kDigits : end),
                    is_long ? "…" : "");
    text.remove_prefix(end);
  }
  return absl::StrCat(shortened, text);
}

}  // namespace drover::cli
