// Work that blocks (files, child processes, SQLite) is done on a pool, and its caller is resumed on
// the io thread.
#ifndef DROVER_SERVICES_COMMON_ASYNC_BLOCKING_H_
#define DROVER_SERVICES_COMMON_ASYNC_BLOCKING_H_

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>

#include "services/common/async/task.h"

namespace drover {

// Where blocking work runs: on threads of its own, or, where nothing really blocks and all must
// happen in one order (a simulation), on an executor that it is given.
class BlockingPool {
 public:
  explicit BlockingPool(size_t threads) : threads_(threads), executor_(threads_->get_executor()) {}
  // Makes no threads. The executor's context must outlive the work.
  explicit BlockingPool(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  const boost::asio::any_io_executor& executor() const { return executor_; }

  // Waits until the threads have done all that they were given; none comes after it. With an
  // executor that was given there is nothing to wait for: its owner runs it.
  void join() {
    if (threads_.has_value()) threads_->join();
  }

 private:
  std::optional<boost::asio::thread_pool> threads_;
  const boost::asio::any_io_executor executor_;
};

// Runs `work` on `pool` and answers its result (not void). It always runs to its end, cancelled or
// not. `work` must own what it uses, or use what outlives the coroutine.
template <class Work>
Task<std::invoke_result_t<Work>> RunBlocking(BlockingPool& pool, Work work) {
  using Result = std::invoke_result_t<Work>;
  auto start = [&pool, work = std::move(work)](Completion<Result> done) mutable {
    auto job = [work = std::move(work), done = std::move(done)]() mutable { done(work()); };
    boost::asio::post(pool.executor(), std::move(job));
  };
  co_return co_await AwaitCallback<Result>(std::move(start));
}

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_ASYNC_BLOCKING_H_
