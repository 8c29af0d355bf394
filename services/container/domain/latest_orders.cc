#include "services/container/domain/latest_orders.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/common/status/reason.h"

namespace drover::container {

void LatestOrders::Note(const std::string& application, OrderTime time) {
  OrderTime& latest = latest_[application];
  latest = std::max(latest, time);
}

absl::Status LatestOrders::NoteUnlessLate(const std::string& application, OrderTime time) {
  const OrderTime latest = latest_[application];
  if (time >= latest) {
    Note(application, time);
    return absl::OkStatus();
  }
  return StatusWithReason(absl::StatusCode::kFailedPrecondition, "STALE_ORDER",
                          absl::StrCat("an order about ", application,
                                       " comes late: the coordinator has given another one since"));
}

}  // namespace drover::container
