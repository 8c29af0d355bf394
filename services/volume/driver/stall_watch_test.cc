#include "services/volume/driver/stall_watch.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <optional>

namespace drover::volume {
namespace {

TEST(StallWatchTest, SaysOnceThatNothingGoesOn) {
  boost::asio::io_context io;
  int stalls = 0;
  StallWatch watch(io.get_executor(), absl::Milliseconds(5), [&stalls] { ++stalls; });
  EXPECT_FALSE(watch.stalled());
  io.run();
  EXPECT_TRUE(watch.stalled());
  EXPECT_EQ(stalls, 1);
}

TEST(StallWatchTest, ProgressPutsItOff) {
  boost::asio::io_context io;
  StallWatch watch(io.get_executor(), absl::Milliseconds(200), [] {});
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(500);
  while (std::chrono::steady_clock::now() < end) {
    watch.Progress();
    io.poll();
  }
  EXPECT_FALSE(watch.stalled());
}

TEST(StallWatchTest, ALongerLimitHoldsFromThenOn) {
  boost::asio::io_context io;
  StallWatch watch(io.get_executor(), absl::Milliseconds(1), [] {});
  watch.Allow(absl::Hours(1));
  io.run_one();
  EXPECT_FALSE(watch.stalled());
}

TEST(StallWatchTest, IsSilentAfterItsEnd) {
  boost::asio::io_context io;
  {
    std::optional<StallWatch> watch;
    watch.emplace(io.get_executor(), absl::ZeroDuration(), [] { FAIL(); });
  }
  io.run();
}

}  // namespace
}  // namespace drover::volume
