#include "services/container/domain/restart_policy.h"

#include <gtest/gtest.h>

namespace drover::container {
namespace {

constexpr RestartPolicy kAlways = {RestartPolicy::Mode::kAlways};
constexpr RestartPolicy kTwice = {RestartPolicy::Mode::kOnFailure, 2};

Ending Failed(int restarts, absl::Duration lifetime = absl::Seconds(1)) {
  return {.exit_code = 1, .lifetime = lifetime, .restarts = restarts};
}

TEST(DecideRestartTest, NeverMeansNever) {
  EXPECT_FALSE(DecideRestart(RestartPolicy(), Failed(0)).has_value());
}

TEST(DecideRestartTest, BacksOff) {
  EXPECT_EQ(DecideRestart(kAlways, Failed(0))->delay, absl::Milliseconds(100));
  EXPECT_EQ(DecideRestart(kAlways, Failed(3))->delay, absl::Milliseconds(800));
  EXPECT_EQ(DecideRestart(kAlways, Failed(1000))->delay, absl::Minutes(1));
  EXPECT_EQ(DecideRestart(kAlways, Failed(3))->restarts, 4);
}

TEST(DecideRestartTest, AHealthyLifeEndsARow) {
  const Restart restart = *DecideRestart(kTwice, Failed(2, absl::Minutes(5)));
  EXPECT_EQ(restart.delay, absl::Milliseconds(100));
  EXPECT_EQ(restart.restarts, 1);
}

TEST(DecideRestartTest, OnFailureCountsAndWantsAFailure) {
  EXPECT_TRUE(DecideRestart(kTwice, Failed(1)).has_value());
  EXPECT_FALSE(DecideRestart(kTwice, Failed(2)).has_value());
  EXPECT_FALSE(DecideRestart(kTwice, {.exit_code = 0}).has_value());
  EXPECT_TRUE(DecideRestart({RestartPolicy::Mode::kOnFailure, 0}, Failed(9)).has_value());
  EXPECT_TRUE(DecideRestart(kAlways, {.exit_code = 0}).has_value());
}

}  // namespace
}  // namespace drover::container
