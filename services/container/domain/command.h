// Which command a container runs: the image's, unless the application's configuration replaces it.
#ifndef DROVER_SERVICES_CONTAINER_DOMAIN_COMMAND_H_
#define DROVER_SERVICES_CONTAINER_DOMAIN_COMMAND_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/container/domain/image_config.h"

namespace drover::container {

using Words = std::vector<std::string>;

// Docker's rules: the entry point's words, then the command's. A configured command replaces the
// image's; a configured entry point (an empty one, too) replaces the image's and drops the image's
// command. INVALID_ARGUMENT if nothing is left to run.
absl::StatusOr<Words> ResolveCommand(const ImageConfig& image,
                                     const std::optional<Words>& entrypoint,
                                     const std::optional<Words>& command);

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_DOMAIN_COMMAND_H_
