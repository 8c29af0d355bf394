#include "services/config/values/name.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/config/yaml/excerpt.h"

namespace drover::config {
namespace {

constexpr size_t kMaxNameLength = 63;
constexpr size_t kMaxHostLength = 253;

bool ConsistsOf(absl::string_view text, absl::string_view punctuation) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return absl::ascii_isalnum(c) || punctuation.find(c) != absl::string_view::npos;
  });
}

absl::Status CheckContainerName(absl::string_view what, absl::string_view name) {
  if (!name.empty() && name.size() <= kMaxNameLength && absl::ascii_isalnum(name.front()) &&
      ConsistsOf(name, "_.-")) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("\"", Excerpt(name), "\" is not a name for ", what, "; allowed are up to ",
                   kMaxNameLength, " letters, digits, `_`, `.` and `-`, first a letter or digit"));
}

}  // namespace

absl::Status CheckApplicationName(absl::string_view name) {
  return CheckContainerName("an application", name);
}

absl::StatusOr<std::string> CheckedVolumeName(absl::string_view name) {
  absl::Status status = CheckContainerName("a volume", name);
  if (!status.ok()) return status;
  return std::string(name);
}

absl::StatusOr<std::string> CheckedLinkAlias(absl::string_view alias) {
  if (!alias.empty() && ConsistsOf(alias, "-_")) return std::string(alias);
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", Excerpt(alias), "\" is not an alias; allowed are letters, digits, `-` and `_`"));
}

absl::Status CheckNodeReference(absl::string_view node) {
  if (!node.empty() && node.size() <= kMaxHostLength && ConsistsOf(node, "-.")) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("\"", Excerpt(node),
                   "\" is not a node; allowed is a registered name, a host name or an address"));
}

}  // namespace drover::config
