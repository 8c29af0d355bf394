// Runs a command's coroutine to its end, or to Ctrl-C.
#ifndef DROVER_CLI_RUN_TASK_H_
#define DROVER_CLI_RUN_TASK_H_

#include <boost/asio/io_context.hpp>
#include <functional>

#include "cli/exit_code.h"
#include "services/common/async/task.h"

namespace drover::cli {

// Runs `io` until `task` has ended. The first SIGINT or SIGTERM calls `on_interrupt` and cancels
// the coroutine, and the answer is then kDetached; a second one ends the process as usual.
ExitCode RunTask(boost::asio::io_context& io, Task<ExitCode> task,
                 std::function<void()> on_interrupt);

}  // namespace drover::cli

#endif  // DROVER_CLI_RUN_TASK_H_
