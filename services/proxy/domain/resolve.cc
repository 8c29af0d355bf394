#include "services/proxy/domain/resolve.h"

#include <algorithm>

namespace drover::proxy {
namespace {

void Put(int port, TargetKind kind, Endpoint target, KernelRoutes& routes) {
  routes.targets[port] = target;
  routes.kinds[port] = kind;
}

// The element that the kernel holds for a local route, if it is one.
std::optional<Endpoint> HeldLocalTarget(int port, const KernelRoutes& held) {
  auto target = held.targets.find(port);
  auto kind = held.kinds.find(port);
  if (target == held.targets.end() || kind == held.kinds.end() ||
      kind->second != TargetKind::kLocal) {
    return std::nullopt;
  }
  return target->second;
}

// Adds what one route means.
void ResolveRoute(const Route& route, const std::optional<LocalContainers>& containers,
                  const KernelRoutes& held, const std::set<int>& unchanged, KernelRoutes& wanted) {
  const int port = route.external_port;
  if (const auto* remote = std::get_if<RemoteTarget>(&route.target)) {
    return Put(port, TargetKind::kRemote, {remote->address, port}, wanted);
  }
  const auto& local = std::get<LocalTarget>(route.target);
  if (containers.has_value() && !containers->IsUnknown(local)) {
    const std::optional<Ipv4Address> address = containers->AddressFor(route, local);
    if (address) Put(port, TargetKind::kLocal, {*address, local.internal_port}, wanted);
    return;
  }
  const std::optional<Endpoint> kept = HeldLocalTarget(port, held);
  if (kept.has_value() && unchanged.contains(port)) {
    Put(port, TargetKind::kLocal, *kept, wanted);
  } else {
    wanted.waiting.insert(port);
  }
}

}  // namespace

std::vector<LocalContainer> WithWhatWasKnown(std::vector<LocalContainer> now,
                                             const std::vector<LocalContainer>& before) {
  for (LocalContainer& container : now) {
    if (!container.unknown) continue;
    const auto same = std::find_if(before.begin(), before.end(),
                                   [&](const auto& one) { return one.id == container.id; });
    if (same != before.end()) container = *same;
  }
  return now;
}

LocalContainers::LocalContainers(const std::vector<LocalContainer>& containers) {
  for (const LocalContainer& container : containers) {
    if (container.unknown) unknown_.insert(container.id.value());
    if (!container.address.has_value()) continue;
    by_id_[container.id.value()] = *container.address;
    if (container.opened) opened_[container.application.value()] = *container.address;
  }
}

std::optional<Ipv4Address> LocalContainers::AddressFor(const Route& route,
                                                       const LocalTarget& target) const {
  const auto own = by_id_.find(target.container.value());
  if (own != by_id_.end()) return own->second;
  const auto successor = opened_.find(route.application.value());
  if (successor != opened_.end()) return successor->second;
  return std::nullopt;
}

bool LocalContainers::IsUnknown(const LocalTarget& target) const {
  return unknown_.count(target.container.value()) > 0;
}

KernelRoutes Resolve(const RouteTable& table, const std::optional<LocalContainers>& containers,
                     const KernelRoutes& held, const std::set<int>& unchanged) {
  KernelRoutes wanted;
  for (const auto& [port, route] : table.routes()) {
    ResolveRoute(route, containers, held, unchanged, wanted);
  }
  return wanted;
}

KernelRoutes Resolve(const RouteTable& table, const std::set<int>& ports,
                     const std::optional<LocalContainers>& containers, const KernelRoutes& held,
                     const std::set<int>& unchanged) {
  KernelRoutes wanted;
  for (int port : ports) {
    const Route* route = table.Find(port);
    if (route != nullptr) ResolveRoute(*route, containers, held, unchanged, wanted);
  }
  return wanted;
}

std::set<int> LocalPorts(const RouteTable& table) {
  std::set<int> ports;
  for (const auto& [port, route] : table.routes()) {
    if (std::holds_alternative<LocalTarget>(route.target)) ports.insert(port);
  }
  return ports;
}

bool IsUnresolved(const std::map<int, Route>& routes,
                  const std::optional<LocalContainers>& containers) {
  return std::any_of(routes.begin(), routes.end(), [&](const auto& entry) {
    const auto* local = std::get_if<LocalTarget>(&entry.second.target);
    return local != nullptr &&
           (!containers.has_value() || !containers->AddressFor(entry.second, *local));
  });
}

}  // namespace drover::proxy
