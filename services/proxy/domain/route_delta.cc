#include "services/proxy/domain/route_delta.h"

#include "absl/strings/str_cat.h"
#include "services/common/status/status_macros.h"
#include "services/proxy/domain/port.h"

namespace drover::proxy {

absl::StatusOr<RouteDelta> RouteDelta::Create(int64_t base, int64_t revision,
                                              const std::vector<Route>& set,
                                              const std::vector<int>& removed) {
  if (base <= 0 || revision <= base) {
    return absl::InvalidArgumentError(
        absl::StrCat("nothing leads from revision ", base, " to revision ", revision));
  }
  RouteDelta delta;
  delta.base_ = base;
  delta.revision_ = revision;
  for (const Route& route : set) {
    DROVER_RETURN_IF_ERROR(ValidateRoute(route));
    if (!delta.set_.emplace(route.external_port, route).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("external port ", route.external_port, " is routed twice"));
    }
  }
  for (int port : removed) {
    DROVER_RETURN_IF_ERROR(ValidateExternalPort(port));
    if (delta.set_.contains(port) || !delta.removed_.insert(port).second) {
      return absl::InvalidArgumentError(absl::StrCat("external port ", port, " is changed twice"));
    }
  }
  return delta;
}

std::set<int> RouteDelta::Ports() const {
  std::set<int> ports = removed_;
  for (const auto& [port, route] : set_) ports.insert(port);
  return ports;
}

}  // namespace drover::proxy
