// Where the node's routes are kept for the time after a reboot.
#ifndef DROVER_SERVICES_PROXY_BACKEND_ROUTE_STORE_H_
#define DROVER_SERVICES_PROXY_BACKEND_ROUTE_STORE_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/proxy/domain/route_table.h"

namespace drover::proxy {

class RouteStore {
 public:
  virtual ~RouteStore() = default;

  // The table of the last Save or Extend; the default one if there was none. DATA_LOSS if it is
  // damaged. Blocks.
  virtual absl::StatusOr<RouteTable> Load() = 0;
  // Durable when it returns. Blocks.
  virtual absl::Status Save(const RouteTable& table) = 0;
  // The same for what `delta` makes of `base`, which is what Load would answer, at a cost that does
  // not depend on the size of the table. After an error either is there. Blocks.
  virtual absl::Status Extend(const RouteTable& base, const RouteDelta& delta) = 0;
};

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_BACKEND_ROUTE_STORE_H_
