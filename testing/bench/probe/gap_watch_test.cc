#include "testing/bench/probe/gap_watch.h"

#include <gtest/gtest.h>

namespace drover::bench {
namespace {

using std::chrono::milliseconds;

ProbeTime At(int ms) { return ProbeTime(milliseconds(ms)); }

TEST(GapWatchTest, TheFirstAnswerEndsNoGap) {
  GapWatch watch(milliseconds(5));
  EXPECT_FALSE(watch.Answered(At(1000)).has_value());
}

TEST(GapWatchTest, AnswersCloseToEachOtherLeaveNoGap) {
  GapWatch watch(milliseconds(5));
  watch.Answered(At(0));
  EXPECT_FALSE(watch.Answered(At(4)).has_value());
  EXPECT_FALSE(watch.Answered(At(8)).has_value());
}

TEST(GapWatchTest, AGapGoesFromTheLastAnswerToTheNext) {
  GapWatch watch(milliseconds(5));
  watch.Answered(At(0));
  watch.Answered(At(2));
  const std::optional<Gap> gap = watch.Answered(At(402));
  ASSERT_TRUE(gap.has_value());
  EXPECT_EQ(gap->from, At(2));
  EXPECT_EQ(gap->to, At(402));
  EXPECT_FALSE(watch.Answered(At(403)).has_value());
}

}  // namespace
}  // namespace drover::bench
