#include "services/container/domain/health_check.h"

namespace drover::container {

std::optional<HealthCheck> MakeHealthCheck(const std::vector<std::string>& test,
                                           absl::Duration timeout) {
  if (test.size() < 2) return std::nullopt;
  HealthCheck check;
  if (timeout > absl::ZeroDuration()) check.timeout = timeout;
  if (test[0] == "CMD") {
    check.command.assign(test.begin() + 1, test.end());
  } else if (test[0] == "CMD-SHELL") {
    check.command = {"/bin/sh", "-c", test[1]};
  } else {
    return std::nullopt;
  }
  return check;
}

}  // namespace drover::container
