// Ids that production code draws from the kernel, drawn from the seed.
#ifndef DROVER_TESTING_SIMULATION_RANDOM_SOURCE_H_
#define DROVER_TESTING_SIMULATION_RANDOM_SOURCE_H_

#include <cstdint>

namespace drover::simulation {

// While it lives, getrandom(2) of this program answers numbers of `seed`: the library's function is
// replaced by ours when the program is linked, so that production code needs no seam for it. One at
// a time.
class RandomSource {
 public:
  explicit RandomSource(uint64_t seed);
  ~RandomSource();
  RandomSource(const RandomSource&) = delete;
  RandomSource& operator=(const RandomSource&) = delete;
};

}  // namespace drover::simulation

#endif  // DROVER_TESTING_SIMULATION_RANDOM_SOURCE_H_
