// Coroutines that nobody waits for, until the daemon ends.
#ifndef DROVER_SERVICES_CONTAINER_DRIVER_BACKGROUND_TASKS_H_
#define DROVER_SERVICES_CONTAINER_DRIVER_BACKGROUND_TASKS_H_

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <functional>
#include <list>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "services/common/async/task.h"
#include "services/container/driver/change_signal.h"

namespace drover::container {

// Used on one executor.
class BackgroundTasks {
 public:
  explicit BackgroundTasks(boost::asio::any_io_executor executor)
      : executor_(executor), ended_(executor) {}

  // Runs `task`; an error it ends with is logged as that of `what`. Does nothing after Stop.
  void Spawn(std::string what, std::function<Task<absl::Status>()> task);
  // Cancels all, and answers when the last has ended.
  Task<void> Stop();
  bool stopping() const { return stopping_; }

 private:
  boost::asio::any_io_executor executor_;
  std::list<boost::asio::cancellation_signal> running_;
  ChangeSignal ended_;
  bool stopping_ = false;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_DRIVER_BACKGROUND_TASKS_H_
