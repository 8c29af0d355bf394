// drover migrations: moves, past and under way.

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/commands/commands.h"
#include "cli/follow_migration.h"
#include "cli/order.h"
#include "cli/render/migration_view.h"
#include "cli/render/words.h"

namespace drover::cli {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(30);

struct MigrationOptions {
  std::string id;
};

Task<ExitCode> RunList(Session& session) {
  auto client = session.Connect();
  if (!client.ok()) co_return session.Fail(client.status());
  auto response = co_await (*client)->ListMigrations({}, kTimeout);
  if (!response.ok()) co_return session.Fail(response.status());
  session.Print(Document::Object().Set("migrations", MigrationListDocument(response->migrations())),
                MigrationsTable(response->migrations(), session.style()));
  co_return ExitCode::kOk;
}

Task<absl::StatusOr<coordinator::v1::Migration>> Get(coordinator::CoordinatorClient& client,
                                                     std::string id) {
  coordinator::v1::GetMigrationRequest request;
  request.set_name(std::move(id));
  auto response = co_await client.GetMigration(std::move(request), kTimeout);
  if (!response.ok()) co_return response.status();
  co_return std::move(*response->mutable_migration());
}

Task<ExitCode> RunShow(Session& session, MigrationOptions options) {
  auto client = session.Connect();
  if (!client.ok()) co_return session.Fail(client.status());
  auto migration = co_await Get(**client, options.id);
  if (!migration.ok()) co_return session.Fail(migration.status());
  session.Print(MigrationDocument(*migration), MigrationDetails(*migration, session.style()));
  co_return ExitCode::kOk;
}

Task<ExitCode> RunWatch(Session& session, MigrationOptions options) {
  auto client = session.Connect();
  if (!client.ok()) co_return session.Fail(client.status());
  auto migration = co_await Get(**client, options.id);
  if (!migration.ok()) co_return session.Fail(migration.status());
  co_return co_await FollowMigration(session, **client, *std::move(migration), WarningList());
}

Task<ExitCode> RunCancel(Session& session, MigrationOptions options) {
  auto client = session.Connect();
  if (!client.ok()) co_return session.Fail(client.status());
  coordinator::v1::CancelMigrationRequest request;
  request.set_name(options.id);
  auto response = co_await Order(session, (*client)->CancelMigration(std::move(request), kTimeout));
  if (!response.ok()) co_return session.Fail(response.status());
  // The answer is that the way back has begun: only its end says where the application runs.
  coordinator::v1::Migration migration = std::move(*response->mutable_migration());
  const std::string id = ShortName(migration.name());
  std::string detach_message = absl::StrCat(
      "The move goes on being undone. Watch it with `drover migrations watch ", id, "`.");
  auto ended = co_await WatchMigrationToItsEnd(session, **client, std::move(migration),
                                               std::move(detach_message));
  if (!ended.ok()) co_return session.Fail(ended.status());
  const bool is_undone = ended->state() == coordinator::v1::MIGRATION_STATE_ABORTED;
  session.Print(
      MigrationDocument(*ended),
      is_undone ? absl::StrCat("Migration ", id, " is aborted: ", ended->error(), ".\n") : "");
  if (is_undone) co_return ExitCode::kOk;
  co_return session.Fail(
      ExitCode::kFailed,
      absl::StrCat("migration ", id, " was not undone: ", MigrationOutcome(*ended)));
}

void AddOneMigrationCommand(CLI::App& parent, SelectedCommand& selected, const std::string& name,
                            const std::string& description,
                            Task<ExitCode> (*run)(Session&, MigrationOptions)) {
  auto options = std::make_shared<MigrationOptions>();
  CLI::App* command = parent.add_subcommand(name, description);
  command->add_option("ID", options->id, "As `drover migrations list` shows it")->required();
  command->footer(absl::StrCat("Example:\n  drover migrations ", name, " 3f9c2a7d5e8b1046"));
  OnSelected(command, selected, options, run);
}

}  // namespace

void AddMigrationsCommand(CLI::App& parent, SelectedCommand& selected) {
  CLI::App* migrations =
      parent.add_subcommand("migrations", "List, show, watch and cancel moves of applications");
  migrations->require_subcommand(1);
  migrations->footer("Example:\n  drover migrations list");
  CLI::App* list = migrations->add_subcommand("list", "Show all migrations, the oldest first");
  list->footer("Example:\n  drover migrations list -o json");
  OnSelected(list, selected, &RunList);
  AddOneMigrationCommand(*migrations, selected, "show", "Show one migration and its phases",
                         &RunShow);
  AddOneMigrationCommand(*migrations, selected, "watch", "Follow one migration to its end",
                         &RunWatch);
  AddOneMigrationCommand(
      *migrations, selected, "cancel",
      "Undo a migration that is not committed: the application stays where it is", &RunCancel);
}

}  // namespace drover::cli
