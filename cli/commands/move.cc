// drover move: one application to another node, with its data.

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/commands/commands.h"
#include "cli/follow_migration.h"
#include "cli/option_values.h"
#include "services/common/status/reason.h"

namespace drover::cli {
namespace {

constexpr absl::Duration kTimeout = absl::Minutes(1);

struct Options {
  std::string application;
  std::string node;
  int64_t bytes_per_second = 0;  // 0 = as fast as it goes.
};

Task<ExitCode> RunMove(Session& session, Options options) {
  auto client = session.Connect();
  if (!client.ok()) co_return session.Fail(client.status());
  coordinator::v1::CreateMigrationRequest request;
  request.set_application(options.application);
  request.set_destination(options.node);
  request.mutable_options()->set_bandwidth_bytes_per_second(options.bytes_per_second);
  auto response = co_await (*client)->CreateMigration(std::move(request), kTimeout);
  if (ReasonOf(response.status()) == "ALREADY_THERE") {
    Document document = Document::Object()
                            .Set("application", Document::String(options.application))
                            .Set("error", Document::StringOrNull(""))
                            .Set("changed", Document::Boolean(false));
    session.Print(document, absl::StrCat("Nothing to do: ", response.status().message(), ".\n"));
    co_return ExitCode::kOk;
  }
  if (!response.ok()) co_return session.Fail(response.status());
  co_return co_await FollowMigration(session, **client, std::move(*response->mutable_migration()));
}

}  // namespace

void AddMoveCommand(CLI::App& parent, SelectedCommand& selected) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      parent.add_subcommand("move", "Move one application and its data to another node");
  command->add_option("APPLICATION", options->application, "Its name")->required();
  command->add_option("NODE", options->node, "A node's registered name, host name or address")
      ->required();
  AddBandwidthOption(*command, options->bytes_per_second);
  command->footer(
      "The application goes on running while its data is copied, and is interrupted only for the\n"
      "last changes. Its ports answer on every node all the time.\n"
      "\n"
      "Examples:\n"
      "  drover move redis-example node2\n"
      "  drover move redis-example node2 --bandwidth 100MB");
  OnSelected(command, selected, options, &RunMove);
}

}  // namespace drover::cli
