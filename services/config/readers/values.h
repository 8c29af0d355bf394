// Values that several keys of several formats hold. Each returns nothing, and has noted why, if the
// field is not one.
#ifndef DROVER_SERVICES_CONFIG_READERS_VALUES_H_
#define DROVER_SERVICES_CONFIG_READERS_VALUES_H_

#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "services/config/yaml/field.h"

namespace drover::config {

// How often in a row an application may be started again, at most, where that is limited.
constexpr int kMaxRetryCount = 1'000'000;

// A size string, or a whole number of bytes; at least `minimum` bytes.
std::optional<int64_t> ReadSize(const Field& field, int64_t minimum);
// At least 6 MiB, as engines ask for.
std::optional<int64_t> ReadMemoryLimit(const Field& field);
// 2 to 262144.
std::optional<int> ReadCpuShares(const Field& field);
std::optional<absl::Duration> ReadDuration(const Field& field);
// 1 to 65535; nothing without a note if there is no field.
std::optional<int> ReadPort(const std::optional<Field>& field);

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_READERS_VALUES_H_
