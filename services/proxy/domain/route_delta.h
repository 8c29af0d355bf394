// What one revision of the routes changes against an earlier one.
#ifndef DROVER_SERVICES_PROXY_DOMAIN_ROUTE_DELTA_H_
#define DROVER_SERVICES_PROXY_DOMAIN_ROUTE_DELTA_H_

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "absl/status/statusor.h"
#include "services/proxy/domain/route.h"

namespace drover::proxy {

// Makes the table of `base` that of `revision`. A valid one: every route passes ValidateRoute and
// each external port occurs once, set or removed.
class RouteDelta {
 public:
  // INVALID_ARGUMENT unless 0 < `base` < `revision` and routes and ports are valid.
  static absl::StatusOr<RouteDelta> Create(int64_t base, int64_t revision,
                                           const std::vector<Route>& set,
                                           const std::vector<int>& removed);

  int64_t base() const { return base_; }
  int64_t revision() const { return revision_; }
  // New and changed ones, by external port.
  const std::map<int, Route>& set() const { return set_; }
  // External ports that have no route any more, or never had one.
  const std::set<int>& removed() const { return removed_; }
  // Of both.
  std::set<int> Ports() const;

  friend bool operator==(const RouteDelta&, const RouteDelta&) = default;

 private:
  RouteDelta() = default;

  int64_t base_ = 0;
  int64_t revision_ = 0;
  std::map<int, Route> set_;
  std::set<int> removed_;
};

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_DOMAIN_ROUTE_DELTA_H_
