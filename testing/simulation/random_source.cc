#include "testing/simulation/random_source.h"

#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include <cstddef>
#include <optional>

#include "testing/simulation/random.h"

namespace drover::simulation {
namespace {

std::optional<Random>& Source() {
  static std::optional<Random> source;
  return source;
}

}  // namespace

RandomSource::RandomSource(uint64_t seed) { Source().emplace(seed ^ 0x5eed0f1d5ULL); }
RandomSource::~RandomSource() { Source().reset(); }

}  // namespace drover::simulation

extern "C" ssize_t getrandom(void* buffer, size_t size, unsigned int flags) {
  auto& source = drover::simulation::Source();
  if (!source.has_value()) return syscall(SYS_getrandom, buffer, size, flags);
  for (size_t i = 0; i < size; ++i) {
    static_cast<unsigned char*>(buffer)[i] = static_cast<unsigned char>(source->Below(256));
  }
  return static_cast<ssize_t>(size);
}
