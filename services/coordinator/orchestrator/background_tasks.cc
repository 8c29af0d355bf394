#include "services/coordinator/orchestrator/background_tasks.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <utility>

namespace drover::coordinator {

void BackgroundTasks::Spawn(Task<void> task) {
  auto signal = std::make_shared<boost::asio::cancellation_signal>();
  running_.insert(signal);
  auto on_end = [this, signal](std::exception_ptr error) {
    // Nothing of ours throws: but for the unwinding of a cancelled coroutine it is a bug.
    if (error != nullptr && !stopping_) std::terminate();
    running_.erase(signal);
    if (running_.empty() && on_empty_ != nullptr) std::exchange(on_empty_, nullptr)(true);
  };
  boost::asio::co_spawn(executor_, std::move(task),
                        boost::asio::bind_cancellation_slot(signal->slot(), std::move(on_end)));
}

void BackgroundTasks::Cancel() {
  stopping_ = true;
  const auto running = running_;
  for (const auto& signal : running) signal->emit(boost::asio::cancellation_type::terminal);
}

Task<void> BackgroundTasks::Join() {
  if (running_.empty()) co_return;
  auto start = [this](Completion<bool> done) { on_empty_ = std::move(done); };
  co_await AwaitCallback<bool>(std::move(start));
}

}  // namespace drover::coordinator
