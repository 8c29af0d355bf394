// From the routes a node was told to what its kernel's table has to hold.
#ifndef DROVER_SERVICES_PROXY_DOMAIN_RESOLVE_H_
#define DROVER_SERVICES_PROXY_DOMAIN_RESOLVE_H_

#include <optional>
#include <set>
#include <vector>

#include "services/common/ids/ids.h"
#include "services/proxy/domain/ipv4_address.h"
#include "services/proxy/domain/kernel_routes.h"
#include "services/proxy/domain/route_table.h"

namespace drover::proxy {

// A container of this node, as the container service sees it.
struct LocalContainer {
  ContainerId id;
  ApplicationName application;
  // Absent unless it runs.
  std::optional<Ipv4Address> address;
  // Its gate was opened: the application itself runs in it.
  bool opened = false;
};

// What `table` means now. A remote route is always an element. A local one is
// - the address of its container, or, when that container is gone, of the opened one that took its
//   place: the container service restarts an application in a new container by itself;
// - nothing, when the container service says that there is neither: clients are refused, as they
//   are while a program restarts;
// - while the container service has not answered (`containers` is empty), what the kernel holds for
//   a port in `unchanged`, so that a restart of the daemon touches nothing; else waiting.
KernelRoutes Resolve(const RouteTable& table,
                     const std::optional<std::vector<LocalContainer>>& containers,
                     const KernelRoutes& held, const std::set<int>& unchanged);

// The local routes of `table` that `containers` has no address for, by external port.
std::set<int> Unresolved(const RouteTable& table,
                         const std::optional<std::vector<LocalContainer>>& containers);

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_DOMAIN_RESOLVE_H_
