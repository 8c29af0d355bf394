// The ports by which containers hang on their node's bridge.
#ifndef DROVER_SERVICES_CONTAINER_BACKEND_BRIDGE_PORTS_H_
#define DROVER_SERVICES_CONTAINER_BACKEND_BRIDGE_PORTS_H_

#include "absl/status/status.h"

namespace drover::container {

// Thread-safe; calls block for a moment.
class BridgePorts {
 public:
  virtual ~BridgePorts() = default;
  // Lets the bridge send frames of a container back to it. An application that connects to its own
  // external port needs that: where the kernel asks nf_tables about bridged packets
  // (bridge-nf-call-iptables, which Docker sets), the translated packet stays on the bridge, and a
  // bridge sends nothing back where it came from. `pid` is a process of the container. OK if it is
  // on no bridge.
  virtual absl::Status LetTalkToItself(int pid) = 0;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_BACKEND_BRIDGE_PORTS_H_
