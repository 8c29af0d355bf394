#include "services/proxy/domain/resolve.h"

namespace drover::proxy {
namespace {

// The address of the route's container or of its successor.
std::optional<Ipv4Address> AddressOf(const Route& route, const LocalTarget& target,
                                     const std::vector<LocalContainer>& containers) {
  std::optional<Ipv4Address> successor;
  for (const LocalContainer& container : containers) {
    if (!container.address.has_value()) continue;
    if (container.id == target.container) return container.address;
    if (container.application == route.application && container.opened) {
      successor = container.address;
    }
  }
  return successor;
}

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

}  // namespace

KernelRoutes Resolve(const RouteTable& table,
                     const std::optional<std::vector<LocalContainer>>& containers,
                     const KernelRoutes& held, const std::set<int>& unchanged) {
  KernelRoutes wanted;
  for (const auto& [port, route] : table.routes()) {
    if (const auto* remote = std::get_if<RemoteTarget>(&route.target)) {
      Put(port, TargetKind::kRemote, {remote->address, port}, wanted);
      continue;
    }
    const auto& local = std::get<LocalTarget>(route.target);
    if (containers.has_value()) {
      if (auto address = AddressOf(route, local, *containers)) {
        Put(port, TargetKind::kLocal, {*address, local.internal_port}, wanted);
      }
      continue;
    }
    std::optional<Endpoint> kept = HeldLocalTarget(port, held);
    if (kept.has_value() && unchanged.contains(port)) {
      Put(port, TargetKind::kLocal, *kept, wanted);
    } else {
      wanted.waiting.insert(port);
    }
  }
  return wanted;
}

std::set<int> Unresolved(const RouteTable& table,
                         const std::optional<std::vector<LocalContainer>>& containers) {
  std::set<int> ports;
  for (const auto& [port, route] : table.routes()) {
    const auto* local = std::get_if<LocalTarget>(&route.target);
    if (local == nullptr) continue;
    if (!containers.has_value() || !AddressOf(route, *local, *containers)) ports.insert(port);
  }
  return ports;
}

}  // namespace drover::proxy
