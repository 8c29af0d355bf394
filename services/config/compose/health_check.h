// `healthcheck` of a Compose file.
#ifndef DROVER_SERVICES_CONFIG_COMPOSE_HEALTH_CHECK_H_
#define DROVER_SERVICES_CONFIG_COMPOSE_HEALTH_CHECK_H_

#include <optional>

#include "services/config/model/application.h"
#include "services/config/yaml/field.h"

namespace drover::config {

// The application has as long to get ready as Docker gives it until it calls it unhealthy, and not
// less than without a check. Nothing, and it is noted why, if it cannot be read.
std::optional<Readiness> ReadHealthCheck(const Field& field);

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_COMPOSE_HEALTH_CHECK_H_
