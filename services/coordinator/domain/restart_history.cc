#include "services/coordinator/domain/restart_history.h"

namespace drover::coordinator {
namespace {

constexpr size_t kNewest = 20;

}  // namespace

std::vector<absl::Duration> RestartsOf(const std::vector<const DeploymentRecord*>& deployments,
                                       const ApplicationName& application) {
  std::vector<absl::Duration> found;
  for (auto one = deployments.rbegin(); one != deployments.rend(); ++one) {
    for (const Action& action : (*one)->actions) {
      if (action.application != application || !action.interruption.has_value()) continue;
      found.push_back(*action.interruption);
      if (found.size() == kNewest) return found;
    }
  }
  return found;
}

}  // namespace drover::coordinator
