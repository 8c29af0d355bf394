#include "services/coordinator/domain/replan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace drover::coordinator {
namespace {

using ::testing::ElementsAre;

Action One(ActionKind kind, const std::string& application, ActionState state,
           const std::string& error = "") {
  Action action;
  action.kind = kind;
  action.application = ApplicationName(application);
  action.state = state;
  action.error = error;
  return action;
}

Action Pending(ActionKind kind, const std::string& application) {
  return One(kind, application, ActionState::kPending);
}

// "MOVE redis: FAILED no image"
std::vector<std::string> InWords(const std::vector<Action>& actions) {
  static const char* const kStates[] = {"PENDING", "RUNNING", "DONE", "FAILED"};
  std::vector<std::string> words;
  for (const Action& action : actions) {
    words.push_back(absl::StrCat(ActionKindName(action.kind), " ", action.application.value(), ": ",
                                 kStates[static_cast<int>(action.state)],
                                 action.error.empty() ? "" : " ", action.error));
  }
  return words;
}

class ReplanTest : public ::testing::Test {
 protected:
  DeploymentRecord deployment_;
  Plan plan_;
};

TEST_F(ReplanTest, WhatIsUnfinishedIsAsItIsPlannedNow) {
  deployment_.actions = {One(ActionKind::kCreate, "a", ActionState::kDone),
                         One(ActionKind::kCreate, "b", ActionState::kRunning),
                         Pending(ActionKind::kMove, "c")};
  plan_.actions = {Pending(ActionKind::kStart, "b"), Pending(ActionKind::kRestart, "d")};
  Replan(plan_, deployment_);
  // c is as asked by now; d was not to be touched.
  EXPECT_THAT(InWords(deployment_.actions), ElementsAre("CREATE a: DONE", "START b: PENDING"));
}

TEST_F(ReplanTest, WhatHasFailedIsNotTriedAgain) {
  deployment_.actions = {One(ActionKind::kMove, "redis", ActionState::kFailed, "not ready"),
                         Pending(ActionKind::kResize, "redis")};
  plan_.actions = {Pending(ActionKind::kMove, "redis"), Pending(ActionKind::kResize, "redis")};
  Replan(plan_, deployment_);
  EXPECT_THAT(InWords(deployment_.actions),
              ElementsAre("MOVE redis: FAILED not ready", "RESIZE redis: FAILED not ready"));
}

TEST_F(ReplanTest, WhatStopsItOnAnotherNodeIsDone) {
  deployment_.actions = {One(ActionKind::kStop, "redis", ActionState::kFailed, "node1 is silent"),
                         Pending(ActionKind::kStop, "redis")};
  plan_.actions = {Pending(ActionKind::kStop, "redis")};
  Replan(plan_, deployment_);
  EXPECT_THAT(InWords(deployment_.actions),
              ElementsAre("STOP redis: FAILED node1 is silent", "STOP redis: PENDING"));
}

TEST_F(ReplanTest, WithoutAPlanNothingIsDoneByAnOldOne) {
  deployment_.actions = {One(ActionKind::kCreate, "a", ActionState::kDone),
                         Pending(ActionKind::kCreate, "b"),
                         One(ActionKind::kRestart, "c", ActionState::kRunning)};
  Replan(absl::InvalidArgumentError("no node `n` is registered"), deployment_);
  EXPECT_THAT(InWords(deployment_.actions),
              ElementsAre("CREATE a: DONE",
                          "CREATE b: FAILED was not begun before the coordinator was restarted, "
                          "and cannot be planned again: no node `n` is registered",
                          "RESTART c: FAILED was interrupted by a restart of the coordinator, and "
                          "cannot be planned again: no node `n` is registered; `drover status` "
                          "shows what is so now"));
}

TEST_F(ReplanTest, ProblemsStay) {
  deployment_.problems = {"node2 did not answer"};
  plan_.problems = {"node3 does not answer", "node2 did not answer"};
  Replan(plan_, deployment_);
  EXPECT_THAT(deployment_.problems, ElementsAre("node2 did not answer", "node3 does not answer"));
}

TEST_F(ReplanTest, ADrainForgetsNothingOfANodeThatIsSilent) {
  deployment_.drain = Drain();
  deployment_.actions = {Pending(ActionKind::kMove, "redis")};
  plan_.problems = {"node1 does not answer"};
  Replan(plan_, deployment_);
  EXPECT_THAT(InWords(deployment_.actions),
              ElementsAre("MOVE redis: FAILED node1 does not answer"));
}

}  // namespace
}  // namespace drover::coordinator
