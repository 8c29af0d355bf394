// The VOLUMEs that an image declares, beside the volumes of its application.
#ifndef DROVER_SERVICES_CONTAINER_DOMAIN_IMAGE_VOLUMES_H_
#define DROVER_SERVICES_CONTAINER_DOMAIN_IMAGE_VOLUMES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace drover::container {

// FAILED_PRECONDITION (NESTED_VOLUME) if one of `declared` lies below one of `mountpoints`: what is
// written there would be in neither, or in the wrong one.
absl::Status CheckImageVolumes(const std::vector<std::string>& declared,
                               const std::vector<std::string>& mountpoints);

// Those of `declared` that are none of `mountpoints`, sorted: the engine makes a volume for each
// that goes with its container, at every restart and move.
std::vector<std::string> UnkeptPaths(const std::vector<std::string>& declared,
                                     const std::vector<std::string>& mountpoints);

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_DOMAIN_IMAGE_VOLUMES_H_
