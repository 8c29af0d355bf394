// Quantities for people.
#ifndef DROVER_CLI_RENDER_UNITS_H_
#define DROVER_CLI_RENDER_UNITS_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"

namespace drover::cli {

// "0 B", "512 B", "1.5 KiB", "120 MiB".
std::string BytesText(int64_t bytes);

// "812 ms", "1.5 s", "2 min 5 s", "3 h 10 min".
std::string DurationText(absl::Duration duration);

// "2026-11-29 10:20:30", where it is read.
std::string TimeText(absl::Time time);

}  // namespace drover::cli

#endif  // DROVER_CLI_RENDER_UNITS_H_
