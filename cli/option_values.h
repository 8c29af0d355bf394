// Values of options that have a grammar of their own.
#ifndef DROVER_CLI_OPTION_VALUES_H_
#define DROVER_CLI_OPTION_VALUES_H_

#include <CLI/App.hpp>
#include <cstdint>

namespace drover::cli {

// --bandwidth RATE, in bytes per second: checked while the command line is parsed.
void AddBandwidthOption(CLI::App& command, int64_t& bytes_per_second);

}  // namespace drover::cli

#endif  // DROVER_CLI_OPTION_VALUES_H_
