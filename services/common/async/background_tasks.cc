#include "services/common/async/background_tasks.h"

#include <glog/logging.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <memory>
#include <utility>

namespace drover {
namespace {

Task<absl::Status> AsFallible(std::shared_ptr<Task<void>> task) {
  co_await std::move(*task);
  co_return absl::OkStatus();
}

}  // namespace

void BackgroundTasks::Spawn(std::string what, std::function<Task<absl::Status>()> task) {
  if (stopping_) return;
  auto entry = running_.emplace(running_.end());
  auto done = [this, entry, what = std::move(what)](std::exception_ptr exception,
                                                    absl::Status status) {
    running_.erase(entry);
    ended_.Notify();
    if (exception != nullptr) {
      // Nothing of ours throws: but for the unwinding of a cancelled coroutine it is a bug.
      if (!stopping_) LOG(FATAL) << what << ": ended by an exception";
    } else if (!status.ok()) {
      LOG(WARNING) << what << ": " << status;
    }
  };
  boost::asio::co_spawn(executor_, std::move(task),
                        boost::asio::bind_cancellation_slot(entry->slot(), std::move(done)));
}

void BackgroundTasks::Spawn(std::string what, Task<void> task) {
  // Shared, since a std::function must be copyable; it runs once.
  auto shared = std::make_shared<Task<void>>(std::move(task));
  Spawn(std::move(what), [shared] { return AsFallible(shared); });
}

Task<void> BackgroundTasks::Stop() {
  stopping_ = true;
  // A task that ends at once takes itself out of the list.
  for (auto entry = running_.begin(); entry != running_.end();) {
    (entry++)->emit(boost::asio::cancellation_type::terminal);
  }
  while (!running_.empty()) co_await ended_.Wait(ended_.count());
}

}  // namespace drover
