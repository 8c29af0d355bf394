// Sizes in bytes, as people write them.
#ifndef DROVER_SERVICES_CONFIG_VALUES_SIZE_H_
#define DROVER_SERVICES_CONFIG_VALUES_SIZE_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace drover::config {

// Bytes of DIGITS[.DIGITS][K|M|G|T]: powers of 1024, the unit in any case, fractions of a byte
// rounded up; exact for any number of digits. INVALID_ARGUMENT, saying what is allowed, for
// anything else, for zero and for more than 2^63 - 1.
absl::StatusOr<int64_t> ParseSize(absl::string_view text);

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_VALUES_SIZE_H_
