// Which version of the Docker API to speak, and with which engines.
#ifndef DROVER_SERVICES_CONTAINER_BACKEND_API_VERSION_H_
#define DROVER_SERVICES_CONTAINER_BACKEND_API_VERSION_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace drover::container {

// The newest version that both the engine and we know: "1.41". Never fixed, since engines refuse
// what is too old (Docker 29: below 1.44) and what is too new for them. FAILED_PRECONDITION if the
// engine's oldest is newer than what we know, or its newest older than what we need.
absl::StatusOr<std::string> NegotiateApiVersion(const std::string& engine_oldest,
                                                const std::string& engine_newest);

// FAILED_PRECONDITION if this release of Podman ("4.3.1") is older than any that Drover was tried
// with: older ones tell the image of a container by its name, so that no move could be sure of it.
absl::Status CheckPodmanVersion(const std::string& release);

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_BACKEND_API_VERSION_H_
