// Coroutines that nobody waits for, until the daemon ends.
#ifndef DROVER_SERVICES_COMMON_ASYNC_BACKGROUND_TASKS_H_
#define DROVER_SERVICES_COMMON_ASYNC_BACKGROUND_TASKS_H_

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <functional>
#include <list>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "services/common/async/change_signal.h"
#include "services/common/async/task.h"

namespace drover {

// Used on one executor. Must outlive its tasks.
class BackgroundTasks {
 public:
  explicit BackgroundTasks(boost::asio::any_io_executor executor)
      : executor_(std::move(executor)) {}

  // Runs `task`; an error it ends with is logged as that of `what`. Does nothing after Stop.
  void Spawn(std::string what, std::function<Task<absl::Status>()> task);
  // The same for one that cannot fail.
  void Spawn(std::string what, Task<void> task);
  // Cancels all: calls under way end, and each task unwinds at its next wait, which a restart
  // cannot tell from a crash. Answers when the last has ended.
  Task<void> Stop();
  bool stopping() const { return stopping_; }

 private:
  const boost::asio::any_io_executor executor_;
  std::list<boost::asio::cancellation_signal> running_;
  ChangeSignal ended_;
  bool stopping_ = false;
};

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_ASYNC_BACKGROUND_TASKS_H_
