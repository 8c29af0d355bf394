#include "cli/render/migration_view.h"

#include "absl/strings/str_cat.h"
#include "cli/render/table.h"
#include "cli/render/units.h"
#include "cli/render/words.h"
#include "services/common/time/proto_time.h"

namespace drover::cli {

using coordinator::v1::Migration;

namespace {

Document Milliseconds(const google::protobuf::Duration& duration) {
  return Document::Number(
      absl::ToInt64Milliseconds(DurationOf(duration) + absl::Microseconds(500)));
}

std::string Interruption(const Migration& migration) {
  return migration.has_interruption() ? DurationText(DurationOf(migration.interruption())) : "";
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
      .Set("rounds", Document::Number(migration.rounds()))
      .Set("bulk_bytes", Document::Number(migration.bulk_bytes()))
      .Set("final_bytes", Document::Number(migration.final_bytes()))
      .Set("interruption_ms",
           migration.has_interruption() ? Milliseconds(migration.interruption()) : Document())
      .Set("phases", std::move(phases))
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
  Table table(
      {"MIGRATION", "APPLICATION", "FROM", "TO", "STATE", "COPIED", "FINAL", "INTERRUPTION"});
  for (const Migration& migration : migrations) {
    table.AddRow({ShortName(migration.name()),
                  ShortName(migration.application()),
                  ShortName(migration.source()),
                  ShortName(migration.destination()),
                  {Word(migration.state()), ColorOf(migration.state())},
                  BytesText(migration.bulk_bytes()),
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
  add("State:         ", style.Paint(ColorOf(migration.state()), Word(migration.state())));
  add("Rounds:        ", absl::StrCat(migration.rounds()));
  add("Copied before: ", BytesText(migration.bulk_bytes()));
  add("Final delta:   ", BytesText(migration.final_bytes()));
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
  return text;
}

}  // namespace drover::cli
