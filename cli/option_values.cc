#include "cli/option_values.h"

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "services/config/values/duration.h"
#include "services/config/values/size.h"

namespace drover::cli {
namespace {

constexpr int64_t kNanosecondsPerSecond = 1'000'000'000;

// As sizes in files, and with the unit written out: 100M, 100MB, 100MiB.
absl::StatusOr<int64_t> ParseBandwidth(absl::string_view text) {
  absl::string_view size = text;
  if (!absl::ConsumeSuffix(&size, "iB")) absl::ConsumeSuffix(&size, "B");
  return config::ParseSize(size);
}

}  // namespace

void AddMaxDowntimeOption(CLI::App& command, MoveOptions& options) {
  auto store = [&options](const std::string& text) {
    absl::StatusOr<absl::Duration> duration = config::ParseDuration(text);
    if (!duration.ok()) {
      throw CLI::ValidationError("--max-downtime", std::string(duration.status().message()));
    }
    options.max_downtime = *duration;
  };
  command
      .add_option_function<std::string>(
          "--max-downtime", store,
          "Move only if the interruption is predicted to stay below this, such as 500ms")
      ->type_name("DURATION");
}

void AddBandwidthOption(CLI::App& command, MoveOptions& options) {
  auto store = [&options](const std::string& text) {
    absl::StatusOr<int64_t> bandwidth = ParseBandwidth(text);
    if (!bandwidth.ok()) {
      throw CLI::ValidationError("--bandwidth", std::string(bandwidth.status().message()));
    }
    options.bandwidth_bytes_per_second = *bandwidth;
  };
  command
      .add_option_function<std::string>(
          "--bandwidth", store, "Copy at most so much per second while the application runs: 100MB")
      ->type_name("SIZE");
}

coordinator::v1::MigrationOptions ToProto(const MoveOptions& options) {
  coordinator::v1::MigrationOptions proto;
  if (options.max_downtime.has_value()) {
    const int64_t nanoseconds = absl::ToInt64Nanoseconds(*options.max_downtime);
    proto.mutable_max_downtime()->set_seconds(nanoseconds / kNanosecondsPerSecond);
    proto.mutable_max_downtime()->set_nanos(nanoseconds % kNanosecondsPerSecond);
  }
  proto.set_bandwidth_bytes_per_second(options.bandwidth_bytes_per_second.value_or(0));
  return proto;
}

}  // namespace drover::cli
