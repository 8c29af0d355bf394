#include "services/proxy/domain/route_table.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"

namespace drover::proxy {
namespace {

absl::Status Stale(int64_t next, int64_t current) {
  return StatusWithReason(absl::StatusCode::kFailedPrecondition, "STALE_REVISION",
                          absl::StrCat("the routes of revision ", next, " come too late: revision ",
                                       current, " is in force"));
}

absl::Status Reused(int64_t revision) {
  return StatusWithReason(absl::StatusCode::kAlreadyExists, "REVISION_REUSED",
                          absl::StrCat("revision ", revision, " is in force with other routes"));
}

bool Holds(const RouteTable& table, const RouteDelta& delta) {
  for (const auto& [port, route] : delta.set()) {
    const Route* held = table.Find(port);
    if (held == nullptr || *held != route) return false;
  }
  return std::none_of(delta.removed().begin(), delta.removed().end(),
                      [&](int port) { return table.Find(port) != nullptr; });
}

}  // namespace

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

void RouteTable::Apply(const RouteDelta& delta) {
  revision_ = delta.revision();
  for (int port : delta.removed()) routes_.erase(port);
  for (const auto& [port, route] : delta.set()) routes_.insert_or_assign(port, route);
}

absl::Status CheckSuccession(const RouteTable& current, const RouteTable& next) {
  if (next.revision() < current.revision()) return Stale(next.revision(), current.revision());
  if (next.revision() > current.revision()) return absl::OkStatus();
  const bool same = std::equal(
      current.routes().begin(), current.routes().end(), next.routes().begin(), next.routes().end(),
      [](const auto& a, const auto& b) { return SameDestination(a.second, b.second); });
  return same ? absl::OkStatus() : Reused(next.revision());
}

absl::Status CheckSuccession(const RouteTable& current, const RouteDelta& delta) {
  if (delta.base() == current.revision()) return absl::OkStatus();
  if (delta.revision() < current.revision()) return Stale(delta.revision(), current.revision());
  if (delta.revision() == current.revision()) {
    return Holds(current, delta) ? absl::OkStatus() : Reused(delta.revision());
  }
  return StatusWithReason(
      absl::StatusCode::kFailedPrecondition, "NOT_AT_BASE",
      absl::StrCat("the change to revision ", delta.revision(), " is for revision ", delta.base(),
                   ", and revision ", current.revision(), " is in force: send the whole table"));
}

}  // namespace drover::proxy
