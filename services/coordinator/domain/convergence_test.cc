#include "services/coordinator/domain/convergence.h"

#include <gtest/gtest.h>

namespace drover::coordinator {
namespace {

constexpr int64_t kMiB = 1 << 20;

Round Of(int64_t bytes, int milliseconds) {
  return Round{bytes, absl::Milliseconds(milliseconds), true};
}

TEST(ConvergenceTest, ASmallFirstRoundIsEnough) {
  EXPECT_FALSE(AnotherRoundPays({Of(20'000, 40)}));
}

TEST(ConvergenceTest, ALargeFirstRoundIsFollowedByAnother) {
  EXPECT_TRUE(AnotherRoundPays({Of(300 * kMiB, 2000)}));
}

TEST(ConvergenceTest, ASlowRoundIsFollowedByAnotherEvenIfItCarriedLittle) {
  // Right after a bulk copy the destination's write-back makes the next small round slow.
  EXPECT_TRUE(AnotherRoundPays({Of(300 * kMiB, 2000), Of(20'000, 1400)}));
  EXPECT_FALSE(AnotherRoundPays({Of(300 * kMiB, 2000), Of(20'000, 1400), Of(20'000, 40)}));
}

TEST(ConvergenceTest, StopsWhenRoundsNoLongerShrink) {
  EXPECT_FALSE(AnotherRoundPays({Of(300 * kMiB, 2000), Of(290 * kMiB, 1950)}));
}

TEST(ConvergenceTest, EndsAfterFiveRoundsInAnyCase) {
  EXPECT_TRUE(AnotherRoundPays(
      {Of(512 * kMiB, 8000), Of(256 * kMiB, 4000), Of(128 * kMiB, 2000), Of(64 * kMiB, 1000)}));
  EXPECT_FALSE(AnotherRoundPays({Of(512 * kMiB, 8000), Of(256 * kMiB, 4000), Of(128 * kMiB, 2000),
                                 Of(64 * kMiB, 1000), Of(32 * kMiB, 500)}));
}

}  // namespace
}  // namespace drover::coordinator
