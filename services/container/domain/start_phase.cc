#include "services/container/domain/start_phase.h"

namespace drover::container {

StartPhase PhaseOf(const StartFacts& facts) {
  if (facts.ended) return StartPhase::kExited;
  if (facts.gate_opened) return facts.probe_passed ? StartPhase::kReady : StartPhase::kStarting;
  return facts.gate_reported ? StartPhase::kGated : StartPhase::kStaging;
}

}  // namespace drover::container
