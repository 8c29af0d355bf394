// Forwarding on Linux: two kernel settings and one rule in Docker's chain for its users.
#ifndef DROVER_SERVICES_PROXY_BACKEND_LINUX_FORWARDING_H_
#define DROVER_SERVICES_PROXY_BACKEND_LINUX_FORWARDING_H_

#include "absl/status/status.h"
#include "services/proxy/backend/forwarding.h"

namespace drover::proxy {

// Of the calling thread's network namespace:
// - net.ipv4.ip_forward=1, without which no packet goes on to another node;
// - net.ipv4.conf.all.route_localnet=1, without which 127.0.0.1 cannot be routed (the table guards
//   the loopback addresses against neighbours);
// - where Docker's chain DOCKER-USER exists, a rule in it that accepts packets with our mark:
//   Docker sets the policy of FORWARD to DROP on a machine that did not forward before it came.
//   Disable removes the rule; the settings stay, since others may rely on them by then.
class LinuxForwarding : public Forwarding {
 public:
  absl::StatusOr<bool> Enable() override;
  absl::Status Disable() override;
};

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_BACKEND_LINUX_FORWARDING_H_
