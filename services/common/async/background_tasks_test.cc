#include "services/common/async/background_tasks.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>

#include "services/common/async/change_signal.h"

namespace drover {
namespace {

Task<void> Count(ChangeSignal& signal, uint64_t seen, int& woken) {
  co_await signal.Wait(seen);
  ++woken;
}

TEST(ChangeSignalTest, WakesAllThatWait) {
  boost::asio::io_context io;
  ChangeSignal signal;
  int woken = 0;
  boost::asio::co_spawn(io, Count(signal, 0, woken), boost::asio::detached);
  boost::asio::co_spawn(io, Count(signal, 0, woken), boost::asio::detached);
  io.poll();
  EXPECT_EQ(woken, 0);
  signal.Notify();
  io.run();
  EXPECT_EQ(woken, 2);
}

TEST(ChangeSignalTest, AChangeMadeWhileTheWaiterWasBusyIsNotMissed) {
  boost::asio::io_context io;
  ChangeSignal signal;
  const uint64_t seen = signal.count();
  signal.Notify();
  int woken = 0;
  boost::asio::co_spawn(io, Count(signal, seen, woken), boost::asio::detached);
  io.run();
  EXPECT_EQ(woken, 1);
}

TEST(ChangeSignalTest, SignalAndContextMayGoInAnyOrderWithAWaiterLeft) {
  auto io = std::make_unique<boost::asio::io_context>();
  auto signal = std::make_unique<ChangeSignal>();
  int woken = 0;
  boost::asio::co_spawn(*io, Count(*signal, 0, woken), boost::asio::detached);
  io->poll();
  signal.reset();
  io.reset();

  io = std::make_unique<boost::asio::io_context>();
  signal = std::make_unique<ChangeSignal>();
  boost::asio::co_spawn(*io, Count(*signal, 0, woken), boost::asio::detached);
  io->poll();
  io.reset();
  signal->Notify();
  EXPECT_EQ(woken, 0);
}

TEST(BackgroundTasksTest, StopCancelsWhatWaitsAndAnswersWhenTheLastHasEnded) {
  boost::asio::io_context io;
  BackgroundTasks tasks(io.get_executor());
  ChangeSignal never;
  int ended = 0;
  tasks.Spawn("a task", Count(never, 0, ended));
  tasks.Spawn("another", [&]() -> Task<absl::Status> {
    co_await never.Wait(0);
    ++ended;
    co_return absl::UnknownError("cancelled");
  });
  io.poll();
  EXPECT_EQ(ended, 0);
  std::optional<int> ended_when_stopped;
  auto stop = [&]() -> Task<void> {
    co_await tasks.Stop();
    ended_when_stopped = ended;
  };
  boost::asio::co_spawn(io, stop, boost::asio::detached);
  io.run();
  EXPECT_EQ(ended_when_stopped, 2);
  EXPECT_TRUE(tasks.stopping());
}

TEST(BackgroundTasksTest, NothingBeginsAfterStop) {
  boost::asio::io_context io;
  BackgroundTasks tasks(io.get_executor());
  boost::asio::co_spawn(io, tasks.Stop(), boost::asio::detached);
  io.run();
  ChangeSignal signal;
  signal.Notify();
  int ran = 0;
  tasks.Spawn("late", Count(signal, 0, ran));
  io.restart();
  io.run();
  EXPECT_EQ(ran, 0);
}

}  // namespace
}  // namespace drover
