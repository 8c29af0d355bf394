// `[host[:port]/]name[:tag][@digest]` taken apart, and what a registry's refusal means.
#ifndef DROVER_SERVICES_CONTAINER_BACKEND_IMAGE_REFERENCE_H_
#define DROVER_SERVICES_CONTAINER_BACKEND_IMAGE_REFERENCE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace drover::container {

struct ImageReference {
  // With the host: `flocker.local:5000/redis`.
  std::string name;
  // The tag (`latest` if there is none), or the digest.
  std::string version;
  // `docker.io` if the name has none.
  std::string registry;
};

ImageReference ParseImageReference(absl::string_view image);

// Puts the engine's words about a failed pull into one of three plain errors: NOT_FOUND
// (IMAGE_NOT_FOUND), UNAVAILABLE (REGISTRY_UNREACHABLE), FAILED_PRECONDITION
// (REGISTRY_NOT_TRUSTED). INTERNAL for anything else.
absl::Status PullError(absl::string_view image, absl::string_view engine_message);

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_BACKEND_IMAGE_REFERENCE_H_
