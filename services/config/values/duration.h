// Durations, as people write them.
#ifndef DROVER_SERVICES_CONFIG_VALUES_DURATION_H_
#define DROVER_SERVICES_CONFIG_VALUES_DURATION_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace drover::config {

// One or more numbers, each with a unit of h, m, s or ms: `500ms`, `10s`, `1m30s`, `1.5h`. From 1
// ms to 30 days. INVALID_ARGUMENT, saying what is allowed, for anything else.
absl::StatusOr<absl::Duration> ParseDuration(absl::string_view text);

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_VALUES_DURATION_H_
