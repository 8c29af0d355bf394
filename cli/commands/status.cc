// drover status: nodes, applications, volumes and migrations.

#include "cli/commands/commands.h"
#include "cli/render/cluster_view.h"

namespace drover::cli {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(30);
constexpr absl::Duration kInterval = absl::Seconds(2);
constexpr char kClearScreen[] = "\033[H\033[J";

struct Options {
  bool watch = false;
};

Task<ExitCode> RunStatus(Session& session, Options options) {
  auto client = session.Connect();
  if (!client.ok()) co_return session.Fail(client.status());
  while (true) {
    auto response = co_await (*client)->GetClusterStatus({}, kTimeout);
    if (!response.ok()) co_return session.Fail(response.status());
    if (options.watch && session.environment().out_is_terminal && !session.is_structured()) {
      *session.environment().out << kClearScreen;
    }
    session.Print(StatusDocument(response->status()),
                  StatusText(response->status(), session.style()));
    if (!options.watch) co_return ExitCode::kOk;
    co_await session.environment().sleeper->SleepFor(kInterval);
  }
}

}  // namespace

void AddStatusCommand(CLI::App& parent, SelectedCommand& selected) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      parent.add_subcommand("status", "Show nodes, applications, volumes and running migrations");
  command->add_flag("-w,--watch", options->watch, "Show it again every two seconds, until Ctrl-C");
  command->footer("Examples:\n  drover status\n  drover status -o json");
  OnSelected(command, selected, options, &RunStatus);
}

}  // namespace drover::cli
