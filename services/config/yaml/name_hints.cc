#include "services/config/yaml/name_hints.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "services/config/yaml/near_word.h"

namespace drover::config {
namespace {

constexpr int kMostHints = 20;
constexpr size_t kMostListed = 20;

}  // namespace

NameHints::NameHints(std::vector<absl::string_view> names) : names_(std::move(names)) {}

std::string NameHints::For(absl::string_view unknown) {
  if (hints_given_ == kMostHints) return "";
  ++hints_given_;
  const std::optional<absl::string_view> meant = NearWord(unknown, names_);
  if (meant.has_value()) return absl::StrCat("; did you mean \"", *meant, "\"?");
  return absl::StrCat("; it has ", Listed());
}

std::string NameHints::Listed() const {
  if (names_.empty()) return "none";
  const auto first = absl::MakeConstSpan(names_).subspan(0, kMostListed);
  const size_t more = names_.size() - first.size();
  return absl::StrCat(absl::StrJoin(first, ", "),
                      more == 0 ? "" : absl::StrCat(" and ", more, " more"));
}

}  // namespace drover::config
