#include "services/config/values/image_reference.h"

#include <algorithm>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/config/yaml/excerpt.h"

namespace drover::config {
namespace {

constexpr size_t kMaxNameLength = 255;
constexpr size_t kMaxTagLength = 128;
constexpr size_t kMinDigestLength = 32;

bool IsLowerAlnum(char c) { return absl::ascii_islower(c) || absl::ascii_isdigit(c); }

template <class Predicate>
bool All(absl::string_view text, Predicate predicate) {
  return std::all_of(text.begin(), text.end(), predicate);
}

// Lower-case letters and digits, parted by one `.`, one or two `_`, or any number of `-`.
bool IsPathComponent(absl::string_view text) {
  if (text.empty() || !IsLowerAlnum(text.front()) || !IsLowerAlnum(text.back())) return false;
  for (size_t i = 0; i < text.size();) {
    if (IsLowerAlnum(text[i])) {
      ++i;
      continue;
    }
    size_t end = i;
    while (end < text.size() && text[end] == text[i]) ++end;
    const size_t run = end - i;
    const bool ok = text[i] == '-' || (text[i] == '.' && run == 1) || (text[i] == '_' && run <= 2);
    if (!ok || !IsLowerAlnum(text[end])) return false;
    i = end;
  }
  return true;
}

bool IsHostName(absl::string_view host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    return All(host.substr(1, host.size() - 2),
               [](char c) { return absl::ascii_isxdigit(c) || c == ':'; });
  }
  for (absl::string_view label : absl::StrSplit(host, '.')) {
    if (label.empty() || !absl::ascii_isalnum(label.front()) ||
        !absl::ascii_isalnum(label.back()) ||
        !All(label, [](char c) { return absl::ascii_isalnum(c) || c == '-'; })) {
      return false;
    }
  }
  return true;
}

// The first component is a host, and not a part of the name, as the engines decide it.
bool LooksLikeHost(absl::string_view component) {
  return component.find_first_of(".:[") != absl::string_view::npos || component == "localhost" ||
         !All(component, [](char c) { return !absl::ascii_isupper(c); });
}

bool IsHostAndPort(absl::string_view text) {
  const size_t bracket = text.rfind(']');
  const size_t colon = text.find(':', bracket == absl::string_view::npos ? 0 : bracket);
  if (colon == absl::string_view::npos) return IsHostName(text);
  const absl::string_view port = text.substr(colon + 1);
  int number = 0;
  return IsHostName(text.substr(0, colon)) && All(port, absl::ascii_isdigit) &&
         absl::SimpleAtoi(port, &number) && number >= 1 && number <= 65535;
}

bool IsName(absl::string_view name) {
  std::vector<absl::string_view> components = absl::StrSplit(name, '/');
  if (components.size() > 1 && LooksLikeHost(components.front())) {
    if (!IsHostAndPort(components.front())) return false;
    components.erase(components.begin());
  }
  return name.size() <= kMaxNameLength &&
         std::all_of(components.begin(), components.end(), IsPathComponent);
}

bool IsTag(absl::string_view tag) {
  return !tag.empty() && tag.size() <= kMaxTagLength && tag.front() != '.' && tag.front() != '-' &&
         All(tag,
             [](char c) { return absl::ascii_isalnum(c) || c == '_' || c == '.' || c == '-'; });
}

// ALGORITHM:HEX, the algorithm's parts joined by `+`, `.`, `-` or `_`.
bool IsDigest(absl::string_view digest) {
  const size_t colon = digest.find(':');
  if (colon == absl::string_view::npos) return false;
  for (absl::string_view part : absl::StrSplit(digest.substr(0, colon), absl::ByAnyChar("+.-_"))) {
    if (part.empty() || !absl::ascii_isalpha(part.front()) || !All(part, absl::ascii_isalnum)) {
      return false;
    }
  }
  const absl::string_view hex = digest.substr(colon + 1);
  return hex.size() >= kMinDigestLength && All(hex, absl::ascii_isxdigit);
}

absl::Status Refused(absl::string_view text, absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("\"", Excerpt(text), "\" is not an image reference: ", why,
                   "; allowed is [host[:port]/]name[:tag][@digest], the name in lower case"));
}

}  // namespace

absl::StatusOr<std::string> NormalizeImageReference(absl::string_view text) {
  absl::string_view rest = text;
  const size_t at = rest.find('@');
  const bool has_digest = at != absl::string_view::npos;
  if (has_digest) {
    if (!IsDigest(rest.substr(at + 1))) {
      return Refused(text, "what follows `@` is not a digest such as sha256:…");
    }
    rest = rest.substr(0, at);
  }
  // A colon before the last slash parts host and port.
  const size_t slash = rest.rfind('/');
  const size_t colon = rest.find(':', slash == absl::string_view::npos ? 0 : slash);
  const bool has_tag = colon != absl::string_view::npos;
  if (has_tag && !IsTag(rest.substr(colon + 1))) return Refused(text, "the tag is malformed");
  const absl::string_view name = rest.substr(0, colon);
  if (!IsName(name)) return Refused(text, "the name is malformed");
  return absl::StrCat(text, has_tag || has_digest ? "" : ":latest");
}

}  // namespace drover::config
