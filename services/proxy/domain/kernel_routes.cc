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

}  // namespace drover::proxy
