#include "cli/option_values.h"

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "services/common/time/proto_time.h"
#include "services/config/values/duration.h"
#include "services/config/values/size.h"

namespace drover::cli {
namespace {

// As sizes in files, and with the unit written out: 100M, 100MB, 100MiB.
absl::StatusOr<int64_t> ParseBandwidth(absl::string_view text) {
  absl::string_view size = text;
  if (!absl::ConsumeSuffix(&size, "iB")) absl::ConsumeSuffix(&size, "B");
  return config::ParseSize(size);
}

void AddBandwidthOption(CLI::App& command, coordinator::v1::MigrationOptions& options) {
  auto store = [&options](const std::string& text) {
    absl::StatusOr<int64_t> bandwidth = ParseBandwidth(text);
    if (!bandwidth.ok()) {
      throw CLI::ValidationError("--bandwidth", std::string(bandwidth.status().message()));
    }
    options.set_bandwidth_bytes_per_second(*bandwidth);
  };
  command
      .add_option_function<std::string>(
          "--bandwidth", store, "Copy at most so much per second while the application runs: 100MB")
      ->type_name("SIZE");
}

void AddMaxDowntimeOption(CLI::App& command, coordinator::v1::MigrationOptions& options) {
  auto store = [&options](const std::string& text) {
    absl::StatusOr<absl::Duration> limit = config::ParseDuration(text);
    if (!limit.ok()) {
      throw CLI::ValidationError("--max-downtime", std::string(limit.status().message()));
    }
    *options.mutable_max_downtime() = ProtoOf(*limit);
  };
  command
      .add_option_function<std::string>(
          "--max-downtime", store,
          "Interrupt an application only if that will take no longer (in 19 of 20 cases): 500ms")
      ->type_name("DURATION");
}

}  // namespace

CLI::Validator WholeNumber(std::string things, int least, int most) {
  const bool is_open = most == std::numeric_limits<int>::max();
  const std::string range =
      is_open ? absl::StrCat(least, " or more") : absl::StrCat("from ", least, " to ", most);
  auto check = [=](const std::string& text) -> std::string {
    int number = 0;
    if (absl::SimpleAtoi(text, &number) && number >= least && number <= most) return "";
    return absl::StrCat("takes a whole number of ", things, ", ", range, ", not ", text);
  };
  return CLI::Validator(check, "");
}

void AddMigrationOptions(CLI::App& command, coordinator::v1::MigrationOptions& options) {
  AddMaxDowntimeOption(command, options);
  AddBandwidthOption(command, options);
}

absl::Status CheckDryRun(bool dry_run, const coordinator::v1::MigrationOptions& options) {
  const bool is_limited = options.has_max_downtime() || options.bandwidth_bytes_per_second() > 0;
  if (!dry_run || !is_limited) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "--max-downtime and --bandwidth are for moves that are made, and --dry-run makes none: leave "
      "them out; the plan says how long each move is expected to interrupt");
}

}  // namespace drover::cli
