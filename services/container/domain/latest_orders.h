// Which of two orders about one application was given later.
#ifndef DROVER_SERVICES_CONTAINER_DOMAIN_LATEST_ORDERS_H_
#define DROVER_SERVICES_CONTAINER_DOMAIN_LATEST_ORDERS_H_

#include <compare>
#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"

namespace drover::container {

// When the coordinator gave an order: see common.v1.Fence.
struct OrderTime {
  int64_t epoch = 0;
  int64_t sequence = 0;
  friend auto operator<=>(const OrderTime&, const OrderTime&) = default;
};

// Calls overtake each other. A generation does not tell two orders for the same data apart, so a
// start that comes late would bring back the container that a later order has replaced, and a late
// removal would end the one that was started since. In memory only: no call outlives the process
// that it was sent to.
class LatestOrders {
 public:
  void Note(const std::string& application, OrderTime time);
  // The same, and FAILED_PRECONDITION (STALE_ORDER) if a later one was noted before.
  absl::Status NoteUnlessLate(const std::string& application, OrderTime time);

 private:
  std::map<std::string, OrderTime> latest_;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_DOMAIN_LATEST_ORDERS_H_
