#include "cli/follow_migration.h"

#include <functional>
#include <ostream>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/render/migration_view.h"
#include "cli/render/progress.h"
#include "cli/render/progress_items.h"
#include "cli/render/words.h"
#include "cli/watch.h"

namespace drover::cli {

using coordinator::v1::Migration;

namespace {

// The application is on its way back from where it did not get ready: only the end of that says
// where it runs. Answers how the sentence about `undone` goes on.
Task<absl::StatusOr<std::string>> FollowReturn(Session& session,
                                               coordinator::CoordinatorClient& client,
                                               Migration undone) {
  Migration back;
  back.set_name(undone.returned_by());
  std::string detach_message =
      absl::StrCat("The way back goes on. Watch it with `drover migrations watch ",
                   ShortName(back.name()), "`.");
  absl::StatusOr<Migration> ended =
      co_await WatchMigrationToItsEnd(session, client, std::move(back), std::move(detach_message));
  if (!ended.ok()) co_return ended.status();
  if (HasMoved(*ended)) co_return ", where it runs again";
  co_return absl::StrCat(", but: ", ended->error());
}

}  // namespace

Task<absl::StatusOr<Migration>> WatchMigrationToItsEnd(Session& session,
                                                       coordinator::CoordinatorClient& client,
                                                       Migration migration,
                                                       std::string detach_message) {
  session.set_detach_message(std::move(detach_message));
  Progress progress(session.progress_stream(), session.progress_is_terminal(),
                    session.progress_style(), session.environment().terminal_columns);
  auto watch = [&](std::function<void()> on_answer) {
    coordinator::v1::WatchMigrationRequest request;
    request.set_name(migration.name());
    auto on_message = [&, on_answer](const coordinator::v1::WatchMigrationResponse& response) {
      on_answer();
      migration = response.migration();
      progress.Update({ItemOf(migration)}, session.environment().clock->Now());
    };
    return client.WatchMigration(request, absl::InfiniteDuration(), on_message);
  };
  auto is_over = [&] { return IsOver(migration); };
  absl::Status status = co_await WatchUntilOver(session, watch, is_over);
  session.set_detach_message("");
  if (!status.ok()) co_return status;
  progress.Clear();
  co_return migration;
}

Task<ExitCode> FollowMigration(Session& session, coordinator::CoordinatorClient& client,
                               Migration migration, WarningList warnings) {
  session.progress_stream() << WarningLines(warnings, session.progress_style()) << std::flush;
  const std::string id = ShortName(migration.name());
  std::string detach_message =
      absl::StrCat("The move goes on. Watch it with `drover migrations watch ", id,
                   "`, undo it with `drover migrations cancel ", id, "`.");
  absl::StatusOr<Migration> ended = co_await WatchMigrationToItsEnd(
      session, client, std::move(migration), std::move(detach_message));
  if (!ended.ok()) co_return session.Fail(ended.status());
  std::string outcome = MigrationOutcome(*ended);
  if (!ended->returned_by().empty()) {
    absl::StatusOr<std::string> way_back = co_await FollowReturn(session, client, *ended);
    if (!way_back.ok()) co_return session.Fail(way_back.status());
    outcome += *way_back;
  }
  const bool has_moved = HasMoved(*ended);
  session.Print(MigrationDocument(*ended)
                    .Set("changed", Document::Boolean(has_moved))
                    .Set("warnings", WarningListDocument(warnings)),
                has_moved ? outcome + "\n" : "");
  if (!has_moved) co_return session.Fail(ExitCode::kFailed, outcome);
  co_return ExitCode::kOk;
}

}  // namespace drover::cli
