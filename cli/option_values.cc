#include "cli/option_values.h"

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "services/config/values/size.h"

namespace drover::cli {
namespace {

// As sizes in files, and with the unit written out: 100M, 100MB, 100MiB.
absl::StatusOr<int64_t> ParseBandwidth(absl::string_view text) {
  absl::string_view size = text;
  if (!absl::ConsumeSuffix(&size, "iB")) absl::ConsumeSuffix(&size, "B");
  return config::ParseSize(size);
}

}  // namespace

void AddBandwidthOption(CLI::App& command, int64_t& bytes_per_second) {
  auto store = [&bytes_per_second](const std::string& text) {
    absl::StatusOr<int64_t> bandwidth = ParseBandwidth(text);
    if (!bandwidth.ok()) {
      throw CLI::ValidationError("--bandwidth", std::string(bandwidth.status().message()));
    }
    bytes_per_second = *bandwidth;
  };
  command
      .add_option_function<std::string>(
          "--bandwidth", store, "Copy at most so much per second while the application runs: 100MB")
      ->type_name("SIZE");
}

}  // namespace drover::cli
