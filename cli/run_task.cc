#include "cli/run_task.h"

#include <signal.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <exception>
#include <utility>

namespace drover::cli {

ExitCode RunTask(boost::asio::io_context& io, Task<ExitCode> task,
                 std::function<void()> on_interrupt) {
  boost::asio::signal_set signals(io, SIGINT, SIGTERM);
  boost::asio::cancellation_signal cancel;
  bool is_interrupted = false;
  signals.async_wait([&](const boost::system::error_code& error, int) {
    if (error) return;
    is_interrupted = true;
    signals.clear();
    on_interrupt();
    cancel.emit(boost::asio::cancellation_type::terminal);
  });
  ExitCode result = ExitCode::kDetached;
  auto on_end = [&](std::exception_ptr exception, ExitCode code) {
    signals.cancel();
    // A cancelled coroutine may end by an exception; no other throws.
    if (exception != nullptr && !is_interrupted) std::rethrow_exception(exception);
    result = is_interrupted ? ExitCode::kDetached : code;
  };
  boost::asio::co_spawn(io, std::move(task),
                        boost::asio::bind_cancellation_slot(cancel.slot(), std::move(on_end)));
  io.restart();
  io.run();
  return result;
}

}  // namespace drover::cli
