// In which order applications are cut over.
#ifndef DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_CUTOVER_TURNS_H_
#define DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_CUTOVER_TURNS_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/common/async/change_signal.h"
#include "services/common/ids/ids.h"
#include "services/common/time/clock.h"
#include "services/coordinator/domain/migration_record.h"
#include "services/coordinator/orchestrator/journal.h"

namespace drover::coordinator {

// What a cut-over waits for.
struct TurnWait {
  // "the cut-over of web, which is linked to redis"
  std::string reason;
  // Not waited for any longer then; changed() may end it sooner.
  absl::Time until;
  // Then it is not its turn either: it has waited in vain.
  bool in_vain = false;
};

// - Applications linked to each other are not cut over at the same time: an outage of both is a
//   failure that neither was made to survive. Who waits for one that gets stuck gives up.
// - A cut-over has its two nodes for itself, as long as one normally takes: twenty at once would
//   all be interrupted for as long as the twenty together. One that takes longer is waiting for its
//   application, to stop or to get ready, and the others go on beside it.
// - Before it, the containers that are being made on these nodes are finished, for the same reason,
//   unless one takes long.
// - Who waits first is first, but for those that wait for a linked one.
// - An application that is brought back is down: it obeys the first rule only.
//
// Who is being cut over is in the journal, so a restart forgets nothing but the order of those that
// wait. Not thread-safe.
class CutoverTurns {
 public:
  CutoverTurns(const Journal& journal, const Clock& clock) : journal_(journal), clock_(clock) {}

  // Nothing if it is that one's turn.
  std::optional<TurnWait> Wait(const MigrationRecord& record) const;

  // Takes a place behind those that wait already, or keeps the one it has.
  void Queue(const MigrationId& id);
  // Its turn has come: nobody passes it for a while, in which it copies once more, if it has to.
  void Take(const MigrationId& id);
  void Leave(const MigrationId& id);

  // Around the writing of a record, which may begin or end a cut-over.
  void BeginWriting(const MigrationRecord& next) { writing_[next.id] = next; }
  void EndWriting(const MigrationRecord& next);

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

  // Notified when somebody's wait may be over.
  ChangeSignal& changed() { return changed_; }

 private:
  struct Place {
    MigrationId id;
    // When its turn came; InfiniteFuture before.
    absl::Time turn = absl::InfiniteFuture();
  };

  // As they are, or are about to be.
  std::vector<const MigrationRecord*> CutOverNow() const;
  std::optional<TurnWait> WaitForLinked(const MigrationRecord& record) const;

  const Journal& journal_;
  const Clock& clock_;
  // Not in the journal yet.
  std::map<MigrationId, MigrationRecord> writing_;
  // With their beginnings.
  std::map<MigrationId, absl::Time> staging_;
  // In the order in which they came.
  std::vector<Place> queue_;
  ChangeSignal changed_;
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_CUTOVER_TURNS_H_
