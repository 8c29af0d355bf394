#include "services/coordinator/orchestrator/cutover_turns.h"

#include "services/coordinator/domain/links.h"

namespace drover::coordinator {
namespace {

// By what runs now, and by what is to run.
bool AreLinked(const MigrationRecord& a, const MigrationRecord& b) {
  return coordinator::AreLinked(a.spec, b.spec) ||
         coordinator::AreLinked(a.source_spec, b.source_spec) ||
         coordinator::AreLinked(a.spec, b.source_spec) ||
         coordinator::AreLinked(a.source_spec, b.spec);
}

}  // namespace

ApplicationName CutoverTurns::LinkedCutover(const MigrationRecord& record) const {
  for (const MigrationRecord* other : journal_.migrations()) {
    if (other->id == record.id) continue;
    const bool cuts_over = HoldsPorts(*other) || writing_.contains(other->id);
    if (cuts_over && AreLinked(record, *other)) return other->application;
  }
  return ApplicationName();
}

}  // namespace drover::coordinator
