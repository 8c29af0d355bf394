// What to say when the command line is not understood.
#ifndef DROVER_CLI_WRONG_COMMAND_H_
#define DROVER_CLI_WRONG_COMMAND_H_

#include <CLI/App.hpp>
#include <string>

namespace drover::cli {

// After a failed parse of `app` that names no command, or one that does not exist. Empty if the
// commands are right, and it is something else that is not.
std::string ExplainWrongCommand(const CLI::App& app);

// After a failed parse whose commands are right.
std::string ExplainWrongArguments(const CLI::App& app, const CLI::Error& error);

}  // namespace drover::cli

#endif  // DROVER_CLI_WRONG_COMMAND_H_
