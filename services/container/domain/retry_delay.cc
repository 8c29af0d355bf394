#include "services/container/domain/retry_delay.h"

#include <algorithm>

namespace drover::container {
namespace {

constexpr absl::Duration kFirstDelay = absl::Milliseconds(100);
constexpr int kMostDoublings = 20;  // More than a day: longer than any longest delay.

}  // namespace

absl::Duration DelayAfter(int failures, absl::Duration longest) {
  const int doublings = std::clamp(failures - 1, 0, kMostDoublings);
  return std::min(kFirstDelay * (1 << doublings), longest);
}

}  // namespace drover::container
