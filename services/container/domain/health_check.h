// An image's HEALTHCHECK, or the configuration's. The engine's own is switched off, for it would
// run in a gated container.
#ifndef DROVER_SERVICES_CONTAINER_DOMAIN_HEALTH_CHECK_H_
#define DROVER_SERVICES_CONTAINER_DOMAIN_HEALTH_CHECK_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace drover::container {

struct HealthCheck {
  // Program and arguments.
  std::vector<std::string> command;
  // How long one run may take.
  absl::Duration timeout = absl::Seconds(30);
};

// From the image's `Test` list: ["CMD", args...], ["CMD-SHELL", line]. None for [], ["NONE"] and
// what is not understood. `timeout` zero means Docker's default.
std::optional<HealthCheck> MakeHealthCheck(const std::vector<std::string>& test,
                                           absl::Duration timeout);

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_DOMAIN_HEALTH_CHECK_H_
