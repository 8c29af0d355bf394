// Wakes the coroutines that wait for a change of state.
#ifndef DROVER_SERVICES_CONTAINER_DRIVER_CHANGE_SIGNAL_H_
#define DROVER_SERVICES_CONTAINER_DRIVER_CHANGE_SIGNAL_H_

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>

#include "services/common/async/task.h"

namespace drover::container {

// Counts changes, so that a waiter that was busy misses none. Used on one executor.
class ChangeSignal {
 public:
  explicit ChangeSignal(boost::asio::any_io_executor executor)
      : timer_(executor, boost::asio::steady_timer::time_point::max()) {}

  uint64_t count() const { return count_; }

  void Notify() {
    ++count_;
    timer_.cancel();
  }

  // Returns once there were more than `seen` changes. Ends by a cancellation of the coroutine, too.
  Task<void> Wait(uint64_t seen) {
    while (count_ <= seen) {
      boost::system::error_code woken;
      co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, woken));
      const auto cancellation = co_await boost::asio::this_coro::cancellation_state;
      if (cancellation.cancelled() != boost::asio::cancellation_type::none) co_return;
    }
  }

 private:
  boost::asio::steady_timer timer_;  // Never expires: waiting ends by its cancellation.
  uint64_t count_ = 0;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_DRIVER_CHANGE_SIGNAL_H_
