// Whether the coordinator's store is an old copy, as the nodes can tell.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_OLD_STORE_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_OLD_STORE_H_

#include <cstdint>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "services/coordinator/domain/cluster_view.h"

namespace drover::coordinator {

// What the store knows of itself.
struct StoreHistory {
  CoordinatorStart current;
  // Every start that the store knows, the current one included.
  std::set<CoordinatorStart> starts;
  // How often it had been written when it was opened.
  int64_t opened_sequence = 0;
};

// Why the store is older than what `node` knows, in words for after "since"; empty if nothing says
// so. It is old if the node has obeyed a coordinator of which it knows nothing, or one of before
// this start that had written more. A node that has obeyed us proves nothing: it was asked before;
// nor do coordinators up to `given_up_epoch` (NodeRecord).
std::string WhyOlderThan(const NodeView& node, const StoreHistory& history, int64_t given_up_epoch);

// What is answered to whoever asks for a change: FAILED_PRECONDITION (RECOVERY_MODE). `why`: for
// after "since".
absl::Status RecoveryModeError(const std::string& why);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_OLD_STORE_H_
