// From the routes a node was told to what its kernel's table has to hold.
#ifndef DROVER_SERVICES_PROXY_DOMAIN_RESOLVE_H_
#define DROVER_SERVICES_PROXY_DOMAIN_RESOLVE_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
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
  // Absent unless it is known to run.
  std::optional<Ipv4Address> address;
  // Its gate was opened: the application itself runs in it.
  bool opened = false;
  // From the external ports of its application to the internal ones.
  std::map<int, int> ports = {};
  // The container service was restarted, and has not asked its engine about it yet.
  bool unknown = false;
};

// `now`, with each unknown container as it was in `before`, if it was there.
std::vector<LocalContainer> WithWhatWasKnown(std::vector<LocalContainer> now,
                                             const std::vector<LocalContainer>& before);

// The containers of this node, found by id and by application.
class LocalContainers {
 public:
  explicit LocalContainers(const std::vector<LocalContainer>& containers);

  // The address of the container of `route`, or, when that is gone, of the opened one that took
  // its place: the container service restarts an application in a new container by itself.
  std::optional<Ipv4Address> AddressFor(const Route& route, const LocalTarget& target) const;
  // Whether it runs is not known yet.
  bool IsUnknown(const LocalTarget& target) const;

 private:
  std::unordered_map<std::string, Ipv4Address> by_id_;
  std::unordered_map<std::string, Ipv4Address> opened_;  // By application.
  std::unordered_set<std::string> unknown_;
};

// What `table` means now. A remote route is always an element. A local one is
// - the address of its container or of that one's successor;
// - nothing, when the container service says that there is neither: clients are refused, as they
//   are while a program restarts;
// - while the container service has not answered (`containers` is empty), or does not know itself
//   whether it runs, what the kernel holds for a port in `unchanged`, so that a restart of either
//   daemon touches nothing; else waiting.
KernelRoutes Resolve(const RouteTable& table, const std::optional<LocalContainers>& containers,
                     const KernelRoutes& held, const std::set<int>& unchanged);
// The same for `ports` only.
KernelRoutes Resolve(const RouteTable& table, const std::set<int>& ports,
                     const std::optional<LocalContainers>& containers, const KernelRoutes& held,
                     const std::set<int>& unchanged);

// The external ports of the local routes of `table`.
std::set<int> LocalPorts(const RouteTable& table);

// True if one of `routes` is local and `containers` has no address for it.
bool IsUnresolved(const std::map<int, Route>& routes,
                  const std::optional<LocalContainers>& containers);

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_DOMAIN_RESOLVE_H_
