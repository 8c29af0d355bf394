// Identities of volumes that people may give.
#ifndef DROVER_SERVICES_CONFIG_VALUES_UUID_H_
#define DROVER_SERVICES_CONFIG_VALUES_UUID_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace drover::config {

// A UUID, 8-4-4-4-12 hexadecimal digits, in lower case. INVALID_ARGUMENT for anything else.
absl::StatusOr<std::string> NormalizeUuid(absl::string_view text);

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_VALUES_UUID_H_
