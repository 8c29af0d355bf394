// Places in a container where volumes are mounted.
#ifndef DROVER_SERVICES_CONFIG_VALUES_MOUNTPOINT_H_
#define DROVER_SERVICES_CONFIG_VALUES_MOUNTPOINT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace drover::config {

// The path without doubled or trailing slashes and `.`. INVALID_ARGUMENT, saying why, for a path
// that is not absolute, for `/`, for `..` and for places that belong to the kernel or to Drover.
absl::StatusOr<std::string> NormalizeMountpoint(absl::string_view text);

// Whether one of two normalised mountpoints is the other or lies below it: writes meant for one
// volume would then land in the other.
bool MountpointsOverlap(absl::string_view a, absl::string_view b);

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_VALUES_MOUNTPOINT_H_
