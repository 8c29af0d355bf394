// Progress that a callback reports, written to a client while the work goes on.
#ifndef DROVER_SERVICES_CONTAINER_SERVICE_PROGRESS_QUEUE_H_
#define DROVER_SERVICES_CONTAINER_SERVICE_PROGRESS_QUEUE_H_

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "services/common/async/change_signal.h"
#include "services/common/async/server_call.h"
#include "services/common/async/task.h"

namespace drover::container {

// Keeps the newest message only: a slow reader skips the others. Used on one executor.
template <class Message>
class ProgressQueue {
 public:
  explicit ProgressQueue(boost::asio::any_io_executor executor)
      : executor_(executor), state_(std::make_shared<State>()) {}

  void Put(const Message& message) {
    state_->newest = message;
    state_->changed.Notify();
  }

  // Runs `work` and writes what it Puts, until it has ended; it runs to its end although the client
  // may be gone.
  template <class T>
  Task<absl::StatusOr<T>> WriteWhile(ResponseWriter<Message>& writer,
                                     Task<absl::StatusOr<T>> work) {
    auto state = state_;
    auto result = std::make_shared<std::optional<absl::StatusOr<T>>>();
    auto done = [state, result](std::exception_ptr exception, absl::StatusOr<T> value) {
      *result = exception == nullptr ? std::move(value)
                                     : absl::StatusOr<T>(absl::CancelledError("stopped"));
      state->changed.Notify();
    };
    boost::asio::co_spawn(executor_, std::move(work), std::move(done));
    // The work uses what its caller holds: it must not be left before its end.
    co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
    while (!result->has_value()) {
      const uint64_t seen = state->changed.count();
      if (std::optional<Message> message = std::exchange(state->newest, std::nullopt)) {
        co_await writer.Write(*std::move(message));
      }
      if (!result->has_value()) co_await state->changed.Wait(seen);
    }
    co_return **std::move(result);
  }

 private:
  struct State {
    std::optional<Message> newest;
    ChangeSignal changed;
  };
  boost::asio::any_io_executor executor_;
  std::shared_ptr<State> state_;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_SERVICE_PROGRESS_QUEUE_H_
