#include "cli/follow_migration.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "cli/render/migration_view.h"
#include "cli/render/progress.h"
#include "cli/render/progress_items.h"
#include "cli/render/words.h"
#include "cli/watch.h"

namespace drover::cli {

Task<ExitCode> FollowMigration(Session& session, coordinator::CoordinatorClient& client,
                               coordinator::v1::Migration migration) {
  const std::string id = ShortName(migration.name());
  session.set_detach_message(
      absl::StrCat("The move goes on. Watch it with `drover migrations watch ", id,
                   "`, undo it with `drover migrations cancel ", id, "`."));
  Progress progress(session.progress_stream(), session.progress_is_terminal(),
                    session.progress_style());
  auto on_message = [&](const coordinator::v1::WatchMigrationResponse& response) {
    migration = response.migration();
    progress.Update({ItemOf(migration)}, session.environment().clock->Now());
  };
  auto watch = [&]() {
    coordinator::v1::WatchMigrationRequest request;
    request.set_name(migration.name());
    return client.WatchMigration(request, absl::InfiniteDuration(), on_message);
  };
  auto is_over = [&] { return IsOver(migration); };
  absl::Status status = co_await WatchUntilOver(session, watch, is_over);
  session.set_detach_message("");
  if (!status.ok()) co_return session.Fail(status);
  progress.Clear();
  const std::string outcome = MigrationOutcome(migration);
  const bool has_moved = HasMoved(migration);
  session.Print(MigrationDocument(migration), has_moved ? outcome + "\n" : "");
  if (!has_moved) co_return session.Fail(ExitCode::kFailed, outcome);
  co_return ExitCode::kOk;
}

}  // namespace drover::cli
