// Several coroutines at once, on the executor of the one that waits for them.
#ifndef DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_WHEN_ALL_H_
#define DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_WHEN_ALL_H_

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <deque>
#include <exception>
#include <memory>
#include <utility>
#include <vector>

#include "services/common/async/task.h"

namespace drover::coordinator {

// The results in the order of the tasks, once all have ended. A cancellation is passed on to each,
// and thrown here once they have ended, also if they made results of it; so is an exception.
template <class T>
Task<std::vector<T>> WhenAll(std::vector<Task<T>> tasks) {
  if (tasks.empty()) co_return std::vector<T>();
  struct State {
    std::vector<T> results;
    std::deque<boost::asio::cancellation_signal> signals;
    std::exception_ptr error;
    size_t left;
    Completion<bool> done;
  };
  auto executor = co_await boost::asio::this_coro::executor;
  auto state = std::make_shared<State>();
  state->results.resize(tasks.size());
  state->signals.resize(tasks.size());
  state->left = tasks.size();
  auto cancellation = co_await boost::asio::this_coro::cancellation_state;
  boost::asio::cancellation_slot slot = cancellation.slot();
  if (slot.is_connected()) {
    auto pass_on = [state](boost::asio::cancellation_type type) {
      for (boost::asio::cancellation_signal& signal : state->signals) signal.emit(type);
    };
    slot.assign(std::move(pass_on));
  }
  auto start = [state, executor, &tasks](Completion<bool> done) {
    state->done = std::move(done);
    for (size_t i = 0; i < tasks.size(); ++i) {
      auto on_end = [state, i](std::exception_ptr error, T result) {
        if (error != nullptr) state->error = error;
        state->results[i] = std::move(result);
        if (--state->left == 0) std::exchange(state->done, nullptr)(true);
      };
      auto bound = boost::asio::bind_cancellation_slot(state->signals[i].slot(), std::move(on_end));
      boost::asio::co_spawn(executor, std::move(tasks[i]), std::move(bound));
    }
  };
  co_await AwaitCallback<bool>(std::move(start));
  if (slot.is_connected()) slot.clear();
  if (state->error != nullptr) std::rethrow_exception(state->error);
  if (cancellation.cancelled() != boost::asio::cancellation_type::none) {
    throw boost::system::system_error(boost::asio::error::operation_aborted);
  }
  co_return std::move(state->results);
}

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_WHEN_ALL_H_
