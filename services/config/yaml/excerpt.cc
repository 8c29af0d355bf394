#include "services/config/yaml/excerpt.h"

#include "absl/strings/str_cat.h"

namespace drover::config {
namespace {

constexpr size_t kMostBytes = 100;

// UTF-8's bytes behind the first one of a character.
bool ContinuesCharacter(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

}  // namespace

std::string Excerpt(absl::string_view text) {
  if (text.size() <= kMostBytes) return std::string(text);
  size_t end = kMostBytes;
  while (end > 0 && ContinuesCharacter(text[end])) --end;
  return absl::StrCat(text.substr(0, end), "…");
}

}  // namespace drover::config
