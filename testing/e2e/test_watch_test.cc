#include "testing/e2e/test_watch.h"

#include <iostream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace drover::e2e {
namespace {

const testing::TestInfo& ThisTest() {
  return *testing::UnitTest::GetInstance()->current_test_info();
}

TEST(TestWatchTest, AStuckTestEndsTheProcessWithTheReport) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  auto hang = [] {
    TestWatch watch(
        absl::Milliseconds(1), [] { return "the state of the lab"; },
        [] { std::cerr << ", which is gone now"; });
    watch.OnTestStart(ThisTest());
    while (true) pause();
  };
  EXPECT_EXIT(hang(), testing::ExitedWithCode(1),
              "AStuckTest.* did not end within 1ms\nthe state of the lab, which is gone now");
}

TEST(TestWatchTest, ATestThatEndsInTimeIsLeftAlone) {
  testing::internal::CaptureStderr();
  {
    TestWatch watch(
        absl::Hours(1), [] { return "the state of the lab"; }, [] { FAIL(); });
    watch.OnTestStart(ThisTest());
    watch.OnTestEnd(ThisTest());
    watch.OnTestStart(ThisTest());
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace drover::e2e
