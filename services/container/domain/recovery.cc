#include "services/container/domain/recovery.h"

namespace drover::container {

RecoveryAction DecideRecovery(const RecoveryFacts& facts) {
  const bool wanted =
      facts.intent == Intent::kRun || (facts.intent == Intent::kStaged && facts.gate_was_opened);
  if (!facts.runs) {
    return wanted && facts.may_run_here ? RecoveryAction::kStart : RecoveryAction::kLeave;
  }
  if (facts.intent == Intent::kStopped) return RecoveryAction::kStop;
  const bool application_runs = facts.gate_was_opened && !facts.restarted_by_hand;
  if (wanted && !application_runs && facts.may_run_here) return RecoveryAction::kStart;
  return RecoveryAction::kKeep;
}

}  // namespace drover::container
