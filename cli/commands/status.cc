// drover status: nodes, applications, volumes and migrations.

#include <ostream>

#include "absl/time/time.h"
#include "cli/commands/commands.h"
#include "cli/failure.h"
#include "cli/render/cluster_view.h"

namespace drover::cli {

using coordinator::CoordinatorClient;

namespace {

constexpr absl::Duration kTimeout = absl::Seconds(30);
constexpr absl::Duration kInterval = absl::Seconds(2);
constexpr char kClearScreen[] = "\033[H\033[J";

struct Options {
  bool watch = false;
};

Task<absl::Status> Show(Session& session, CoordinatorClient& client, Options options) {
  auto response = co_await client.GetClusterStatus({}, kTimeout);
  if (!response.ok()) co_return response.status();
  if (options.watch && session.environment().out_is_terminal && !session.is_structured()) {
    *session.environment().out << kClearScreen;
  }
  session.Print(StatusDocument(response->status()),
                StatusText(response->status(), session.style()));
  co_return absl::OkStatus();
}

// Answers why it cannot go on. What was shown last stays there through an outage.
Task<absl::Status> ShowAgainAndAgain(Session& session, CoordinatorClient& client, Options options) {
  absl::Time last_answer = session.environment().clock->Now();
  bool is_lost = false;
  while (true) {
    co_await session.environment().sleeper->SleepFor(kInterval);
    const absl::Status shown = co_await Show(session, client, options);
    if (!shown.ok() && !MayBeAnsweredLater(shown)) co_return shown;
    if (shown.ok()) last_answer = session.environment().clock->Now();
    if (!shown.ok() && !is_lost) {
      *session.environment().err << "drover: the coordinator has not answered since "
                                 << absl::FormatTime("%H:%M:%S", last_answer, absl::LocalTimeZone())
                                 << " (" << shown.message() << "); asking it again until Ctrl-C"
                                 << std::endl;
    }
    is_lost = !shown.ok();
  }
}

Task<ExitCode> RunStatus(Session& session, Options options) {
  auto client = session.Connect();
  if (!client.ok()) co_return session.Fail(client.status());
  absl::Status shown = co_await Show(session, **client, options);
  if (shown.ok() && options.watch) {
    shown = co_await ShowAgainAndAgain(session, **client, options);
  }
  if (!shown.ok()) co_return session.Fail(shown);
  co_return ExitCode::kOk;
}

}  // namespace

void AddStatusCommand(CLI::App& parent, SelectedCommand& selected) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      parent.add_subcommand("status", "Show nodes, applications, volumes and running migrations");
  command->add_flag("-w,--watch", options->watch, "Show it again every two seconds, until Ctrl-C");
  command->footer(
      "Once it was answered, a watch goes on while the coordinator is away, such as during its "
      "restart.\n"
      "\n"
      "Examples:\n  drover status\n  drover status --watch\n  drover status -o json");
  OnSelected(command, selected, options, &RunStatus);
}

}  // namespace drover::cli
