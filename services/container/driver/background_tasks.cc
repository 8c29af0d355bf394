#include "services/container/driver/background_tasks.h"

#include <glog/logging.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <utility>

namespace drover::container {

void BackgroundTasks::Spawn(std::string what, std::function<Task<absl::Status>()> task) {
  if (stopping_) return;
  auto entry = running_.emplace(running_.end());
  auto done = [this, entry, what = std::move(what)](std::exception_ptr exception,
                                                    absl::Status status) {
    running_.erase(entry);
    ended_.Notify();
    if (exception != nullptr) {
      if (!stopping_) LOG(ERROR) << what << ": ended by an exception";
    } else if (!status.ok()) {
      LOG(WARNING) << what << ": " << status;
    }
  };
  boost::asio::co_spawn(executor_, std::move(task),
                        boost::asio::bind_cancellation_slot(entry->slot(), std::move(done)));
}

Task<void> BackgroundTasks::Stop() {
  stopping_ = true;
  for (auto& signal : running_) signal.emit(boost::asio::cancellation_type::terminal);
  while (!running_.empty()) co_await ended_.Wait(ended_.count());
}

}  // namespace drover::container
