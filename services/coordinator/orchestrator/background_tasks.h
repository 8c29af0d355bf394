// Coroutines that go on by themselves until the daemon stops.
#ifndef DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_BACKGROUND_TASKS_H_
#define DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_BACKGROUND_TASKS_H_

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <memory>
#include <set>

#include "services/common/async/task.h"

namespace drover::coordinator {

// Stopping cancels them: calls under way end, and each coroutine unwinds at its next wait, which a
// restart cannot tell from a crash. Not thread-safe. Must outlive its tasks.
class BackgroundTasks {
 public:
  explicit BackgroundTasks(boost::asio::any_io_executor executor)
      : executor_(std::move(executor)) {}

  void Spawn(Task<void> task);

  // Nothing may be spawned any more.
  void Cancel();
  // Answers when the last has ended.
  Task<void> Join();

 private:
  const boost::asio::any_io_executor executor_;
  std::set<std::shared_ptr<boost::asio::cancellation_signal>> running_;
  bool stopping_ = false;
  Completion<bool> on_empty_;
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_BACKGROUND_TASKS_H_
