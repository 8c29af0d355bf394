#include "testing/simulation/app_model.h"

#include "absl/strings/str_cat.h"

namespace drover::simulation {

void AppModel::Acknowledge(Version version) {
  if (!Holds(version, acknowledged_)) {
    world_.Fail(absl::StrCat("I2: ", name_.value(), " acknowledges ", version,
                             ", which has not all that it acknowledged before (", acknowledged_,
                             ")"));
  }
  acknowledged_ = version;
}

void AppModel::Started(const std::string& node, const ContainerId& container, Version serves) {
  world_.Trace(node, absl::StrCat(name_.value(), " runs, with ", serves, " of ", acknowledged_));
  for (const auto& [other, where] : running_) {
    if (other == container) continue;
    world_.Fail(absl::StrCat("I1: ", name_.value(), " runs on ", node, " and on ", where));
  }
  running_[container] = node;
  if (!Holds(serves, acknowledged_)) {
    world_.Fail(absl::StrCat("I2: ", name_.value(), " serves ", serves, " on ", node,
                             ", but had acknowledged ", acknowledged_));
  }
}

}  // namespace drover::simulation
