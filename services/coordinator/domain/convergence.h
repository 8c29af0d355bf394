// When a move stops copying and cuts over.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_CONVERGENCE_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_CONVERGENCE_H_

#include <cstdint>
#include <vector>

#include "absl/time/time.h"

namespace drover::coordinator {

// One copy round, as the source measured it.
struct Round {
  int64_t bytes = 0;
  absl::Duration duration;
  bool incremental = false;
  friend bool operator==(const Round&, const Round&) = default;
};

// Whether another copy round, made while the application runs, makes the interruption shorter by
// more than it costs. `rounds` are those done so far, oldest first; never empty.
//
// The final delta holds what is written during the last round, so it takes about as long as a round
// that was made just before it:
// - a round that took longer than the floor (snapshot, send, receive, sync of next to nothing)
// leaves
//   a delta of its own size behind, and right after a large one the destination still writes back:
//   another round pays;
// - once a round does not shrink against the one before it, the application writes as fast as we
//   copy, and more rounds do not help;
// - five rounds are the end in any case.
bool AnotherRoundPays(const std::vector<Round>& rounds);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_CONVERGENCE_H_
