#include "services/container/gate/command_line.h"

#include <string.h>

namespace drover::gate {

bool ParseCommandLine(int argc, char** argv, CommandLine* result) {
  constexpr int kFirstMountpoint = 4;
  int separator = kFirstMountpoint;
  while (separator < argc && strcmp(argv[separator], "--") != 0) ++separator;
  if (separator + 1 >= argc) return false;
  *result = {.control_socket = argv[1],
             .start_id = argv[2],
             .working_directory = argv[3],
             .mountpoints = argv + kFirstMountpoint,
             .mountpoint_count = separator - kFirstMountpoint,
             .command = argv + separator + 1};
  return true;
}

bool IsBelowSlot(const CommandLine& line, const char* path) {
  for (int i = 0; i < line.mountpoint_count; ++i) {
    const size_t length = strlen(line.mountpoints[i]);
    if (strncmp(path, line.mountpoints[i], length) != 0) continue;
    if (path[length] == '\0' || path[length] == '/') return true;
  }
  return false;
}

}  // namespace drover::gate
