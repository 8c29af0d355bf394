#include "services/coordinator/domain/convergence.h"

namespace drover::coordinator {
namespace {

// What a round costs that carries next to nothing (measured: 45 ms with btrfs, 100 ms with ZFS).
constexpr absl::Duration kFloor = absl::Milliseconds(150);
// As much as a loaded link carries in about that time.
constexpr int64_t kSmallBytes = 1 << 20;
constexpr int kMaximumRounds = 5;
// A round that saves less than a fifth of its predecessor does not pay for itself.
constexpr double kWorthwhileShrink = 0.8;

bool Small(const Round& round) { return round.bytes <= kSmallBytes && round.duration <= kFloor; }

}  // namespace

bool AnotherRoundPays(const std::vector<Round>& rounds) {
  const Round& last = rounds.back();
  if (rounds.size() >= kMaximumRounds || Small(last)) return false;
  if (rounds.size() == 1) return true;
  const Round& previous = rounds[rounds.size() - 2];
  return last.duration < previous.duration * kWorthwhileShrink ||
         last.bytes < previous.bytes * kWorthwhileShrink;
}

}  // namespace drover::coordinator
