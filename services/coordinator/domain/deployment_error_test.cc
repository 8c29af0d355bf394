#include "services/coordinator/domain/deployment_error.h"

#include <gtest/gtest.h>

namespace drover::coordinator {
namespace {

Action Failed(const std::string& application, const std::string& error) {
  Action action;
  action.application = ApplicationName(application);
  action.state = ActionState::kFailed;
  action.error = error;
  return action;
}

TEST(DeploymentErrorTest, NamesTheApplicationUnlessTheErrorDoes) {
  EXPECT_EQ(DeploymentError({"node3 does not answer"},
                            {Failed("redis", "redis does not start"), Failed("web", "no image")}),
            "node3 does not answer; redis does not start; web: no image");
}

TEST(DeploymentErrorTest, SaysAReasonOnceForAllThatItIsAbout) {
  EXPECT_EQ(DeploymentError({}, {Failed("redis", "it was ended"), Failed("web", "no image"),
                                 Failed("sql", "it was ended")}),
            "redis, sql: it was ended; web: no image");
}

TEST(DeploymentErrorTest, IsEmptyIfNothingFailed) {
  Action done;
  done.state = ActionState::kDone;
  EXPECT_EQ(DeploymentError({}, {done}), "");
}

}  // namespace
}  // namespace drover::coordinator
