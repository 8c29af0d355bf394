#include "cli/follow_migration.h"

#include <functional>
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

Task<absl::StatusOr<Migration>> WatchMigrationToItsEnd(Session& session,
                                                       coordinator::CoordinatorClient& client,
                                                       Migration migration,
                                                       std::string detach_message) {
  session.set_detach_message(std::move(detach_message));
  Progress progress(session.progress_stream(), session.progress_is_terminal(),
                    session.progress_style());
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
                               Migration migration) {
  const std::string id = ShortName(migration.name());
  std::string detach_message =
      absl::StrCat("The move goes on. Watch it with `drover migrations watch ", id,
                   "`, undo it with `drover migrations cancel ", id, "`.");
  absl::StatusOr<Migration> ended = co_await WatchMigrationToItsEnd(
      session, client, std::move(migration), std::move(detach_message));
  if (!ended.ok()) co_return session.Fail(ended.status());
  const std::string outcome = MigrationOutcome(*ended);
  const bool has_moved = HasMoved(*ended);
  session.Print(MigrationDocument(*ended), has_moved ? outcome + "\n" : "");
  if (!has_moved) co_return session.Fail(ExitCode::kFailed, outcome);
  co_return ExitCode::kOk;
}

}  // namespace drover::cli
