#include "cli/render/progress.h"

#include <gtest/gtest.h>

#include <sstream>

namespace drover::cli {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1700000000);

ProgressItem Copying(int64_t mebibytes) {
  return {"move redis", "copying, round 1", mebibytes << 20, 100 << 20, Color::kPlain};
}

TEST(ProgressTest, WritesALineForEachChangeInAPipe) {
  std::ostringstream out;
  Progress progress(out, /*is_terminal=*/false, Style(false));
  progress.Update({Copying(0)}, kStart);
  progress.Update({Copying(10)}, kStart + absl::Seconds(1));
  progress.Update({{"move redis", "done"}}, kStart + absl::Seconds(2));
  progress.Update({{"move redis", "done"}}, kStart + absl::Seconds(3));
  progress.Clear();
  EXPECT_EQ(out.str(),
            "move redis: copying, round 1  0 B of 100 MiB\n"
            "move redis: done\n");
}

TEST(ProgressTest, ShowsBytesNowAndThenInAPipe) {
  std::ostringstream out;
  Progress progress(out, /*is_terminal=*/false, Style(false));
  for (int second = 0; second <= 20; ++second) {
    progress.Update({Copying(second * 2)}, kStart + absl::Seconds(second));
  }
  EXPECT_EQ(out.str(),
            "move redis: copying, round 1  0 B of 100 MiB\n"
            "move redis: copying, round 1  20 MiB of 100 MiB, 2.0 MiB/s, 40 s left\n"
            "move redis: copying, round 1  40 MiB of 100 MiB, 2.0 MiB/s, 30 s left\n");
}

TEST(ProgressTest, RedrawsItsLinesOnATerminal) {
  std::ostringstream out;
  Progress progress(out, /*is_terminal=*/true, Style(false));
  progress.Update({Copying(0)}, kStart);
  progress.Update({Copying(50)}, kStart + absl::Seconds(5));
  progress.Clear();
  EXPECT_EQ(out.str(),
            "move redis: copying, round 1  [........................] 0 B of 100 MiB\n"
            "\033[1A\033[J"
            "move redis: copying, round 1  [############............] 50 MiB of 100 MiB, 10 MiB/s, "
            "5.0 s left\n"
            "\033[1A\033[J");
}

TEST(RateMeterTest, LooksAtTheLastSeconds) {
  RateMeter meter;
  EXPECT_EQ(meter.BytesPerSecond(), 0);
  meter.Add(kStart, 0);
  EXPECT_EQ(meter.BytesPerSecond(), 0);
  for (int second = 1; second <= 10; ++second) meter.Add(kStart + absl::Seconds(second), 1000);
  EXPECT_EQ(meter.BytesPerSecond(), 0);
}

TEST(RateMeterTest, StartsAnewWithEachRound) {
  RateMeter meter;
  meter.Add(kStart, 0);
  meter.Add(kStart + absl::Seconds(1), 1000);
  EXPECT_EQ(meter.BytesPerSecond(), 1000);
  meter.Add(kStart + absl::Seconds(2), 10);
  EXPECT_EQ(meter.BytesPerSecond(), 0);
}

}  // namespace
}  // namespace drover::cli
