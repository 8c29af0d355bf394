#include "cli/render/progress.h"

#include <gtest/gtest.h>

#include <sstream>

#include "cli/render/fit.h"

namespace drover::cli {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1700000000);

int Wide() { return 120; }

ProgressItem Copying(int64_t mebibytes) {
  return {"move redis", "copying, round 1", mebibytes << 20, 100 << 20, Color::kPlain};
}

TEST(ProgressTest, WritesALineForEachChangeInAPipe) {
  std::ostringstream out;
  Progress progress(out, /*is_terminal=*/false, Style(false), Wide);
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
  Progress progress(out, /*is_terminal=*/false, Style(false), Wide);
  for (int second = 0; second <= 20; ++second) {
    progress.Update({Copying(second * 2)}, kStart + absl::Seconds(second));
  }
  EXPECT_EQ(out.str(),
            "move redis: copying, round 1  0 B of 100 MiB\n"
            "move redis: copying, round 1  20 MiB of 100 MiB, 2.0 MiB/s, 40 s left\n"
            "move redis: copying, round 1  40 MiB of 100 MiB, 2.0 MiB/s, 30 s left\n");
}

TEST(ProgressTest, ShowsBytesOfWhichNobodyKnowsTheTotal) {
  std::ostringstream out;
  Progress progress(out, /*is_terminal=*/false, Style(false), Wide);
  for (int second = 0; second <= 20; ++second) {
    const int64_t bytes = int64_t{second} << 20;
    progress.Update({{"move redis", "copying redis:7", bytes}}, kStart + absl::Seconds(second));
  }
  EXPECT_EQ(out.str(),
            "move redis: copying redis:7\n"
            "move redis: copying redis:7  10 MiB, 1.0 MiB/s\n"
            "move redis: copying redis:7  20 MiB, 1.0 MiB/s\n");
}

TEST(ProgressTest, RedrawsItsLinesOnATerminal) {
  std::ostringstream out;
  Progress progress(out, /*is_terminal=*/true, Style(false), Wide);
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

// The row of the second update on a terminal of so many columns.
std::string RowIn(int columns, const ProgressItem& item) {
  std::ostringstream out;
  Progress progress(out, /*is_terminal=*/true, Style(false), [columns] { return columns; });
  ProgressItem before = item;
  before.done_bytes = 0;
  progress.Update({before}, kStart);
  out.str("");
  progress.Update({item}, kStart + absl::Seconds(5));
  const std::string cleared = "\033[1A\033[J";
  EXPECT_EQ(out.str().substr(0, cleared.size()), cleared);
  EXPECT_EQ(out.str().back(), '\n');
  std::string row = out.str().substr(cleared.size());
  row.pop_back();
  EXPECT_LE(Width(row), columns);
  return row;
}

TEST(ProgressTest, ARowFitsIntoTheTerminal) {
  ProgressItem item = Copying(50);
  item.title = "move redis-example from node1 to node2";
  EXPECT_EQ(
      RowIn(110, item),
      "move redis-example from node1 to node2: copying, round 1  [#####.....] 50 MiB of 100 MiB, "
      "10 MiB/s, 5.0 s left");
  EXPECT_EQ(
      RowIn(100, item),
      "move redis-example from node1 to node2: copying, round 1  50 MiB of 100 MiB, 10 MiB/s, "
      "5.0 s left");
  EXPECT_EQ(RowIn(80, item),
            "move redis-example f…: copying, round 1  50 MiB of 100 MiB, 10 MiB/s, 5.0 s left");
  EXPECT_EQ(RowIn(60, item), "move redis-example …: copying, round 1  50 MiB of 100 MiB, …");
  EXPECT_EQ(RowIn(10, item), "move redi…");
  for (int columns = 1; columns < 130; ++columns) RowIn(columns, item);
}

TEST(ProgressTest, ARowWithoutBytesFitsToo) {
  const ProgressItem item = {"move redis-example from node1 to node2", "waiting for its turn"};
  EXPECT_EQ(RowIn(60, item), "move redis-example from node1 to node2: waiting for its turn");
  EXPECT_EQ(RowIn(50, item), "move redis-example from nod…: waiting for its turn");
  EXPECT_EQ(RowIn(30, item), "move redis-example …: waiting…");
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
