#include "services/coordinator/orchestrator/cutover_turns.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/coordinator/domain/links.h"

namespace drover::coordinator {
namespace {

// Longer than a cut-over takes whose application stops and starts quickly.
constexpr absl::Duration kTurn = absl::Seconds(2);
// What a cut-over may take beside the application's own stop and start.
constexpr absl::Duration kStuck = absl::Minutes(5);
// Longer than an engine takes for a container, also if it makes twenty at once.
constexpr absl::Duration kStaging = absl::Seconds(10);

// By what runs now, and by what is to run.
bool AreLinked(const MigrationRecord& a, const MigrationRecord& b) {
  return coordinator::AreLinked(a.spec, b.spec) ||
         coordinator::AreLinked(a.source_spec, b.source_spec) ||
         coordinator::AreLinked(a.spec, b.source_spec) ||
         coordinator::AreLinked(a.source_spec, b.spec);
}

bool ShareNode(const MigrationRecord& a, const MigrationRecord& b) {
  return a.source == b.source || a.source == b.destination || a.destination == b.source ||
         a.destination == b.destination;
}

absl::Duration StuckAfter(const MigrationRecord& other) {
  return kStuck + other.source_spec.stop_timeout +
         other.spec.readiness.value_or(Readiness()).timeout;
}

std::string CutoverOf(const MigrationRecord& other) {
  return absl::StrCat("the cut-over of ", other.application.value());
}

}  // namespace

std::vector<const MigrationRecord*> CutoverTurns::CutOverNow() const {
  std::vector<const MigrationRecord*> now;
  for (const MigrationRecord* migration : journal_.migrations()) {
    const auto written = writing_.find(migration->id);
    const MigrationRecord* next = written == writing_.end() ? migration : &written->second;
    // What is written ends a cut-over only once it is durable.
    if (HoldsPorts(*migration) || HoldsPorts(*next)) now.push_back(next);
  }
  return now;
}

std::optional<TurnWait> CutoverTurns::WaitForLinked(const MigrationRecord& record) const {
  for (const MigrationRecord* other : CutOverNow()) {
    if (other->id == record.id || !AreLinked(record, *other)) continue;
    TurnWait wait;
    wait.reason =
        absl::StrCat(CutoverOf(*other), ", which is linked to ", record.application.value());
    // An application that is brought back is down: there is nothing to go back to.
    wait.in_vain = record.return_of.empty();
    wait.until = wait.in_vain ? other->cutover_start + StuckAfter(*other) : absl::InfiniteFuture();
    return wait;
  }
  return std::nullopt;
}

std::optional<TurnWait> CutoverTurns::Wait(const MigrationRecord& record) const {
  std::optional<TurnWait> linked = WaitForLinked(record);
  if (linked.has_value() || !record.return_of.empty()) return linked;
  const absl::Time now = clock_.Now();
  for (const MigrationRecord* other : CutOverNow()) {
    const absl::Time end = other->cutover_start + kTurn;
    if (other->id == record.id || !ShareNode(record, *other) || now >= end) continue;
    return TurnWait{CutoverOf(*other), end};
  }
  for (const auto& [id, begin] : staging_) {
    const MigrationRecord& other = *journal_.FindMigration(id);
    if (!ShareNode(record, other) || now >= begin + kStaging) continue;
    return TurnWait{absl::StrCat("the container of ", other.application.value(), " to be made"),
                    begin + kStaging};
  }
  for (const Place& place : queue_) {
    if (place.id == record.id) break;
    const MigrationRecord& other = *journal_.FindMigration(place.id);
    const bool ahead = ShareNode(record, other) || AreLinked(record, other);
    if (!ahead || now >= place.turn + kTurn || WaitForLinked(other).has_value()) continue;
    return TurnWait{CutoverOf(other), place.turn + kTurn};
  }
  return std::nullopt;
}

void CutoverTurns::Queue(const MigrationId& id) {
  const bool queued =
      std::any_of(queue_.begin(), queue_.end(), [&](const Place& place) { return place.id == id; });
  if (!queued) queue_.push_back({id});
}

void CutoverTurns::Take(const MigrationId& id) {
  for (Place& place : queue_) {
    if (place.id == id) place.turn = clock_.Now();
  }
  // Those behind it know now until when they wait.
  changed_.Notify();
}

void CutoverTurns::Leave(const MigrationId& id) {
  std::erase_if(queue_, [&](const Place& place) { return place.id == id; });
  changed_.Notify();
}

void CutoverTurns::EndWriting(const MigrationRecord& next) {
  writing_.erase(next.id);
  changed_.Notify();
}

CutoverTurns::Staging::Staging(CutoverTurns& turns, const MigrationRecord& record)
    : turns_(turns), id_(record.id) {
  // After COMMIT it is the way out of an outage, however often it is tried: nobody waits for it.
  if (IsBeforeCommit(record.state)) turns_.staging_[id_] = turns_.clock_.Now();
}

CutoverTurns::Staging::~Staging() {
  turns_.staging_.erase(id_);
  turns_.changed_.Notify();
}

}  // namespace drover::coordinator
