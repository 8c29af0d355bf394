// Names of container images.
#ifndef DROVER_SERVICES_CONFIG_VALUES_IMAGE_REFERENCE_H_
#define DROVER_SERVICES_CONFIG_VALUES_IMAGE_REFERENCE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace drover::config {

// `[host[:port]/]name[:tag][@digest]` with `:latest` added if there is neither tag nor digest. In
// `host:5000/name` the number is a port. INVALID_ARGUMENT, saying what is wrong, for anything that
// a container engine would refuse.
absl::StatusOr<std::string> NormalizeImageReference(absl::string_view text);

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_VALUES_IMAGE_REFERENCE_H_
