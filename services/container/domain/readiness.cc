#include "services/container/domain/readiness.h"

namespace drover::container {

ReadinessProbe ChooseProbe(const ReadinessWish& wish, const std::vector<int>& published_ports,
                           const std::optional<HealthCheck>& image_check) {
  const bool asks_port = wish.port != 0 || !wish.http_path.empty();
  const std::optional<HealthCheck>& check =
      wish.health_check.has_value() ? wish.health_check : image_check;
  if (!asks_port && check.has_value() && !check->command.empty()) {
    return {.kind = ReadinessProbe::Kind::kHealthCheck, .health_check = *check};
  }
  int port = wish.port;
  if (port == 0 && !published_ports.empty()) port = published_ports.front();
  if (port == 0) return {.kind = ReadinessProbe::Kind::kRunning};
  if (wish.http_path.empty()) return {.kind = ReadinessProbe::Kind::kPort, .port = port};
  return {.kind = ReadinessProbe::Kind::kHttp, .port = port, .http_path = wish.http_path};
}

}  // namespace drover::container
