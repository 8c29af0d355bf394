// Moves that stand still and cannot be given up.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_STANDSTILL_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_STANDSTILL_H_

#include <string>

#include "absl/strings/string_view.h"
#include "services/coordinator/domain/migration_record.h"

namespace drover::coordinator {

// The application runs where it was to go, and connections are led there: only what is left at the
// source is still to be done.
bool RunsAtDestination(const MigrationRecord& record);

// What whoever does not wait any longer for the move is told: what is where, what keeps the move
// from going on, and that it goes on once that is over. `obstacle` is "node1: it does not answer".
std::string StandstillText(const MigrationRecord& record, absl::string_view obstacle);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_STANDSTILL_H_
