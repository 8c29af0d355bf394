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

  // The table of the last Save; the default one if there was none. DATA_LOSS if it is damaged.
  // Blocks.
  virtual absl::StatusOr<RouteTable> Load() = 0;
  // Durable when it returns. Blocks.
  virtual absl::Status Save(const RouteTable& table) = 0;
};

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_BACKEND_ROUTE_STORE_H_
