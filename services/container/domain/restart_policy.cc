#include "services/container/domain/restart_policy.h"

#include <algorithm>

namespace drover::container {
namespace {

constexpr absl::Duration kFirstDelay = absl::Milliseconds(100);
constexpr absl::Duration kLongestDelay = absl::Minutes(1);
constexpr absl::Duration kHealthyLife = absl::Seconds(10);
constexpr int kMostDoublings = 10;  // 100 ms doubled ten times exceeds the longest delay.

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
  const absl::Duration delay = kFirstDelay * (1 << std::min(row, kMostDoublings));
  return Restart{.delay = std::min(delay, kLongestDelay), .restarts = row + 1};
}

}  // namespace drover::container
