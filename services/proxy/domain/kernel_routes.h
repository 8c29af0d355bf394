// What the kernel's table holds, and the smallest change from one such content to another.
#ifndef DROVER_SERVICES_PROXY_DOMAIN_KERNEL_ROUTES_H_
#define DROVER_SERVICES_PROXY_DOMAIN_KERNEL_ROUTES_H_

#include <map>
#include <ostream>
#include <set>

#include "services/proxy/domain/ipv4_address.h"

namespace drover::proxy {

// Whether a target is a container of this node or another node: decides what is masqueraded and
// whose TTL is lowered.
enum class TargetKind { kLocal, kRemote };

// Where the packets of one external port go.
struct Endpoint {
  Ipv4Address address;
  int port = 0;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Endpoint& endpoint) {
    return out << endpoint.address.ToString() << ":" << endpoint.port;
  }
};

// One field per map or set of the kernel's table, all by external port. `targets` and `kinds` have
// the same ports unless somebody else changed the table, which a difference then mends.
struct KernelRoutes {
  std::map<int, Endpoint> targets;
  std::map<int, TargetKind> kinds;
  // Ports whose new connections wait since the address of their local target is not known yet.
  std::set<int> waiting;

  friend bool operator==(const KernelRoutes&, const KernelRoutes&) = default;
};

// One atomic batch: first `remove`, then `add`. The kernel refuses to delete what it does not have
// and to add a port it has with another value, so a changed port is in both.
struct KernelChange {
  KernelRoutes remove;
  KernelRoutes add;

  bool empty() const { return remove == KernelRoutes() && add == KernelRoutes(); }
};

// The change that makes `held` equal to `wanted`.
KernelChange Difference(const KernelRoutes& held, const KernelRoutes& wanted);

// The part of `routes` that is about `ports`.
KernelRoutes Only(const std::set<int>& ports, const KernelRoutes& routes);

// Does to `held` what the change did to the kernel that held it.
void Apply(const KernelChange& change, KernelRoutes& held);

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_DOMAIN_KERNEL_ROUTES_H_
