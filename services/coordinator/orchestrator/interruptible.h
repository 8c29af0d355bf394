// Work that somebody else may end early.
#ifndef DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_INTERRUPTIBLE_H_
#define DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_INTERRUPTIBLE_H_

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "services/common/async/task.h"

namespace drover::coordinator {

// Runs one task at a time. Not thread-safe.
class Interruptible {
 public:
  // What `work` answers; CANCELLED if Interrupt() came before its end. A cancellation of the caller
  // is passed on.
  Task<absl::Status> Run(Task<absl::Status> work) {
    auto current = std::make_shared<Current>();
    current_ = current;
    auto executor = co_await boost::asio::this_coro::executor;
    auto cancellation = co_await boost::asio::this_coro::cancellation_state;
    boost::asio::cancellation_slot slot = cancellation.slot();
    if (slot.is_connected()) {
      auto pass_on = [current](boost::asio::cancellation_type type) { current->signal.emit(type); };
      slot.assign(std::move(pass_on));
    }
    auto start = [current, executor, &work](Completion<absl::Status> done) {
      auto on_end = [current, done = std::move(done)](std::exception_ptr error,
                                                      absl::Status status) {
        current->error = error;
        done(std::move(status));
      };
      auto bound = boost::asio::bind_cancellation_slot(current->signal.slot(), std::move(on_end));
      boost::asio::co_spawn(executor, std::move(work), std::move(bound));
    };
    absl::Status status = co_await AwaitCallback<absl::Status>(std::move(start));
    if (slot.is_connected()) slot.clear();
    current_ = nullptr;
    if (current->interrupted) co_return absl::CancelledError("interrupted");
    if (current->error != nullptr) std::rethrow_exception(current->error);
    co_return status;
  }

  // Nothing happens if nothing runs.
  void Interrupt() {
    const std::shared_ptr<Current> current = current_;
    if (current == nullptr) return;
    current->interrupted = true;
    current->signal.emit(boost::asio::cancellation_type::terminal);
  }

 private:
  struct Current {
    boost::asio::cancellation_signal signal;
    bool interrupted = false;
    std::exception_ptr error;
  };
  std::shared_ptr<Current> current_;
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_INTERRUPTIBLE_H_
