// What comes back from the commands of a step, or from outside.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_MIGRATION_EVENT_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_MIGRATION_EVENT_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "services/common/ids/ids.h"
#include "services/coordinator/domain/convergence.h"
#include "services/coordinator/domain/migration_record.h"
#include "services/coordinator/domain/prediction.h"

namespace drover::coordinator {

namespace event {

struct Admitted {
  absl::Time at;
  CutoverHistory history;
};
struct Staged {
  StartId start_id;
  ContainerId container_id;
};
struct RoundCopied {
  Round round;
};
// A state without commands (COPIED, PREPARED) goes on.
struct Proceed {
  absl::Time at;
  CutoverHistory history;
  // It is not this one's turn to be cut over.
  bool must_wait = false;
};
struct Sealed {
  std::vector<SnapshotRef> snapshots;
  // When the stop was requested; InfinitePast if that was asked for before a restart.
  absl::Time stop_requested = absl::InfinitePast();
  absl::Time at = absl::InfinitePast();
};
struct Prepared {
  int64_t final_bytes = 0;
  absl::Time at = absl::InfinitePast();
};
// The time that was promised is over, and COMMIT is not in the journal.
struct DowntimeExceeded {
  absl::Time at;
};
struct Activated {
  StartId start_id;
  ContainerId container_id;
};
// Ready, and the routes of all reachable nodes are switched.
struct Routed {
  absl::Time at;
  // Nodes that answer and refused the route, and why; empty if none did.
  std::string refusal;
};
struct NotReady {
  std::string why;
};
struct Retired {};
struct Finished {
  absl::Time at;
  // For a return, if one is needed: never used before.
  MigrationId unused_id;
  Generation unused_generation;
};
// The source runs on (or is stopped, as before); `*_pending`: that node did not answer.
struct Undone {
  absl::Time at;
  bool source_pending = false;
  bool destination_pending = false;
  // The application does not serve on the source again: why.
  std::string start_problem;
  // …since it could not be started there: that is tried again.
  bool start_pending = false;
  // It runs there, but nodes refused the route to it: which, and why.
  std::string route_refusal;
};
// A command failed for good, or made no progress for too long. Before COMMIT: abort.
struct Failed {
  std::string why;
};
struct CancelRequested {
  std::string by;
};
// The destination of a committed move, or the source of one that is being aborted, does not come
// back, and an operator gave up what only it has.
struct GivenUp {
  absl::Time at;
  std::string by;
};

}  // namespace event

using Event =
    std::variant<event::Admitted, event::Staged, event::RoundCopied, event::Proceed, event::Sealed,
                 event::Prepared, event::DowntimeExceeded, event::Activated, event::Routed,
                 event::NotReady, event::Retired, event::Finished, event::Undone, event::Failed,
                 event::CancelRequested, event::GivenUp>;

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_MIGRATION_EVENT_H_
