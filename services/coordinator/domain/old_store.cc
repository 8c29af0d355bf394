#include "services/coordinator/domain/old_store.h"

#include "absl/strings/str_cat.h"
#include "services/common/status/reason.h"

namespace drover::coordinator {

std::string WhyOlderThan(const NodeView& node, const StoreHistory& history,
                         int64_t given_up_epoch) {
  for (const ObeyedCoordinator& obeyed : node.obeyed) {
    if (obeyed.start.epoch == 0 || obeyed.start == history.current) continue;
    if (obeyed.start.epoch <= given_up_epoch) continue;
    const std::string who = absl::StrCat("the ", obeyed.service, " service of ", node.name.value());
    if (!history.starts.contains(obeyed.start)) {
      return absl::StrCat(who, " has obeyed a coordinator (epoch ", obeyed.start.epoch,
                          ") that its store knows nothing of");
    }
    if (obeyed.sequence > history.opened_sequence) {
      return absl::StrCat(who, " knows of entry ", obeyed.sequence,
                          " of the journal, but its store ended at entry ",
                          history.opened_sequence);
    }
  }
  return "";
}

absl::Status RecoveryModeError(const std::string& why) {
  return StatusWithReason(
      absl::StatusCode::kFailedPrecondition, "RECOVERY_MODE",
      absl::StrCat("the coordinator is in recovery mode and changes nothing, since ", why,
                   "; run `drover doctor` to see what disagrees, and `drover doctor --adopt` to go "
                   "on from what the nodes have"));
}

}  // namespace drover::coordinator
