// What an image says about how its application is run.
#ifndef DROVER_SERVICES_CONTAINER_DOMAIN_IMAGE_CONFIG_H_
#define DROVER_SERVICES_CONTAINER_DOMAIN_IMAGE_CONFIG_H_

#include <optional>
#include <string>
#include <vector>

#include "services/container/domain/health_check.h"

namespace drover::container {

struct ImageConfig {
  std::vector<std::string> entrypoint;
  std::vector<std::string> command;
  // `NAME=VALUE` each.
  std::vector<std::string> environment;
  // Empty means `/`.
  std::string working_directory;
  // Empty means SIGTERM.
  std::string stop_signal;
  std::optional<HealthCheck> health_check;
  // Paths of its VOLUMEs.
  std::vector<std::string> volumes;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_DOMAIN_IMAGE_CONFIG_H_
