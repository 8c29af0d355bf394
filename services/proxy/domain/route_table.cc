#include "services/proxy/domain/route_table.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"

namespace drover::proxy {

absl::StatusOr<RouteTable> RouteTable::Create(int64_t revision, const std::vector<Route>& routes) {
  if (revision <= 0) {
    return absl::InvalidArgumentError(absl::StrCat("revision ", revision, " is not above 0"));
  }
  RouteTable table;
  table.revision_ = revision;
  for (const Route& route : routes) {
    DROVER_RETURN_IF_ERROR(ValidateRoute(route));
    if (!table.routes_.emplace(route.external_port, route).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("external port ", route.external_port, " is routed twice"));
    }
  }
  return table;
}

const Route* RouteTable::Find(int external_port) const {
  auto it = routes_.find(external_port);
  return it == routes_.end() ? nullptr : &it->second;
}

absl::Status CheckSuccession(const RouteTable& current, const RouteTable& next) {
  if (next.revision() < current.revision()) {
    return StatusWithReason(
        absl::StatusCode::kFailedPrecondition, "STALE_REVISION",
        absl::StrCat("the routes of revision ", next.revision(), " come too late: revision ",
                     current.revision(), " is in force"));
  }
  if (next.revision() > current.revision()) return absl::OkStatus();
  const bool same = std::equal(
      current.routes().begin(), current.routes().end(), next.routes().begin(), next.routes().end(),
      [](const auto& a, const auto& b) { return SameDestination(a.second, b.second); });
  if (same) return absl::OkStatus();
  return StatusWithReason(
      absl::StatusCode::kAlreadyExists, "REVISION_REUSED",
      absl::StrCat("revision ", next.revision(), " is in force with other routes"));
}

}  // namespace drover::proxy
