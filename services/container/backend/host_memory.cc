#include "services/container/backend/host_memory.h"

#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "services/common/file/durable_file.h"
#include "services/common/status/status_macros.h"

namespace drover::container {

absl::StatusOr<HostMemory> ReadHostMemory() {
  DROVER_ASSIGN_OR_RETURN(const std::string text, ReadFile("/proc/meminfo"));
  return ParseMeminfo(text);
}

absl::StatusOr<HostMemory> ParseMeminfo(absl::string_view text) {
  HostMemory memory;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    // "MemTotal:       24689708 kB"
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
    int64_t kibibytes = 0;
    if (words.size() != 3 || words[2] != "kB" || !absl::SimpleAtoi(words[1], &kibibytes)) continue;
    if (words[0] == "MemTotal:") memory.all_bytes = kibibytes << 10;
    if (words[0] == "MemAvailable:") memory.available_bytes = kibibytes << 10;
  }
  if (memory.all_bytes > 0 && memory.available_bytes > 0) return memory;
  return absl::InternalError("/proc/meminfo has no MemTotal and MemAvailable");
}

}  // namespace drover::container
