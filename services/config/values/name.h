// Rules for the names that people choose.
#ifndef DROVER_SERVICES_CONFIG_VALUES_NAME_H_
#define DROVER_SERVICES_CONFIG_VALUES_NAME_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace drover::config {

// All: INVALID_ARGUMENT that says what is allowed.

// What Docker accepts after `drover--`: letters, digits, `_`, `.`, `-`, first a letter or digit, at
// most 63.
absl::Status CheckApplicationName(absl::string_view name);
// The same letters, for the part of a volume's name after `APP:`.
absl::StatusOr<std::string> CheckedVolumeName(absl::string_view name);
// Letters, digits, `-`, `_`: it becomes a part of variables' names.
absl::StatusOr<std::string> CheckedLinkAlias(absl::string_view alias);
// A registered name, a host name or an address.
absl::Status CheckNodeReference(absl::string_view node);

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_VALUES_NAME_H_
