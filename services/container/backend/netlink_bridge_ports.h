// The kernel's bridges, over rtnetlink.
#ifndef DROVER_SERVICES_CONTAINER_BACKEND_NETLINK_BRIDGE_PORTS_H_
#define DROVER_SERVICES_CONTAINER_BACKEND_NETLINK_BRIDGE_PORTS_H_

#include "services/container/backend/bridge_ports.h"

namespace drover::container {

// Works on the network namespace it is called in, which has to be the engine's. Needs root.
class NetlinkBridgePorts : public BridgePorts {
 public:
  absl::Status LetTalkToItself(int pid) override;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_BACKEND_NETLINK_BRIDGE_PORTS_H_
