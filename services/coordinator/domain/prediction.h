// How long a cut-over or a restart will interrupt an application, from what earlier ones took.
//
//   interruption = stop + snapshot + max(floor, delta / bandwidth) + commit + activate + ready
//                  + route
//
// What was never measured is assumed (each part's median / 95th percentile):
//
//   stop 250/600 ms, snapshot 30/100 ms, floor 60/200 ms, bandwidth 100/50 MiB/s, commit 5/20 ms,
//   activate 40/100 ms, ready 200/450 ms, route 10/30 ms: 595 ms and 1.5 s in all.
//
// An application that was never restarted is taken to need stop + a new container + ready for that;
// the container 350/700 ms: 800 ms and 1.75 s in all.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_PREDICTION_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_PREDICTION_H_

#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "services/coordinator/domain/convergence.h"

namespace drover::coordinator {

// What cut-overs have taken so far; in no order.
struct CutoverHistory {
  // Of the application, wherever it was moved.
  std::vector<absl::Duration> stop;
  std::vector<absl::Duration> ready;
  // What it writes because it is stopped: how much the final delta had more than the last round.
  std::vector<int64_t> shutdown_bytes;

  // Over the link from the source to the destination.
  std::vector<absl::Duration> snapshot;  // The proof that nobody writes, and the snapshots.
  std::vector<absl::Duration> floor;     // A final delta of next to nothing, made ready to mount.
  std::vector<absl::Duration> commit;
  std::vector<absl::Duration> activate;
  std::vector<absl::Duration> route;
  std::vector<double> bytes_per_second;
};

struct Prediction {
  absl::Duration expected;
  // Of 20 such interruptions, 19 are no longer.
  absl::Duration p95;
  // How many earlier moves, or restarts, of the application it rests on; 0: on assumptions, at
  // least in part.
  int measured = 0;
  friend bool operator==(const Prediction&, const Prediction&) = default;
};

// For a cut-over begun at `now`, after `rounds` (none before the first). `limited`: the rounds were
// slowed by a limit of bandwidth, which does not hold for the final delta.
//
// The 95th percentile takes all parts to be slow at once: a promise is better refused than broken.
// Of fewer than 20 measurements it is the longest and, for what so few have not shown, some more.
Prediction Predict(const CutoverHistory& history, const std::vector<Round>& rounds, bool limited,
                   absl::Time now);

// For a restart where it is. `restarts`: how long earlier ones of the application have taken; in no
// order.
Prediction PredictRestart(const std::vector<absl::Duration>& restarts,
                          const CutoverHistory& history);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_PREDICTION_H_
