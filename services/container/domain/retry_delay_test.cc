#include "services/container/domain/retry_delay.h"

#include <gtest/gtest.h>

#include <climits>

namespace drover::container {
namespace {

TEST(RetryDelayTest, DoublesUpToTheLongest) {
  EXPECT_EQ(DelayAfter(1, absl::Seconds(5)), absl::Milliseconds(100));
  EXPECT_EQ(DelayAfter(2, absl::Seconds(5)), absl::Milliseconds(200));
  EXPECT_EQ(DelayAfter(6, absl::Seconds(5)), absl::Milliseconds(3200));
  EXPECT_EQ(DelayAfter(7, absl::Seconds(5)), absl::Seconds(5));
  EXPECT_EQ(DelayAfter(INT_MAX, absl::Minutes(1)), absl::Minutes(1));
}

}  // namespace
}  // namespace drover::container
