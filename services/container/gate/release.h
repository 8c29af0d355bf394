// The one message that lets the application begin.
#ifndef DROVER_SERVICES_CONTAINER_GATE_RELEASE_H_
#define DROVER_SERVICES_CONTAINER_GATE_RELEASE_H_

#include <stddef.h>

#include "services/container/gate/command_line.h"
#include "services/container/gate/control.h"

namespace drover::gate {

enum class Release {
  // Every slot holds the mount that was announced for it.
  kGranted,
  // The connection ended before the message was complete: connect again.
  kLost,
  // The message is wrong, or does not fit what is mounted; `problem` says how.
  kRefused,
};

// Waits for the release message and checks it against the slots of `line`.
Release AwaitRelease(const CommandLine& line, Control* control, char* problem, size_t size);

}  // namespace drover::gate

#endif  // DROVER_SERVICES_CONTAINER_GATE_RELEASE_H_
