#include "cli/render/migration_view.h"

#include "absl/strings/str_cat.h"
#include "cli/render/milliseconds.h"
#include "cli/render/table.h"
#include "cli/render/units.h"
#include "cli/render/words.h"
#include "services/common/time/proto_time.h"

namespace drover::cli {

using coordinator::v1::Migration;

namespace {

std::string TextOrEmpty(bool is_set, const google::protobuf::Duration& duration) {
  return is_set ? DurationText(DurationOf(duration)) : "";
}

std::string Interruption(const Migration& migration) {
  return TextOrEmpty(migration.has_interruption(), migration.interruption());
}

// "about 420 ms, in 19 of 20 moves at most 610 ms".
std::string Predicted(const Migration& migration) {
  if (!migration.has_predicted_interruption()) return "";
  return absl::StrCat("about ", DurationText(DurationOf(migration.predicted_interruption())),
                      ", in 19 of 20 moves at most ",
                      DurationText(DurationOf(migration.predicted_interruption_p95())));
}

std::string Limit(const Migration& migration) {
  const bool is_set = migration.options().has_max_downtime();
  return absl::StrCat(TextOrEmpty(is_set, migration.options().max_downtime()),
                      migration.missed() ? ", missed" : "");
}

Document TimeOrNull(bool is_known, const google::protobuf::Timestamp& time) {
  return is_known ? Document::Time(TimeOf(time)) : Document();
}

std::string TimeIfKnown(bool is_known, const google::protobuf::Timestamp& time) {
  return is_known ? TimeText(TimeOf(time)) : "";
}

// Bytes of the round under way, of those to send as far as that is known; empty between rounds.
std::string RoundProgress(const Migration& migration) {
  if (migration.state() != coordinator::v1::MIGRATION_STATE_COPYING ||
      migration.progress_bytes() == 0) {
    return "";
  }
  const std::string done = BytesText(migration.progress_bytes());
  if (migration.progress_total_bytes() < migration.progress_bytes()) return done;
  return absl::StrCat(done, " of ", BytesText(migration.progress_total_bytes()));
}

// What was copied while the application ran, and what is being copied now.
std::string Copied(const Migration& migration) {
  const std::string now = RoundProgress(migration);
  if (now.empty()) return BytesText(migration.bulk_bytes());
  if (migration.rounds() == 0) return now;
  return absl::StrCat(BytesText(migration.bulk_bytes()), " + ", now);
}

// What became of a move that did not succeed.
std::string Fate(const Migration& migration) {
  if (!migration.returned_by().empty()) {
    return absl::StrCat("was undone by migration ", ShortName(migration.returned_by()));
  }
  return migration.state() == coordinator::v1::MIGRATION_STATE_ABORTED ? "was aborted" : "failed";
}

}  // namespace

Document MigrationDocument(const Migration& migration) {
  Document phases = Document::List();
  for (const auto& phase : migration.phases()) {
    phases.Add(Document::Object()
                   .Set("name", Document::String(phase.name()))
                   .Set("ms", Milliseconds(phase.duration())));
  }
  return Document::Object()
      .Set("name", Document::String(ShortName(migration.name())))
      .Set("application", Document::String(ShortName(migration.application())))
      .Set("source", Document::StringOrNull(ShortName(migration.source())))
      .Set("destination", Document::StringOrNull(ShortName(migration.destination())))
      .Set("state", Document::String(Word(migration.state())))
      .Set("requested_by", Document::StringOrNull(migration.requested_by()))
      .Set("create_time", TimeOrNull(migration.has_create_time(), migration.create_time()))
      .Set("end_time", TimeOrNull(migration.has_end_time(), migration.end_time()))
      .Set("rounds", Document::Number(migration.rounds()))
      .Set("bulk_bytes", Document::Number(migration.bulk_bytes()))
      .Set("final_bytes", Document::Number(migration.final_bytes()))
      .Set("interruption_ms",
           MillisecondsOrNull(migration.has_interruption(), migration.interruption()))
      .Set("phases", std::move(phases))
      .Set("predicted_ms", MillisecondsOrNull(migration.has_predicted_interruption(),
                                              migration.predicted_interruption()))
      .Set("predicted_p95_ms", MillisecondsOrNull(migration.has_predicted_interruption_p95(),
                                                  migration.predicted_interruption_p95()))
      .Set("max_downtime_ms", MillisecondsOrNull(migration.options().has_max_downtime(),
                                                 migration.options().max_downtime()))
      .Set("missed", Document::Boolean(migration.missed()))
      .Set("progress_bytes", Document::Number(migration.progress_bytes()))
      .Set("progress_total_bytes", Document::Number(migration.progress_total_bytes()))
      .Set("waiting_for", Document::StringOrNull(migration.waiting_for()))
      .Set("returned_by", Document::StringOrNull(ShortName(migration.returned_by())))
      .Set("error", Document::StringOrNull(migration.error()));
}

Document MigrationListDocument(const MigrationList& migrations) {
  Document list = Document::List();
  for (const Migration& migration : migrations) list.Add(MigrationDocument(migration));
  return list;
}

std::string MigrationsTable(const MigrationList& migrations, const Style& style) {
  if (migrations.empty()) return "No migrations.\n";
  Table table({"MIGRATION",
               "APPLICATION",
               "FROM",
               "TO",
               "STATE",
               {"COPIED", Wrap::kAtWords},
               "FINAL",
               "INTERRUPTION"});
  for (const Migration& migration : migrations) {
    table.AddRow({ShortName(migration.name()),
                  ShortName(migration.application()),
                  ShortName(migration.source()),
                  ShortName(migration.destination()),
                  {Word(migration.state()), ColorOf(migration.state())},
                  Copied(migration),
                  BytesText(migration.final_bytes()),
                  Interruption(migration)});
  }
  return table.ToString(style);
}

std::string MigrationDetails(const Migration& migration, const Style& style) {
  std::string text;
  auto add = [&text](absl::string_view label, absl::string_view value) {
    if (!value.empty()) absl::StrAppend(&text, label, value, "\n");
  };
  add("Migration:     ", ShortName(migration.name()));
  add("Application:   ", ShortName(migration.application()));
  add("From:          ", ShortName(migration.source()));
  add("To:            ", ShortName(migration.destination()));
  add("Begun:         ", TimeIfKnown(migration.has_create_time(), migration.create_time()));
  add("Ended:         ", TimeIfKnown(migration.has_end_time(), migration.end_time()));
  add("State:         ", style.Paint(ColorOf(migration.state()), Word(migration.state())));
  add("Rounds:        ", absl::StrCat(migration.rounds()));
  add("Copied before: ", BytesText(migration.bulk_bytes()));
  add("Copying now:   ", RoundProgress(migration));
  add("Waiting for:   ", migration.waiting_for());
  add("Final delta:   ", BytesText(migration.final_bytes()));
  add("Predicted:     ", Predicted(migration));
  add("Limit:         ", Limit(migration));
  add("Interruption:  ", Interruption(migration));
  add("Asked by:      ", migration.requested_by());
  add("Returned by:   ", ShortName(migration.returned_by()));
  add("Error:         ", migration.error());
  for (const auto& phase : migration.phases()) {
    absl::StrAppend(&text, "  ", phase.name(),
                    std::string(phase.name().size() < 9 ? 9 - phase.name().size() : 1, ' '),
                    DurationText(DurationOf(phase.duration())), "\n");
  }
  return text;
}

bool IsOver(const Migration& migration) {
  return migration.state() == coordinator::v1::MIGRATION_STATE_DONE ||
         migration.state() == coordinator::v1::MIGRATION_STATE_ABORTED;
}

bool HasMoved(const Migration& migration) {
  return migration.state() == coordinator::v1::MIGRATION_STATE_DONE &&
         migration.returned_by().empty() && migration.error().empty();
}

std::string MigrationOutcome(const Migration& migration) {
  const std::string application = ShortName(migration.application());
  if (!HasMoved(migration)) {
    return absl::StrCat("the move of ", application, " from ", ShortName(migration.source()),
                        " to ", ShortName(migration.destination()), " ", Fate(migration),
                        migration.error().empty() ? "" : absl::StrCat(": ", migration.error()));
  }
  std::string text = absl::StrCat(
      application, " moved from ", ShortName(migration.source()), " to ",
      ShortName(migration.destination()), ": ", BytesText(migration.bulk_bytes()), " copied in ",
      migration.rounds(), migration.rounds() == 1 ? " round" : " rounds", " while it ran, ",
      BytesText(migration.final_bytes()), " while it was stopped");
  if (migration.has_interruption()) {
    absl::StrAppend(&text, "; interrupted for ", Interruption(migration));
  }
  if (migration.has_interruption() && migration.has_predicted_interruption()) {
    absl::StrAppend(
        &text, " (predicted: ", DurationText(DurationOf(migration.predicted_interruption())), ")");
  }
  if (migration.missed()) {
    absl::StrAppend(&text, ", longer than the ",
                    DurationText(DurationOf(migration.options().max_downtime())), " allowed");
  }
  return text;
}

}  // namespace drover::cli
