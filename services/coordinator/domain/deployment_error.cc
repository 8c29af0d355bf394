#include "services/coordinator/domain/deployment_error.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace drover::coordinator {
namespace {

struct Reason {
  std::string error;
  std::vector<std::string> applications;
};

std::string InWords(const Reason& reason) {
  // Most errors name the application themselves.
  const bool is_named =
      reason.applications.size() == 1 && absl::StrContains(reason.error, reason.applications[0]);
  return is_named ? reason.error
                  : absl::StrCat(absl::StrJoin(reason.applications, ", "), ": ", reason.error);
}

}  // namespace

std::string DeploymentError(const std::vector<std::string>& problems,
                            const std::vector<Action>& actions) {
  std::vector<Reason> reasons;
  for (const Action& action : actions) {
    if (action.state != ActionState::kFailed) continue;
    const auto known = std::find_if(reasons.begin(), reasons.end(), [&](const Reason& reason) {
      return reason.error == action.error;
    });
    if (known == reasons.end()) {
      reasons.push_back({action.error, {action.application.value()}});
    } else {
      known->applications.push_back(action.application.value());
    }
  }
  std::vector<std::string> errors = problems;
  for (const Reason& reason : reasons) errors.push_back(InWords(reason));
  return absl::StrJoin(errors, "; ");
}

}  // namespace drover::coordinator
