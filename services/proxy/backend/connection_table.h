// What the kernel remembers of the connections it routed.
#ifndef DROVER_SERVICES_PROXY_BACKEND_CONNECTION_TABLE_H_
#define DROVER_SERVICES_PROXY_BACKEND_CONNECTION_TABLE_H_

#include <map>
#include <memory>
#include <set>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/proxy/domain/kernel_routes.h"

namespace drover::proxy {

// One that Drover routed, as it was when it was found.
struct TrackedConnection {
  int external_port = 0;
  Endpoint target;
  // The table's own.
  std::shared_ptr<const void> entry;
};

// It leads to anything but what `targets` says for its external port.
inline bool LeadsElsewhere(const TrackedConnection& connection,
                           const std::map<int, Endpoint>& targets) {
  const auto target = targets.find(connection.external_port);
  return target == targets.end() || target->second != connection.target;
}

// An established connection keeps the target it was routed to, also when that target is gone.
// Finding looks at all connections of the machine: tens of milliseconds for ten thousand. All calls
// block and may overlap. Errors: UNAVAILABLE (KERNEL) if the kernel refused.
class ConnectionTable {
 public:
  virtual ~ConnectionTable() = default;

  // The open connections for which LeadsElsewhere.
  virtual absl::StatusOr<std::vector<TrackedConnection>> FindElsewhere(
      const std::map<int, Endpoint>& targets) = 0;
  // The attempts to connect to external ports in `ports` that nobody has answered.
  virtual absl::StatusOr<std::vector<TrackedConnection>> FindUnanswered(
      const std::set<int>& ports) = 0;
  // So that the next packet of each takes the way of a new connection. OK for those that are over
  // by now.
  virtual absl::Status Forget(const std::vector<TrackedConnection>& connections) = 0;
};

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_BACKEND_CONNECTION_TABLE_H_
