#include "services/config/compose/application_names.h"

#include "absl/strings/str_cat.h"
#include "services/config/yaml/excerpt.h"

namespace drover::config {

ApplicationNames::ApplicationNames(const std::set<std::string>& names)
    : names_(names), hints_({names.begin(), names.end()}) {}

absl::Status ApplicationNames::Check(absl::string_view name) {
  if (Contains(name)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("no application \"", Excerpt(name), "\" in this file", hints_.For(name)));
}

}  // namespace drover::config
