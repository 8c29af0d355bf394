// When an application counts as ready.
#ifndef DROVER_SERVICES_CONTAINER_DOMAIN_READINESS_H_
#define DROVER_SERVICES_CONTAINER_DOMAIN_READINESS_H_

#include <optional>
#include <string>
#include <vector>

#include "services/container/domain/health_check.h"

namespace drover::container {

// One of: a health check passes; a port accepts (and, with a path, answers HTTP); it runs.
struct ReadinessProbe {
  enum class Kind { kHealthCheck, kPort, kHttp, kRunning };
  Kind kind = Kind::kRunning;
  HealthCheck health_check;  // kHealthCheck
  int port = 0;              // kPort, kHttp
  std::string http_path;     // kHttp
};

// What the configuration says about readiness; zero and empty where it says nothing.
struct ReadinessWish {
  int port = 0;
  std::string http_path;
  // With an empty command: none, not even the image's.
  std::optional<HealthCheck> health_check;
};

// What the configuration says goes first; then the image's health check; then the first published
// port; an application without any is ready when it runs.
ReadinessProbe ChooseProbe(const ReadinessWish& wish, const std::vector<int>& published_ports,
                           const std::optional<HealthCheck>& image_check);

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_DOMAIN_READINESS_H_
