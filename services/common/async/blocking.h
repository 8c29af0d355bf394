// Work that blocks (files, child processes, SQLite) is done on a pool, and its caller is resumed on
// the io thread.
#ifndef DROVER_SERVICES_COMMON_ASYNC_BLOCKING_H_
#define DROVER_SERVICES_COMMON_ASYNC_BLOCKING_H_

#include <boost/asio/thread_pool.hpp>
#include <type_traits>
#include <utility>

#include "services/common/async/task.h"

namespace drover {

using BlockingPool = boost::asio::thread_pool;

// Runs `work` on `pool` and answers its result (not void). It always runs to its end, cancelled or
// not. `work` must own what it uses, or use what outlives the coroutine.
template <class Work>
Task<std::invoke_result_t<Work>> RunBlocking(BlockingPool& pool, Work work) {
  using Result = std::invoke_result_t<Work>;
  auto start = [&pool, work = std::move(work)](Completion<Result> done) mutable {
    auto job = [work = std::move(work), done = std::move(done)]() mutable { done(work()); };
    boost::asio::post(pool, std::move(job));
  };
  co_return co_await AwaitCallback<Result>(std::move(start));
}

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_ASYNC_BLOCKING_H_
