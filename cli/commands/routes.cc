// drover routes: which port leads where.

#include "cli/commands/commands.h"
#include "cli/render/cluster_view.h"

namespace drover::cli {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(30);

Task<ExitCode> RunRoutes(Session& session) {
  auto client = session.Connect();
  if (!client.ok()) co_return session.Fail(client.status());
  auto response = co_await (*client)->ListRoutes({}, kTimeout);
  if (!response.ok()) co_return session.Fail(response.status());
  session.Print(RoutesDocument(*response), RoutesTable(*response, session.style()));
  co_return ExitCode::kOk;
}

}  // namespace

void AddRoutesCommand(CLI::App& parent, SelectedCommand& selected) {
  CLI::App* command =
      parent.add_subcommand("routes", "Show which external port leads to which application");
  command->footer("Every node answers on every port listed.\n\nExample:\n  drover routes");
  OnSelected(command, selected, &RunRoutes);
}

}  // namespace drover::cli
