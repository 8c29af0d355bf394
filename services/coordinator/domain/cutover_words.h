// What is said of a cut-over that is not begun, or not kept: the numbers, and what to do.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_CUTOVER_WORDS_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_CUTOVER_WORDS_H_

#include <string>

#include "absl/time/time.h"
#include "services/coordinator/domain/migration_record.h"

namespace drover::coordinator {

// Sentences without an end: what runs where is added. Each needs the fields that it speaks of:
// prediction and max_downtime; two rounds; cutover_start and max_downtime.
std::string DoesNotFitText(const MigrationRecord& record);
std::string OutrunText(const MigrationRecord& record);
std::string TooLongText(const MigrationRecord& record, absl::Time now);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_CUTOVER_WORDS_H_
