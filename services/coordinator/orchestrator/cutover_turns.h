// In which order applications are cut over.
#ifndef DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_CUTOVER_TURNS_H_
#define DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_CUTOVER_TURNS_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/common/ids/ids.h"
#include "services/common/time/clock.h"
#include "services/coordinator/domain/migration_record.h"
#include "services/coordinator/orchestrator/journal.h"

namespace drover::coordinator {

// What a cut-over waits for.
struct TurnWait {
  // "the cut-over of web, which is linked to redis"
  std::string reason;
  // Then it has waited long enough for that; a change in the journal may end it sooner.
  absl::Time until = absl::InfiniteFuture();
};

// - Applications linked to each other are not cut over at the same time: an outage of both is a
//   failure that neither was made to survive.
// - A cut-over has its two nodes for itself, as long as one normally takes: twenty at once would
//   all be interrupted for as long as the twenty together. One that takes longer is waiting for its
//   application, to stop or to get ready, and the others go on beside it.
// - Before it, the containers that are being made on these nodes are finished, for the same reason.
// - Who waits first is first.
//
// Who is being cut over is in the journal, so a restart forgets nothing but the order of those that
// wait. Not thread-safe.
class CutoverTurns {
 public:
  CutoverTurns(Journal& journal, const Clock& clock) : journal_(journal), clock_(clock) {}

  // Nothing if it is that one's turn, as it is from then on until Leave.
  std::optional<TurnWait> Wait(const MigrationRecord& record) const;

  // Takes a place behind those that wait already, or keeps the one it has.
  void Queue(const MigrationRecord& record);
  void Leave(const MigrationId& id);

  // Around the writing of a record, which may begin a cut-over.
  void BeginWriting(const MigrationRecord& next) {
    if (HoldsPorts(next)) writing_[next.id] = next;
  }
  void EndWriting(const MigrationRecord& next) { writing_.erase(next.id); }

  // While it lives, that move's container is being made.
  class Staging {
   public:
    Staging(CutoverTurns& turns, const MigrationRecord& record);
    Staging(const Staging&) = delete;
    Staging& operator=(const Staging&) = delete;
    ~Staging();

   private:
    CutoverTurns& turns_;
    const MigrationId id_;
  };

 private:
  std::optional<TurnWait> WaitForCutover(const MigrationRecord& record,
                                         const MigrationRecord& other) const;

  Journal& journal_;
  const Clock& clock_;
  // Not in the journal yet.
  std::map<MigrationId, MigrationRecord> writing_;
  std::set<MigrationId> staging_;
  // In the order in which they came.
  std::vector<MigrationId> queue_;
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_CUTOVER_TURNS_H_
