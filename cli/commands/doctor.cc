// drover doctor: on what the coordinator's journal and the nodes disagree, and the way out.

#include <string>
#include <utility>

#include "cli/commands/commands.h"
#include "cli/render/doctor_view.h"

namespace drover::cli {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(60);

struct Options {
  bool adopt = false;
};

Task<ExitCode> RunAdopt(Session& session, coordinator::CoordinatorClient& client) {
  auto response = co_await client.Adopt({}, kTimeout);
  if (!response.ok()) co_return session.Fail(response.status());
  session.Print(AdoptionDocument(*response), AdoptionText(*response, session.style()));
  co_return response->open().empty() ? ExitCode::kOk : ExitCode::kFailed;
}

Task<ExitCode> RunDoctor(Session& session, Options options) {
  auto client = session.Connect();
  if (!client.ok()) co_return session.Fail(client.status());
  if (options.adopt) co_return co_await RunAdopt(session, **client);
  auto response = co_await (*client)->Diagnose({}, kTimeout);
  if (!response.ok()) co_return session.Fail(response.status());
  session.Print(FindingsDocument(*response), FindingsText(*response, session.style()));
  co_return response->findings().empty() ? ExitCode::kOk : ExitCode::kFailed;
}

}  // namespace

void AddDoctorCommand(CLI::App& parent, SelectedCommand& selected) {
  auto options = std::make_shared<Options>();
  CLI::App* command = parent.add_subcommand(
      "doctor", "Say what disagrees with the coordinator's journal, and what to do about it");
  command->add_flag("--adopt", options->adopt,
                    "End the recovery mode: go on from what the nodes have");
  command->footer(
      "Without --adopt it changes nothing; exit code 1 if anything disagrees. After the "
      "coordinator's\nstore was restored from a backup or an old copy, the coordinator changes "
      "nothing before --adopt;\nthe applications run on.\n\n"
      "Examples:\n  drover doctor\n  drover doctor --adopt");
  OnSelected(command, selected, options, &RunDoctor);
}

}  // namespace drover::cli
