#include "services/container/domain/restart_policy.h"

#include "services/container/domain/retry_delay.h"

namespace drover::container {
namespace {

constexpr absl::Duration kLongestDelay = absl::Minutes(1);
constexpr absl::Duration kHealthyLife = absl::Seconds(10);

}  // namespace

std::optional<Restart> DecideRestart(const RestartPolicy& policy, const Ending& ending) {
  const int row = ending.lifetime >= kHealthyLife ? 0 : ending.restarts;
  switch (policy.mode) {
    case RestartPolicy::Mode::kNever:
      return std::nullopt;
    case RestartPolicy::Mode::kOnFailure:
      if (ending.exit_code == 0) return std::nullopt;
      if (policy.maximum_retry_count > 0 && row >= policy.maximum_retry_count) return std::nullopt;
      break;
    case RestartPolicy::Mode::kAlways:
      break;
  }
  return Restart{.delay = DelayAfter(row + 1, kLongestDelay), .restarts = row + 1};
}

}  // namespace drover::container
