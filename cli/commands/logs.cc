// drover logs: what an application writes.

#include <string>
#include <utility>

#include "cli/commands/commands.h"
#include "cli/option_values.h"

namespace drover::cli {
namespace {

constexpr absl::Duration kTimeout = absl::Minutes(10);

struct Options {
  std::string application;
  bool follow = false;
  int tail = 0;
};

Task<ExitCode> RunLogs(Session& session, Options options) {
  if (session.is_structured()) {
    co_return session.Fail(ExitCode::kUsage,
                           "logs prints what the application wrote as it is; leave out -o");
  }
  auto client = session.Connect();
  if (!client.ok()) co_return session.Fail(client.status());
  coordinator::v1::StreamApplicationLogsRequest request;
  request.set_application(options.application);
  request.set_follow(options.follow);
  request.set_tail(options.tail);
  auto on_message = [&](const coordinator::v1::StreamApplicationLogsResponse& response) {
    std::ostream& stream =
        response.is_stderr() ? *session.environment().err : *session.environment().out;
    stream << response.data() << std::flush;
  };
  const absl::Duration deadline = options.follow ? absl::InfiniteDuration() : kTimeout;
  absl::Status status =
      co_await (*client)->StreamApplicationLogs(std::move(request), deadline, on_message);
  if (!status.ok()) co_return session.Fail(status);
  co_return ExitCode::kOk;
}

}  // namespace

void AddLogsCommand(CLI::App& parent, SelectedCommand& selected) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      parent.add_subcommand("logs", "Show what an application wrote, from the node where it is");
  command->add_option("APPLICATION", options->application, "Its name")->required();
  command->add_flag("-f,--follow", options->follow,
                    "Go on with what it writes, from start to start, until it is stopped");
  command->add_option("--tail", options->tail, "Begin with the last N lines")
      ->type_name("N")
      ->check(WholeNumber("lines", 1));
  command->footer("Example:\n  drover logs redis-example -f");
  OnSelected(command, selected, options, &RunLogs);
}

}  // namespace drover::cli
