// Keeps applications that are linked to each other from being cut over at the same time.
#ifndef DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_CUTOVER_TURNS_H_
#define DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_CUTOVER_TURNS_H_

#include <set>

#include "services/common/ids/ids.h"
#include "services/coordinator/domain/migration_record.h"
#include "services/coordinator/orchestrator/journal.h"

namespace drover::coordinator {

// Who is being cut over is in the journal, so a restart forgets nothing. Only those are kept here
// whose cut-over is being made durable right now. Not thread-safe.
class CutoverTurns {
 public:
  explicit CutoverTurns(const Journal& journal) : journal_(journal) {}

  // An application linked to that of `record` which another move is cutting over; empty if none.
  ApplicationName LinkedCutover(const MigrationRecord& record) const;

  // Around the writing of a record, which may begin a cut-over.
  void BeginWriting(const MigrationRecord& next) {
    if (HoldsPorts(next)) writing_.insert(next.id);
  }
  void EndWriting(const MigrationRecord& next) { writing_.erase(next.id); }

 private:
  const Journal& journal_;
  std::set<MigrationId> writing_;
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_CUTOVER_TURNS_H_
