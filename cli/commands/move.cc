// drover move: one application to another node, with its data.

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/commands/commands.h"
#include "cli/follow_migration.h"
#include "cli/option_values.h"
#include "cli/order.h"
#include "services/common/status/reason.h"

namespace drover::cli {
namespace {

constexpr absl::Duration kTimeout = absl::Minutes(1);

struct Options {
  std::string application;
  std::string node;
  coordinator::v1::MigrationOptions migration;
};

Task<ExitCode> RunMove(Session& session, Options options) {
  auto client = session.Connect();
  if (!client.ok()) co_return session.Fail(client.status());
  coordinator::v1::CreateMigrationRequest request;
  request.set_application(options.application);
  request.set_destination(options.node);
  *request.mutable_options() = options.migration;
  auto response = co_await Order(session, (*client)->CreateMigration(std::move(request), kTimeout));
  if (ReasonOf(response.status()) == "ALREADY_THERE") {
    Document document = Document::Object()
                            .Set("application", Document::String(options.application))
                            .Set("error", Document::StringOrNull(""))
                            .Set("changed", Document::Boolean(false));
    session.Print(document, absl::StrCat("Nothing to do: ", response.status().message(), ".\n"));
    co_return ExitCode::kOk;
  }
  if (!response.ok()) co_return session.Fail(response.status());
  co_return co_await FollowMigration(session, **client, std::move(*response->mutable_migration()),
                                     std::move(*response->mutable_warnings()));
}

}  // namespace

void AddMoveCommand(CLI::App& parent, SelectedCommand& selected) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      parent.add_subcommand("move", "Move one application and its data to another node");
  command->add_option("APPLICATION", options->application, "Its name")->required();
  command->add_option("NODE", options->node, "A node's registered name, host name or address")
      ->required();
  AddMigrationOptions(*command, options->migration);
  command->footer(
      "The application goes on running while its data is copied, and is interrupted only for the\n"
      "last changes. Its ports answer on every node all the time.\n"
      "\n"
      "With --max-downtime the application is interrupted only if earlier moves, or assumptions\n"
      "where there are none, say that this takes no longer; else the move ends and says the\n"
      "numbers. If it takes longer all the same, the move is undone while that is possible.\n"
      "\n"
      "Examples:\n"
      "  drover move redis-example node2\n"
      "  drover move redis-example node2 --max-downtime 1s\n"
      "  drover move redis-example node2 --bandwidth 100MB");
  OnSelected(command, selected, options, &RunMove);
}

}  // namespace drover::cli
