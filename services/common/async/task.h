// The coroutine type of all asynchronous code, and the one bridge from callbacks to it.
#ifndef DROVER_SERVICES_COMMON_ASYNC_TASK_H_
#define DROVER_SERVICES_COMMON_ASYNC_TASK_H_

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <memory>
#include <utility>

namespace drover {

// A coroutine that runs on one executor (the daemon's io thread). Parameters are taken by value.
template <class T = void>
using Task = boost::asio::awaitable<T>;

// Completes one AwaitCallback. Copyable; call it exactly once, from any thread.
template <class T>
using Completion = std::function<void(T)>;

// Suspends the calling coroutine until `start`'s completion is called, and resumes it on its own
// executor: always by a post, since gRPC may call back on the thread that started the operation.
// Keeps the executor's context running meanwhile. A cancellation of the coroutine does not end the
// wait: whoever completes it decides.
template <class T, class Start>
Task<T> AwaitCallback(Start start) {
  auto initiate = [start = std::move(start)](auto&& handler) mutable {
    using Handler = std::decay_t<decltype(handler)>;
    auto executor = boost::asio::get_associated_executor(handler);
    auto guard = std::make_shared<decltype(boost::asio::make_work_guard(executor))>(executor);
    auto shared = std::make_shared<Handler>(std::forward<decltype(handler)>(handler));
    Completion<T> completion = [executor, guard, shared](T value) {
      auto resume = [guard, shared, value = std::move(value)]() mutable {
        guard->reset();
        std::move (*shared)(std::move(value));
      };
      boost::asio::post(executor, std::move(resume));
    };
    start(std::move(completion));
  };
  co_return co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(T)>(
      std::move(initiate), boost::asio::use_awaitable);
}

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_ASYNC_TASK_H_
