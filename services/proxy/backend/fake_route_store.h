#ifndef DROVER_SERVICES_PROXY_BACKEND_FAKE_ROUTE_STORE_H_
#define DROVER_SERVICES_PROXY_BACKEND_FAKE_ROUTE_STORE_H_

#include "services/proxy/backend/route_store.h"

namespace drover::proxy {

// Keeps the table in memory.
class FakeRouteStore : public RouteStore {
 public:
  absl::StatusOr<RouteTable> Load() override { return table; }
  absl::Status Save(const RouteTable& saved) override {
    table = saved;
    return absl::OkStatus();
  }
  absl::Status Extend(const RouteTable& base, const RouteDelta& delta) override {
    table = base;
    table.Apply(delta);
    ++extended;
    return absl::OkStatus();
  }

  RouteTable table;
  int extended = 0;
};

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_BACKEND_FAKE_ROUTE_STORE_H_
