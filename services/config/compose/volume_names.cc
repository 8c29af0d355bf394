#include "services/config/compose/volume_names.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace drover::config {

VolumeNames::VolumeNames(std::optional<std::set<std::string>> declared)
    : declared_(std::move(declared)) {}

void VolumeNames::Claim(const Field& field, const std::string& name,
                        const Application& application) {
  if (!IsDeclared(name)) {
    field.Refuse(absl::StrCat("the volume \"", name,
                              "\" is not declared; add it to `volumes` at top level"));
  }
  const auto [claim, is_new] = claims_.emplace(name, application.name.value());
  if (is_new || claim->second == application.name.value()) return;
  field.Refuse(absl::StrCat("the volume \"", name, "\" is also \"", claim->second,
                            "\"'s; a volume belongs to one application, which it moves with"));
}

bool VolumeNames::IsFree(const std::string& name) const {
  return IsDeclared(name) && !claims_.contains(name);
}

bool VolumeNames::IsDeclared(const std::string& name) const {
  return !declared_.has_value() || declared_->contains(name);
}

}  // namespace drover::config
