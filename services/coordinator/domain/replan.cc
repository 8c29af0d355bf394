#include "services/coordinator/domain/replan.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

namespace drover::coordinator {
namespace {

void Fail(Action& action, std::string error) {
  action.state = ActionState::kFailed;
  action.error = std::move(error);
}

// An application's actions end with the first one that fails; but of those that stop it on several
// nodes each stands for itself.
void FailWhatFollowsAFailure(std::vector<Action>& actions) {
  std::map<ApplicationName, std::string> errors;
  for (Action& action : actions) {
    const bool ends_all = action.state == ActionState::kFailed && action.kind != ActionKind::kStop;
    if (ends_all) errors.try_emplace(action.application, action.error);
    const auto failed = errors.find(action.application);
    if (!HasEnded(action) && failed != errors.end()) Fail(action, failed->second);
  }
}

void FailAll(std::vector<Action>& actions, absl::string_view why) {
  for (Action& action : actions) {
    if (HasEnded(action)) continue;
    const bool was_begun = action.state == ActionState::kRunning;
    Fail(action, absl::StrCat(was_begun ? "was interrupted by a restart of the coordinator"
                                        : "was not begun before the coordinator was restarted",
                              ", and cannot be planned again: ", why,
                              was_begun ? "; `drover status` shows what is so now" : ""));
  }
}

void AddProblems(const std::vector<std::string>& problems, DeploymentRecord& deployment) {
  std::vector<std::string>& all = deployment.problems;
  for (const std::string& problem : problems) {
    if (std::find(all.begin(), all.end(), problem) == all.end()) all.push_back(problem);
  }
}

}  // namespace

bool HasEnded(const Action& action) {
  return action.state == ActionState::kDone || action.state == ActionState::kFailed;
}

void Replan(const absl::StatusOr<Plan>& plan, DeploymentRecord& deployment) {
  FailWhatFollowsAFailure(deployment.actions);
  if (!plan.ok()) {
    FailAll(deployment.actions, plan.status().message());
    return;
  }
  std::set<ApplicationName> unfinished;
  std::vector<Action> actions;
  for (const Action& action : deployment.actions) {
    if (HasEnded(action)) {
      actions.push_back(action);
    } else {
      unfinished.insert(action.application);
    }
  }
  std::set<ApplicationName> planned;
  for (const Action& action : plan->actions) {
    if (!unfinished.contains(action.application)) continue;
    actions.push_back(action);
    planned.insert(action.application);
  }
  // Of a node that does not answer there is no drain: what was to be done there is not forgotten.
  for (Action& action : deployment.actions) {
    const bool is_lost = deployment.drain.has_value() && !plan->problems.empty() &&
                         !HasEnded(action) && !planned.contains(action.application);
    if (!is_lost) continue;
    Fail(action, absl::StrJoin(plan->problems, "; "));
    actions.push_back(std::move(action));
  }
  deployment.actions = std::move(actions);
  AddProblems(plan->problems, deployment);
}

}  // namespace drover::coordinator
