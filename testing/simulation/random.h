// The one source of chance of a run.
#ifndef DROVER_TESTING_SIMULATION_RANDOM_H_
#define DROVER_TESTING_SIMULATION_RANDOM_H_

#include <cstdint>
#include <random>

#include "absl/time/time.h"

namespace drover::simulation {

// Draws are written out, since what a standard distribution makes of the engine's numbers is the
// library's affair. Not thread-safe.
class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed * 0x9e3779b97f4a7c15ULL + 0x1234567) {}

  // 0 to `end` - 1.
  int64_t Below(int64_t end) {
    return static_cast<int64_t>(engine_() % static_cast<uint64_t>(end));
  }
  bool Chance(int per_mille) { return Below(1000) < per_mille; }
  // In microseconds, `shortest` included.
  absl::Duration Between(absl::Duration shortest, absl::Duration longest) {
    const int64_t span = absl::ToInt64Microseconds(longest - shortest);
    return shortest + absl::Microseconds(span <= 0 ? 0 : Below(span));
  }
  uint64_t Bits() { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

}  // namespace drover::simulation

#endif  // DROVER_TESTING_SIMULATION_RANDOM_H_
