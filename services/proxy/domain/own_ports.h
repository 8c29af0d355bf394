// The ports that the containers of this node serve themselves.
#ifndef DROVER_SERVICES_PROXY_DOMAIN_OWN_PORTS_H_
#define DROVER_SERVICES_PROXY_DOMAIN_OWN_PORTS_H_

#include <map>
#include <utility>
#include <vector>

#include "services/proxy/domain/ipv4_address.h"
#include "services/proxy/domain/resolve.h"

namespace drover::proxy {

// From a container's address and an external port of its application to the internal port, which
// its own connections to the external port reach in the end.
using OwnPorts = std::map<std::pair<Ipv4Address, int>, int>;

OwnPorts OwnPortsOf(const std::vector<LocalContainer>& containers);

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_DOMAIN_OWN_PORTS_H_
