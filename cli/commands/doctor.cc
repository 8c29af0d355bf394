// drover doctor: on what the coordinator's journal and the nodes disagree, and the way out.

#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/commands/commands.h"
#include "cli/confirmation.h"
#include "cli/order.h"
#include "cli/render/doctor_view.h"

namespace drover::cli {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(60);

struct Options {
  bool adopt = false;
  std::vector<std::string> without;
  bool accept_data_loss = false;
  bool yes = false;
};

Task<ExitCode> RunAdopt(Session& session, Options options) {
  const std::string lost = absl::StrJoin(options.without, " and ");
  if (!lost.empty() && !options.accept_data_loss) {
    co_return session.Fail(
        ExitCode::kUsage,
        absl::StrCat("what ", lost,
                     " knows that the coordinator does not will be given up; if that can come "
                     "back, wait for it, else say --accept-data-loss"));
  }
  auto client = session.Connect();
  if (!client.ok()) co_return session.Fail(client.status());
  if (!lost.empty() && session.environment().in_is_terminal && !options.yes) {
    *session.environment().err
        << "The coordinator goes on without " << lost << ". What was moved to there or claimed\n"
        << "there, and the coordinator's store has forgotten, is given up where another node says\n"
        << "that it owns the data. If " << lost << " still runs, cut off, there are two writers "
        << "until it is\nheard of again; then its copy is kept as DIVERGED.\n";
    const bool is_confirmed = co_await IsConfirmed(session, absl::StrJoin(options.without, " "));
    if (!is_confirmed) co_return session.Fail(ExitCode::kFailed, "nothing was changed");
  }
  coordinator::v1::AdoptRequest request;
  for (const std::string& node : options.without) request.add_without_nodes(node);
  auto response = co_await Order(session, (*client)->Adopt(std::move(request), kTimeout));
  if (!response.ok()) co_return session.Fail(response.status());
  session.Print(AdoptionDocument(*response), AdoptionText(*response, session.style()));
  co_return response->open().empty() ? ExitCode::kOk : ExitCode::kFailed;
}

Task<ExitCode> RunDoctor(Session& session, Options options) {
  if (options.adopt) co_return co_await RunAdopt(session, std::move(options));
  auto client = session.Connect();
  if (!client.ok()) co_return session.Fail(client.status());
  auto response = co_await (*client)->Diagnose({}, kTimeout);
  if (!response.ok()) co_return session.Fail(response.status());
  session.Print(FindingsDocument(*response), FindingsText(*response, session.style()));
  co_return response->findings().empty() ? ExitCode::kOk : ExitCode::kFailed;
}

}  // namespace

void AddDoctorCommand(CLI::App& parent, SelectedCommand& selected) {
  auto options = std::make_shared<Options>();
  CLI::App* command = parent.add_subcommand(
      "doctor", "Say what is not as the coordinator's journal has it, and what to do about it");
  CLI::Option* adopt = command->add_flag("--adopt", options->adopt,
                                         "End the recovery mode: go on from what the nodes have");
  CLI::Option* without =
      command
          ->add_option("--without", options->without,
                       "Do not wait for what NODE has, which is lost for good; may be repeated")
          ->type_name("NODE")
          ->allow_extra_args(false)
          ->needs(adopt);
  command
      ->add_flag("--accept-data-loss", options->accept_data_loss,
                 "Give up what only the nodes know that are left out")
      ->needs(without);
  command->add_flag("-y,--yes", options->yes, "Do not ask")->needs(without);
  command->footer(
      "Without --adopt it changes nothing; exit code 1 if anything disagrees. After the "
      "coordinator's\nstore was restored from a backup or an old copy, the coordinator changes "
      "nothing before --adopt;\nthe applications run on.\n\n"
      "--adopt needs every node to answer; --without leaves out one that is lost for good. What "
      "that\n"
      "one owns by a move or a claim that the coordinator has forgotten is not served where "
      "another\n"
      "node owns it: when it comes back, its copy is kept and listed as DIVERGED. What the "
      "coordinator\n"
      "has on it stays there, until it is back or `drover volumes claim` gives it up.\n\n"
      "Examples:\n  drover doctor\n  drover doctor --adopt\n"
      "  drover doctor --adopt --without node2 --accept-data-loss");
  OnSelected(command, selected, options, &RunDoctor);
}

}  // namespace drover::cli
