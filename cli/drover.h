// The whole command: parses the command line and runs what it names.
#ifndef DROVER_CLI_DROVER_H_
#define DROVER_CLI_DROVER_H_

#include <boost/asio/io_context.hpp>
#include <string>
#include <vector>

#include "cli/environment.h"
#include "cli/exit_code.h"

namespace drover::cli {

// `arguments` without the program's name. Runs `io`, on which the environment's tasks run too.
ExitCode RunDrover(std::vector<std::string> arguments, boost::asio::io_context& io,
                   const Environment& environment);

}  // namespace drover::cli

#endif  // DROVER_CLI_DROVER_H_
