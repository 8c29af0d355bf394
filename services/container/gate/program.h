// Which file a command names, by the rules of execvp(3) in the container's environment.
#ifndef DROVER_SERVICES_CONTAINER_GATE_PROGRAM_H_
#define DROVER_SERVICES_CONTAINER_GATE_PROGRAM_H_

#include <limits.h>

#include "services/container/gate/command_line.h"

namespace drover::gate {

enum class Lookup {
  kFound,
  // It may lie in a slot, whose content is not there yet: look again after the release.
  kDeferred,
  kNotFound,
  kNotExecutable,
};

// Finds the program of `line.command`. Relative names count from the working directory, whatever
// the process's own is. `path` (PATH_MAX bytes) is set for kFound. `slots_are_mounted` = false
// before the release.
Lookup FindProgram(const CommandLine& line, bool slots_are_mounted, char* path);

}  // namespace drover::gate

#endif  // DROVER_SERVICES_CONTAINER_GATE_PROGRAM_H_
