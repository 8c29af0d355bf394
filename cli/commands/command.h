// How a command is added to the command line.
#ifndef DROVER_CLI_COMMANDS_COMMAND_H_
#define DROVER_CLI_COMMANDS_COMMAND_H_

#include <CLI/App.hpp>
#include <functional>
#include <memory>
#include <utility>

#include "cli/exit_code.h"
#include "cli/session.h"
#include "services/common/async/task.h"

namespace drover::cli {

// The command that the command line named; set by the parse, run after it.
using SelectedCommand = std::function<Task<ExitCode>(Session&)>;

// Selects `run(session, options)` when `command` is named. `options` is filled in by the parse.
template <class Options>
void OnSelected(CLI::App* command, SelectedCommand& selected, std::shared_ptr<Options> options,
                Task<ExitCode> (*run)(Session&, Options)) {
  command->callback([&selected, options, run] {
    selected = [options, run](Session& session) { return run(session, *options); };
  });
}

// The same for a command without options of its own.
inline void OnSelected(CLI::App* command, SelectedCommand& selected,
                       Task<ExitCode> (*run)(Session&)) {
  command->callback([&selected, run] { selected = run; });
}

}  // namespace drover::cli

#endif  // DROVER_CLI_COMMANDS_COMMAND_H_
