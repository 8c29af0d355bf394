#include "services/coordinator/domain/cutover_history.h"

#include <algorithm>
#include <optional>
#include <string>

namespace drover::coordinator {
namespace {

constexpr size_t kNewest = 20;

using Records = std::vector<const MigrationRecord*>;

template <class Predicate>
Records Newest(const Records& journal, Predicate counts) {
  Records found;
  for (auto one = journal.rbegin(); one != journal.rend() && found.size() < kNewest; ++one) {
    const bool measured = (*one)->interruption.has_value();
    if (measured && counts(**one)) found.push_back(*one);
  }
  return found;
}

std::optional<absl::Duration> PhaseOf(const MigrationRecord& record, const std::string& name) {
  for (const MigrationPhase& phase : record.phases) {
    if (phase.name == name) return phase.duration;
  }
  return std::nullopt;
}

// A coordinator that was restarted in the middle did not measure all.
void AddPhase(const MigrationRecord& record, const std::string& name,
              std::vector<absl::Duration>& to) {
  const std::optional<absl::Duration> phase = PhaseOf(record, name);
  if (phase.has_value()) to.push_back(*phase);
}

void AddRate(int64_t bytes, absl::Duration duration, CutoverHistory& history) {
  if (bytes < kTellingBytes || duration <= absl::ZeroDuration()) return;
  history.bytes_per_second.push_back(static_cast<double>(bytes) / absl::ToDoubleSeconds(duration));
}

void AddApplication(const MigrationRecord& record, CutoverHistory& history) {
  AddPhase(record, "stop", history.stop);
  AddPhase(record, "ready", history.ready);
  const int64_t before = record.rounds.empty() ? 0 : record.rounds.back().bytes;
  history.shutdown_bytes.push_back(std::max<int64_t>(record.final_bytes - before, 0));
}

void AddLink(const MigrationRecord& record, CutoverHistory& history) {
  AddPhase(record, "seal", history.snapshot);
  AddPhase(record, "commit", history.commit);
  AddPhase(record, "activate", history.activate);
  AddPhase(record, "route", history.route);
  const std::optional<absl::Duration> delta = PhaseOf(record, "delta");
  const std::optional<absl::Duration> prepare = PhaseOf(record, "prepare");
  if (delta.has_value() && prepare.has_value() && record.final_bytes <= kSmallBytes) {
    history.floor.push_back(*delta + *prepare);
  }
  if (delta.has_value()) AddRate(record.final_bytes, *delta, history);
  if (record.options.bandwidth_bytes_per_second > 0) return;
  for (const Round& round : record.rounds) AddRate(round.bytes, round.duration, history);
}

}  // namespace

CutoverHistory HistoryOf(const Records& journal, const ApplicationName& application,
                         const NodeName& source, const NodeName& destination) {
  auto of_application = [&](const MigrationRecord& one) { return one.application == application; };
  auto of_link = [&](const MigrationRecord& one) {
    return one.source == source && one.destination == destination;
  };
  auto any = [](const MigrationRecord&) { return true; };
  CutoverHistory history;
  for (const MigrationRecord* one : Newest(journal, of_application)) AddApplication(*one, history);
  Records link = Newest(journal, of_link);
  if (link.empty()) link = Newest(journal, any);
  for (const MigrationRecord* one : link) AddLink(*one, history);
  return history;
}

}  // namespace drover::coordinator
