#include "services/coordinator/orchestrator/when_all.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>

namespace drover::coordinator {
namespace {

using ::testing::ElementsAre;

// Says what became of its wait, and throws nothing: as a call whose status is its result.
Task<int> WaitForEver(int* woken) {
  auto executor = co_await boost::asio::this_coro::executor;
  boost::asio::steady_timer never(executor, boost::asio::steady_timer::time_point::max());
  boost::system::error_code cancelled;
  co_await never.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
  ++*woken;
  co_return -1;
}

Task<int> Answer(int answer) { co_return answer; }

class WhenAllTest : public ::testing::Test {
 protected:
  void Start(std::vector<Task<int>> tasks) {
    auto on_end = [this](std::exception_ptr error, std::vector<int> results) {
      error_ = error;
      results_ = std::move(results);
    };
    boost::asio::co_spawn(io_, WhenAll(std::move(tasks)),
                          boost::asio::bind_cancellation_slot(signal_.slot(), std::move(on_end)));
  }

  boost::asio::io_context io_{1};
  boost::asio::cancellation_signal signal_;
  std::exception_ptr error_;
  std::optional<std::vector<int>> results_;
};

TEST_F(WhenAllTest, AnswersInTheOrderOfTheTasks) {
  std::vector<Task<int>> tasks;
  for (int i = 0; i < 3; ++i) tasks.push_back(Answer(i));
  Start(std::move(tasks));
  io_.run();
  EXPECT_EQ(error_, nullptr);
  EXPECT_THAT(*results_, ElementsAre(0, 1, 2));
}

TEST_F(WhenAllTest, ACancellationEndsAllAndIsNoResult) {
  int woken = 0;
  std::vector<Task<int>> tasks;
  tasks.push_back(WaitForEver(&woken));
  tasks.push_back(Answer(1));
  tasks.push_back(WaitForEver(&woken));
  Start(std::move(tasks));
  io_.poll();
  EXPECT_FALSE(results_.has_value());
  signal_.emit(boost::asio::cancellation_type::terminal);
  io_.run();
  EXPECT_EQ(woken, 2);
  ASSERT_NE(error_, nullptr);
  EXPECT_THROW(std::rethrow_exception(error_), boost::system::system_error);
}

}  // namespace
}  // namespace drover::coordinator
