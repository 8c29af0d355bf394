// Values of options that have a grammar of their own.
#ifndef DROVER_CLI_OPTION_VALUES_H_
#define DROVER_CLI_OPTION_VALUES_H_

#include <CLI/App.hpp>
#include <cstdint>
#include <limits>
#include <string>

#include "absl/status/status.h"
#include "drover/coordinator/v1/migration.pb.h"

namespace drover::cli {

// Refuses anything but a whole number of `things`; CLI11's own checks say so in words of
// programmers.
CLI::Validator WholeNumber(std::string things, int least,
                           int most = std::numeric_limits<int>::max());

// --max-downtime D and --bandwidth SIZE, checked while the command line is parsed.
void AddMigrationOptions(CLI::App& command, coordinator::v1::MigrationOptions& options);

// INVALID_ARGUMENT for one of them with --dry-run: the plan would be the same without, and be taken
// for an answer. What a move is allowed is compared with a prediction that only the move makes.
absl::Status CheckDryRun(bool dry_run, const coordinator::v1::MigrationOptions& options);

}  // namespace drover::cli

#endif  // DROVER_CLI_OPTION_VALUES_H_
