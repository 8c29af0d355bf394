#include "services/proxy/domain/kernel_routes.h"

#include <algorithm>
#include <iterator>

namespace drover::proxy {
namespace {

// The elements of `a` that `b` does not have with the same value.
template <class Container>
Container Minus(const Container& a, const Container& b) {
  Container only_a;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::inserter(only_a, only_a.end()));
  return only_a;
}

KernelRoutes Minus(const KernelRoutes& a, const KernelRoutes& b) {
  return {Minus(a.targets, b.targets), Minus(a.kinds, b.kinds), Minus(a.waiting, b.waiting)};
}

}  // namespace

KernelChange Difference(const KernelRoutes& held, const KernelRoutes& wanted) {
  return {Minus(held, wanted), Minus(wanted, held)};
}

KernelRoutes Only(const std::set<int>& ports, const KernelRoutes& routes) {
  KernelRoutes only;
  for (int port : ports) {
    const auto target = routes.targets.find(port);
    if (target != routes.targets.end()) only.targets.insert(*target);
    const auto kind = routes.kinds.find(port);
    if (kind != routes.kinds.end()) only.kinds.insert(*kind);
    if (routes.waiting.contains(port)) only.waiting.insert(port);
  }
  return only;
}

void Apply(const KernelChange& change, KernelRoutes& held) {
  for (const auto& [port, target] : change.remove.targets) held.targets.erase(port);
  for (const auto& [port, kind] : change.remove.kinds) held.kinds.erase(port);
  for (int port : change.remove.waiting) held.waiting.erase(port);
  for (const auto& [port, target] : change.add.targets) held.targets[port] = target;
  for (const auto& [port, kind] : change.add.kinds) held.kinds[port] = kind;
  held.waiting.insert(change.add.waiting.begin(), change.add.waiting.end());
}

}  // namespace drover::proxy
