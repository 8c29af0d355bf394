// The machine's memory.
#ifndef DROVER_SERVICES_CONTAINER_BACKEND_HOST_MEMORY_H_
#define DROVER_SERVICES_CONTAINER_BACKEND_HOST_MEMORY_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace drover::container {

struct HostMemory {
  int64_t all_bytes = 0;
  // What programs could still be given: caches count, swap does not.
  int64_t available_bytes = 0;
};

// From the kernel, without waiting for a disk.
absl::StatusOr<HostMemory> ReadHostMemory();

// The text of /proc/meminfo. INTERNAL if a figure is missing.
absl::StatusOr<HostMemory> ParseMeminfo(absl::string_view text);

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_BACKEND_HOST_MEMORY_H_
