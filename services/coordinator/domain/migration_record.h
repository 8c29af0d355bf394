// What the journal holds about one move.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_MIGRATION_RECORD_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_MIGRATION_RECORD_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/common/ids/ids.h"
#include "services/coordinator/domain/application_spec.h"
#include "services/coordinator/domain/convergence.h"
#include "services/coordinator/domain/prediction.h"

namespace drover::coordinator {

// The journal's words; migration.h draws how one follows another.
enum class MigrationState {
  kRequested,
  kAdmitted,
  kCopying,
  kCopied,
  kQuiescing,
  kSealed,
  kPrepared,
  kCommitted,
  kActive,
  kRouted,
  kRetired,
  kDone,
  kAborting,
  kAborted,
};

inline constexpr MigrationState kAllMigrationStates[] = {
    MigrationState::kRequested, MigrationState::kAdmitted,  MigrationState::kCopying,
    MigrationState::kCopied,    MigrationState::kQuiescing, MigrationState::kSealed,
    MigrationState::kPrepared,  MigrationState::kCommitted, MigrationState::kActive,
    MigrationState::kRouted,    MigrationState::kRetired,   MigrationState::kDone,
    MigrationState::kAborting,  MigrationState::kAborted,
};

// One volume's final snapshot, as the source's seal named it.
struct SnapshotRef {
  std::string name;
  std::string identity;
  std::string migration;
  friend bool operator==(const SnapshotRef&, const SnapshotRef&) = default;
};

struct MigrationPhase {
  std::string name;
  absl::Duration duration;
  friend bool operator==(const MigrationPhase&, const MigrationPhase&) = default;
};

struct MigrationOptions {
  int64_t bandwidth_bytes_per_second = 0;  // 0 = no limit.
  // A promise: the interruption is not begun unless it is predicted to be no longer.
  std::optional<absl::Duration> max_downtime;
  friend bool operator==(const MigrationOptions&, const MigrationOptions&) = default;
};

struct MigrationRecord {
  // Set by the creator, constant from then on.
  MigrationId id;
  ApplicationName application;
  NodeName source;
  NodeName destination;
  Generation generation;  // What the destination gets.
  Generation source_generation;
  bool source_running = false;  // Whether an abort has to leave it running.
  ApplicationSpec spec;         // What runs on the destination.
  ApplicationSpec source_spec;  // What runs on the source, and again after an abort or a return.
  MigrationOptions options;
  MigrationId return_of;  // Empty for a move that somebody asked for.
  std::string requested_by;
  absl::Time create_time;

  // Changed by Decide().
  MigrationState state = MigrationState::kRequested;
  StartId start_id;  // The gated container on the destination.
  ContainerId container_id;
  std::vector<Round> rounds;
  absl::Duration pause;     // COPYING waits so long before its round.
  bool await_turn = false;  // COPIED waits until it is its turn to be cut over.
  int calm_waits = 0;       // Pauses so far.
  // Of the interruption; of an application that is stopped there is none.
  std::optional<Prediction> prediction;
  std::vector<SnapshotRef> snapshots;  // From SEALED on.
  int64_t final_bytes = 0;
  bool seal_requested = false;  // The source may have been stopped.
  bool stage_again = false;     // COMMITTED, and the gated container was lost.
  bool not_ready = false;       // ACTIVE or later, and the application did not get ready.
  // ABORTING, and nobody remembers whether the destination had the data: the source must not go on
  // before it has durably discarded it.
  bool discard_first = false;
  // ABORTED, but that node did not answer: it is told when it is back.
  bool source_pending = false;
  bool destination_pending = false;
  // ABORTED, and the application could not be started at the source again: tried until it is, or is
  // not wanted there any more (IsWantedAtSource in records.h).
  bool start_pending = false;
  MigrationId returned_by;
  std::string error;
  absl::Time cutover_start = absl::InfinitePast();
  std::optional<absl::Duration> interruption;
  bool missed = false;  // It was longer than max_downtime, or had been when it was undone.
  std::optional<absl::Time> end_time;

  // Measured by the driver.
  std::vector<MigrationPhase> phases;
  int64_t revision = 0;

  friend bool operator==(const MigrationRecord&, const MigrationRecord&) = default;
};

// `COPYING`.
const char* MigrationStateName(MigrationState state);

// DONE or ABORTED.
bool IsTerminal(MigrationState state);

// The move can still be undone: COMMIT is not in the journal.
bool IsBeforeCommit(MigrationState state);

// New connections to its ports wait on all nodes: from the seal until the move is routed or undone.
bool HoldsPorts(const MigrationRecord& record);

// The promise is broken if the application does not serve at `now`. False if none was made.
bool IsTooLong(const MigrationRecord& record, absl::Time now);

// COMMITTED or later: the destination owns the data.
bool IsCommitted(MigrationState state);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_MIGRATION_RECORD_H_
