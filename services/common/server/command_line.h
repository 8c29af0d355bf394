// The command line of a daemon.
#ifndef DROVER_SERVICES_COMMON_SERVER_COMMAND_LINE_H_
#define DROVER_SERVICES_COMMON_SERVER_COMMAND_LINE_H_

#include <CLI/CLI.hpp>
#include <optional>

namespace drover {

// Parses by `app`. Answers the exit code if the process has to end: 0 after --help, 2 after wrong
// usage, which has been said.
std::optional<int> ParseCommandLine(CLI::App& app, int argc, const char* const* argv);

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_SERVER_COMMAND_LINE_H_
