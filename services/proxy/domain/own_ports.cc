#include "services/proxy/domain/own_ports.h"

namespace drover::proxy {

OwnPorts OwnPortsOf(const std::vector<LocalContainer>& containers) {
  OwnPorts own;
  for (const LocalContainer& container : containers) {
    if (!container.address.has_value()) continue;
    for (const auto& [external, internal] : container.ports) {
      own[{*container.address, external}] = internal;
    }
  }
  return own;
}

}  // namespace drover::proxy
