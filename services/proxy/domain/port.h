// Which TCP ports an application may claim for the whole cluster.
#ifndef DROVER_SERVICES_PROXY_DOMAIN_PORT_H_
#define DROVER_SERVICES_PROXY_DOMAIN_PORT_H_

#include "absl/status/status.h"

namespace drover::proxy {

// Where the proxy's relay accepts held connections, on every node.
inline constexpr int kRelayPort = 7404;

// True for the ports that Drover's own services listen on.
bool IsDroverPort(int port);

// INVALID_ARGUMENT unless `port` is 1 to 65535. `what` names it in the message.
absl::Status ValidatePort(int port, const char* what);

// As ValidatePort, and refuses Drover's own ports: a route on one would cut the cluster's control
// off.
absl::Status ValidateExternalPort(int port);

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_DOMAIN_PORT_H_
