#include "services/coordinator/domain/move_warning.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/coordinator/domain/unkept.h"

namespace drover::coordinator {
namespace {

// What it does instead of serving.
std::string State(const ContainerView* container) {
  if (container == nullptr) return "it has no container";
  switch (container->state) {
    case ContainerState::kStaging:
    case ContainerState::kGated:
      return "it waits at its gate";
    case ContainerState::kStarting:
      return "it is starting";
    case ContainerState::kExited:
      return container->container_id.empty() ? "it could not be started"
                                             : absl::StrCat("it ", HowItEnded(*container));
    case ContainerState::kReady:
      break;
  }
  return "";
}

}  // namespace

std::string NotReadyWarning(const ClusterView& view, const ApplicationName& name,
                            const NodeView& owner) {
  const auto record = view.applications.find(name);
  const bool should_run = record != view.applications.end() && record->second.running;
  if (!should_run || !owner.containers_known) return "";
  const std::string state = State(FindContainer(owner, name));
  if (state.empty()) return "";
  return absl::StrCat(name.value(), " is not ready on ", owner.name.value(), " now (", state,
                      "), and is moved as it is: it may not get ready elsewhere either; see "
                      "`drover logs ",
                      name.value(), "`");
}

std::vector<std::string> MoveWarnings(const ClusterView& view, const ApplicationName& name,
                                      const NodeView& owner) {
  std::vector<std::string> warnings;
  const ContainerView* container = FindContainer(owner, name);
  if (container != nullptr) warnings.push_back(UnkeptWarning(*container));
  warnings.push_back(NotReadyWarning(view, name, owner));
  std::erase(warnings, "");
  return warnings;
}

}  // namespace drover::coordinator
