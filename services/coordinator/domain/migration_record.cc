#include "services/coordinator/domain/migration_record.h"

namespace drover::coordinator {

const char* MigrationStateName(MigrationState state) {
  switch (state) {
    case MigrationState::kRequested:
      return "REQUESTED";
    case MigrationState::kAdmitted:
      return "ADMITTED";
    case MigrationState::kCopying:
      return "COPYING";
    case MigrationState::kCopied:
      return "COPIED";
    case MigrationState::kQuiescing:
      return "QUIESCING";
    case MigrationState::kSealed:
      return "SEALED";
    case MigrationState::kPrepared:
      return "PREPARED";
    case MigrationState::kCommitted:
      return "COMMITTED";
    case MigrationState::kActive:
      return "ACTIVE";
    case MigrationState::kRouted:
      return "ROUTED";
    case MigrationState::kRetired:
      return "RETIRED";
    case MigrationState::kDone:
      return "DONE";
    case MigrationState::kAborting:
      return "ABORTING";
    case MigrationState::kAborted:
      return "ABORTED";
  }
  return "UNKNOWN";
}

bool IsTerminal(MigrationState state) {
  return state == MigrationState::kDone || state == MigrationState::kAborted;
}

bool IsBeforeCommit(MigrationState state) { return state < MigrationState::kCommitted; }

bool HoldsPorts(const MigrationRecord& record) {
  const bool released = record.state == MigrationState::kRouted ||
                        record.state == MigrationState::kRetired || IsTerminal(record.state);
  return record.seal_requested && !released;
}

bool IsTooLong(const MigrationRecord& record, absl::Time now) {
  return record.options.max_downtime.has_value() && record.source_running &&
         record.seal_requested && now - record.cutover_start > *record.options.max_downtime;
}

bool IsCommitted(MigrationState state) {
  return state >= MigrationState::kCommitted && state <= MigrationState::kDone;
}

}  // namespace drover::coordinator
