// What the kernel remembers of the connections it routed.
#ifndef DROVER_SERVICES_PROXY_BACKEND_CONNECTION_TABLE_H_
#define DROVER_SERVICES_PROXY_BACKEND_CONNECTION_TABLE_H_

#include <map>
#include <set>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/proxy/domain/kernel_routes.h"

namespace drover::proxy {

// An established connection keeps the target it was routed to, also when that target is gone.
class ConnectionTable {
 public:
  virtual ~ConnectionTable() = default;

  // Forgets the open connections that Drover routed to anything but what `targets` says for their
  // external port, so that their next packet does not go to a dead address. Answers how many.
  // UNAVAILABLE (KERNEL) if the kernel refused. Blocks.
  virtual absl::StatusOr<int> Forget(const std::map<int, Endpoint>& targets) = 0;
  // Forgets the attempts to connect to external ports in `ports` that Drover routed and nobody has
  // answered, so that their repetition takes the way of a new one. Answers how many. UNAVAILABLE
  // (KERNEL). Blocks.
  virtual absl::StatusOr<int> ForgetUnanswered(const std::set<int>& ports) = 0;
};

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_BACKEND_CONNECTION_TABLE_H_
