#include "services/coordinator/orchestrator/cutover_turns.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/coordinator/domain/links.h"

namespace drover::coordinator {
namespace {

// Longer than a cut-over takes whose application stops and starts quickly.
constexpr absl::Duration kTurn = absl::Seconds(2);

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

std::string CutoverOf(const MigrationRecord& other) {
  return absl::StrCat("the cut-over of ", other.application.value());
}

}  // namespace

std::optional<TurnWait> CutoverTurns::WaitForCutover(const MigrationRecord& record,
                                                     const MigrationRecord& other) const {
  if (AreLinked(record, other)) {
    return TurnWait{absl::StrCat(CutoverOf(other), ", which is linked to ",
                                 record.application.value())};
  }
  const absl::Time end = other.cutover_start + kTurn;
  if (!ShareNode(record, other) || clock_.Now() >= end) return std::nullopt;
  return TurnWait{CutoverOf(other), end};
}

std::optional<TurnWait> CutoverTurns::Wait(const MigrationRecord& record) const {
  for (const MigrationRecord* other : journal_.migrations()) {
    if (other->id == record.id) continue;
    const auto written = writing_.find(other->id);
    const MigrationRecord& next = written == writing_.end() ? *other : written->second;
    if (HoldsPorts(next)) {
      std::optional<TurnWait> wait = WaitForCutover(record, next);
      if (wait.has_value()) return wait;
    }
    if (staging_.contains(other->id) && ShareNode(record, *other)) {
      return TurnWait{absl::StrCat("the container of ", other->application.value(), " to be made")};
    }
  }
  for (const MigrationId& id : queue_) {
    if (id == record.id) break;
    const MigrationRecord& other = *journal_.FindMigration(id);
    if (ShareNode(record, other) || AreLinked(record, other)) return TurnWait{CutoverOf(other)};
  }
  return std::nullopt;
}

void CutoverTurns::Queue(const MigrationRecord& record) {
  if (std::count(queue_.begin(), queue_.end(), record.id) == 0) queue_.push_back(record.id);
}

void CutoverTurns::Leave(const MigrationId& id) {
  if (std::erase(queue_, id) > 0) journal_.changed().Notify();
}

CutoverTurns::Staging::Staging(CutoverTurns& turns, const MigrationRecord& record)
    : turns_(turns), id_(record.id) {
  turns_.staging_.insert(id_);
}

CutoverTurns::Staging::~Staging() {
  turns_.staging_.erase(id_);
  turns_.journal_.changed().Notify();
}

}  // namespace drover::coordinator
