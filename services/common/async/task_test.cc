#include "services/common/async/task.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <thread>
#include <vector>

#include "services/common/async/async_mutex.h"
#include "services/common/async/blocking.h"

namespace drover {
namespace {

TEST(RunBlockingTest, WorksOnThePoolAndResumesOnTheExecutor) {
  boost::asio::io_context io;
  BlockingPool pool(1);
  std::thread::id worked, resumed;
  auto task = [&]() -> Task<> {
    auto work = [&] {
      worked = std::this_thread::get_id();
      return 7;
    };
    EXPECT_EQ(co_await RunBlocking(pool, work), 7);
    resumed = std::this_thread::get_id();
  };
  boost::asio::co_spawn(io, task, boost::asio::detached);
  io.run();
  EXPECT_EQ(resumed, std::this_thread::get_id());
  EXPECT_NE(worked, std::this_thread::get_id());
}

TEST(RunBlockingTest, WorksOnAnExecutorThatWasGiven) {
  boost::asio::io_context io;
  BlockingPool pool(io.get_executor());
  std::thread::id worked;
  auto task = [&]() -> Task<> {
    auto work = [&] {
      worked = std::this_thread::get_id();
      return 7;
    };
    EXPECT_EQ(co_await RunBlocking(pool, work), 7);
  };
  boost::asio::co_spawn(io, task, boost::asio::detached);
  io.run();
  pool.join();
  EXPECT_EQ(worked, std::this_thread::get_id());
}

TEST(AwaitCallbackTest, PostsEvenIfCompletedAtOnce) {
  boost::asio::io_context io;
  bool inside_start = false;
  auto task = [&]() -> Task<> {
    auto start = [&](Completion<int> done) {
      inside_start = true;
      done(3);
      inside_start = false;
    };
    EXPECT_EQ(co_await AwaitCallback<int>(start), 3);
    EXPECT_FALSE(inside_start);
  };
  boost::asio::co_spawn(io, task, boost::asio::detached);
  io.run();
}

Task<> Use(KeyedMutex& mutexes, std::string key, std::vector<int>& order, int number) {
  AsyncMutex::Lock lock = co_await mutexes.Acquire(key);
  order.push_back(number);
  co_await boost::asio::post(boost::asio::use_awaitable);
  order.push_back(number);
}

TEST(KeyedMutexTest, ServesEachKeyInTurn) {
  boost::asio::io_context io;
  KeyedMutex mutexes;
  std::vector<int> same, other;
  for (int i = 0; i < 3; ++i) {
    boost::asio::co_spawn(io, Use(mutexes, "a", same, i), boost::asio::detached);
  }
  boost::asio::co_spawn(io, Use(mutexes, "b", other, 9), boost::asio::detached);
  io.run();
  EXPECT_EQ(same, (std::vector<int>{0, 0, 1, 1, 2, 2}));
  EXPECT_EQ(other, (std::vector<int>{9, 9}));
}

}  // namespace
}  // namespace drover
