#include "services/container/service/progress_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <vector>

namespace drover::container {
namespace {

using testing::ElementsAre;

// Takes each message only when the test lets it.
class SlowWriter : public ResponseWriter<int> {
 public:
  Task<bool> Write(int message) override {
    written.push_back(message);
    const uint64_t seen = taken.count();
    if (is_slow) co_await taken.Wait(seen);
    co_return !is_gone;
  }
  std::vector<int> written;
  ChangeSignal taken;
  bool is_slow = false;
  bool is_gone = false;
};

class ProgressQueueTest : public testing::Test {
 protected:
  // Begins to write what the work Puts.
  void Begin() {
    boost::asio::co_spawn(
        io_, queue_.WriteWhile(writer_, Work()),
        [this](std::exception_ptr, absl::StatusOr<int> value) { result_ = std::move(value); });
    Settle();
  }
  Task<absl::StatusOr<int>> Work() {
    co_await end_.Wait(0);
    co_return 42;
  }
  // Lets everything run that can.
  void Settle() {
    io_.restart();
    io_.poll();
  }

  boost::asio::io_context io_;
  ProgressQueue<int> queue_{io_.get_executor()};
  SlowWriter writer_;
  ChangeSignal end_;
  std::optional<absl::StatusOr<int>> result_;
};

TEST_F(ProgressQueueTest, WritesWhileTheWorkGoesOn) {
  Begin();
  queue_.Put(1);
  Settle();
  queue_.Put(2);
  Settle();
  EXPECT_THAT(writer_.written, ElementsAre(1, 2));
  EXPECT_FALSE(result_.has_value());
  end_.Notify();
  Settle();
  ASSERT_TRUE(result_.has_value());
  EXPECT_EQ(**result_, 42);
}

TEST_F(ProgressQueueTest, ASlowReaderGetsOnlyTheNewest) {
  writer_.is_slow = true;
  Begin();
  for (int message = 1; message <= 5; ++message) {
    queue_.Put(message);
    Settle();
  }
  EXPECT_THAT(writer_.written, ElementsAre(1));
  writer_.taken.Notify();
  Settle();
  EXPECT_THAT(writer_.written, ElementsAre(1, 5));
  writer_.taken.Notify();
  end_.Notify();
  Settle();
  EXPECT_TRUE(result_.has_value());
}

TEST_F(ProgressQueueTest, TheWorkRunsToItsEndAlthoughTheReaderIsGone) {
  writer_.is_gone = true;
  Begin();
  queue_.Put(1);
  Settle();
  EXPECT_FALSE(result_.has_value());
  end_.Notify();
  Settle();
  ASSERT_TRUE(result_.has_value());
  EXPECT_EQ(**result_, 42);
}

}  // namespace
}  // namespace drover::container
