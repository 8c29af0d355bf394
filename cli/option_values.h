// Values of options that have a grammar of their own.
#ifndef DROVER_CLI_OPTION_VALUES_H_
#define DROVER_CLI_OPTION_VALUES_H_

#include <CLI/App.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "drover/coordinator/v1/migration.pb.h"

namespace drover::cli {

// Options of every command that moves applications.
struct MoveOptions {
  std::optional<absl::Duration> max_downtime;
  std::optional<int64_t> bandwidth_bytes_per_second;
};

// --max-downtime D: checked while the command line is parsed.
void AddMaxDowntimeOption(CLI::App& command, MoveOptions& options);
// --bandwidth RATE, bytes per second.
void AddBandwidthOption(CLI::App& command, MoveOptions& options);

coordinator::v1::MigrationOptions ToProto(const MoveOptions& options);

}  // namespace drover::cli

#endif  // DROVER_CLI_OPTION_VALUES_H_
