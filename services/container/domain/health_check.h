// An image's HEALTHCHECK. The engine's own is switched off, for it would run in a gated container.
#ifndef DROVER_SERVICES_CONTAINER_DOMAIN_HEALTH_CHECK_H_
#define DROVER_SERVICES_CONTAINER_DOMAIN_HEALTH_CHECK_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace drover::container {

struct HealthCheck {
  // Never empty.
  std::vector<std::string> command;
  // How long one run may take.
  absl::Duration timeout;
};

// From the image's `Test` list: ["CMD", args...], ["CMD-SHELL", line]. None for [], ["NONE"] and
// what is not understood. `timeout` zero means Docker's default, 30 s.
std::optional<HealthCheck> MakeHealthCheck(const std::vector<std::string>& test,
                                           absl::Duration timeout);

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_DOMAIN_HEALTH_CHECK_H_
