// Wakes the coroutines that wait for a change of state.
#ifndef DROVER_SERVICES_COMMON_ASYNC_CHANGE_SIGNAL_H_
#define DROVER_SERVICES_COMMON_ASYNC_CHANGE_SIGNAL_H_

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <utility>

#include "absl/time/time.h"
#include "services/common/async/sleeper.h"
#include "services/common/async/task.h"

namespace drover {

// Counts changes, so that a waiter that was busy misses none, and a slow one sees only the newest
// state. Used on one executor. May go before its waiters: then they wait until they are cancelled.
class ChangeSignal {
 public:
  uint64_t count() const { return state_->count; }

  void Notify() { state_->Notify(); }

  // Returns once there were more than `seen` changes. Ends by a cancellation of the coroutine, too.
  Task<void> Wait(uint64_t seen) { return WaitFor(state_, seen); }

  // The same, but after `limit` it counts as a change that time has passed. `sleeper` must outlive
  // the executor's work.
  Task<void> WaitAtMost(uint64_t seen, absl::Duration limit, Sleeper& sleeper) {
    if (limit == absl::InfiniteDuration()) return WaitFor(state_, seen);
    return WaitFor(state_, seen, limit, sleeper);
  }

 private:
  struct State {
    void Notify() {
      ++count;
      for (const auto& [ticket, waiter] : waiters) waiter->cancel();
    }

    uint64_t count = 0;
    // In the order in which they came, so that they are woken in no other.
    std::map<uint64_t, boost::asio::steady_timer*> waiters;
    uint64_t tickets = 0;
  };

  // A timer that never expires: cancelling it wakes the waiter. Each waiter has its own, so that it
  // goes with the waiter's coroutine, and with the context that runs it.
  class Waiter {
   public:
    Waiter(std::shared_ptr<State> state, boost::asio::any_io_executor executor)
        : state_(std::move(state)),
          timer_(std::move(executor), boost::asio::steady_timer::time_point::max()) {
      state_->waiters.emplace(ticket_, &timer_);
    }
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    ~Waiter() { state_->waiters.erase(ticket_); }

    boost::asio::steady_timer& timer() { return timer_; }

   private:
    const std::shared_ptr<State> state_;
    const uint64_t ticket_ = state_->tickets++;
    boost::asio::steady_timer timer_;
  };

  static Task<void> WaitFor(std::shared_ptr<State> state, uint64_t seen) {
    if (state->count > seen) co_return;
    Waiter waiter(state, co_await boost::asio::this_coro::executor);
    while (state->count <= seen) {
      boost::system::error_code woken;
      co_await waiter.timer().async_wait(
          boost::asio::redirect_error(boost::asio::use_awaitable, woken));
      const auto cancellation = co_await boost::asio::this_coro::cancellation_state;
      if (cancellation.cancelled() != boost::asio::cancellation_type::none) co_return;
    }
  }

  static Task<void> WaitFor(std::shared_ptr<State> state, uint64_t seen, absl::Duration limit,
                            Sleeper& sleeper) {
    auto executor = co_await boost::asio::this_coro::executor;
    auto over = std::make_shared<boost::asio::cancellation_signal>();
    auto on_end = [over](std::exception_ptr) {};
    boost::asio::co_spawn(executor, NotifyAfter(state, limit, sleeper),
                          boost::asio::bind_cancellation_slot(over->slot(), std::move(on_end)));
    co_await WaitFor(state, seen);
    over->emit(boost::asio::cancellation_type::terminal);
  }

  static Task<void> NotifyAfter(std::shared_ptr<State> state, absl::Duration limit,
                                Sleeper& sleeper) {
    co_await sleeper.SleepFor(limit);
    const auto cancellation = co_await boost::asio::this_coro::cancellation_state;
    if (cancellation.cancelled() == boost::asio::cancellation_type::none) state->Notify();
  }

  const std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_ASYNC_CHANGE_SIGNAL_H_
