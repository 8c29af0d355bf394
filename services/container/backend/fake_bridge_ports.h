// BridgePorts in memory, for unit tests.
#ifndef DROVER_SERVICES_CONTAINER_BACKEND_FAKE_BRIDGE_PORTS_H_
#define DROVER_SERVICES_CONTAINER_BACKEND_FAKE_BRIDGE_PORTS_H_

#include <vector>

#include "services/container/backend/bridge_ports.h"

namespace drover::container {

class FakeBridgePorts : public BridgePorts {
 public:
  absl::Status LetTalkToItself(int pid) override {
    pids.push_back(pid);
    return status;
  }

  std::vector<int> pids;
  absl::Status status;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_BACKEND_FAKE_BRIDGE_PORTS_H_
