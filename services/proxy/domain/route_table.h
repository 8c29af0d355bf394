// All routes of one node, at one cluster-wide revision.
#ifndef DROVER_SERVICES_PROXY_DOMAIN_ROUTE_TABLE_H_
#define DROVER_SERVICES_PROXY_DOMAIN_ROUTE_TABLE_H_

#include <cstdint>
#include <map>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/proxy/domain/route.h"
#include "services/proxy/domain/route_delta.h"

namespace drover::proxy {

// A valid table: every route passes ValidateRoute and each external port occurs once. The default
// one is that of a node that was never told anything: revision 0, empty.
class RouteTable {
 public:
  RouteTable() = default;

  // INVALID_ARGUMENT unless `revision` > 0 and the routes are valid.
  static absl::StatusOr<RouteTable> Create(int64_t revision, const std::vector<Route>& routes);

  int64_t revision() const { return revision_; }
  // Only a delta that CheckSuccession lets pass.
  void Apply(const RouteDelta& delta);
  // By external port.
  const std::map<int, Route>& routes() const { return routes_; }
  // The route of `external_port`; null if there is none.
  const Route* Find(int external_port) const;

  friend bool operator==(const RouteTable&, const RouteTable&) = default;

 private:
  int64_t revision_ = 0;
  std::map<int, Route> routes_;
};

// Whether `next` may take the place of `current`. Routes never go back: FAILED_PRECONDITION
// (STALE_REVISION) if its revision is lower. One revision means one table: ALREADY_EXISTS
// (REVISION_REUSED) if the revisions are equal and the destinations are not.
absl::Status CheckSuccession(const RouteTable& current, const RouteTable& next);
// The same for a delta, which besides is for its base only: FAILED_PRECONDITION (NOT_AT_BASE) if
// `current` is neither that nor what the delta leads to.
absl::Status CheckSuccession(const RouteTable& current, const RouteDelta& delta);

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_DOMAIN_ROUTE_TABLE_H_
