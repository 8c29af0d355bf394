// drover deploy, drover plan: makes the cluster be as the two files say.

#include <ostream>
#include <string>
#include <utility>

#include "cli/commands/commands.h"
#include "cli/config_files.h"
#include "cli/follow_deployment.h"
#include "cli/option_values.h"
#include "cli/order.h"
#include "cli/render/deployment_view.h"
#include "services/config/model/to_proto.h"

namespace drover::cli {

using coordinator::CoordinatorClient;
using coordinator::v1::Deployment;
using coordinator::v1::DesiredState;
using coordinator::v1::Plan;

namespace {

// Planning looks at every node; one that does not answer takes its time.
constexpr absl::Duration kPlanTimeout = absl::Minutes(1);
constexpr absl::Duration kCreateTimeout = absl::Minutes(1);
constexpr char kNothing[] = "Nothing to do: the cluster is as the two files ask.\n";

struct DeployOptions {
  std::string one_file;
  std::string other_file;
  bool dry_run = false;
  bool yes = false;
  coordinator::v1::MigrationOptions migration;
};

void AddFileArguments(CLI::App& command, DeployOptions& options) {
  command.add_option("DEPLOYMENT", options.one_file, "deployment.yml: what runs on which node")
      ->required();
  command
      .add_option("APPLICATION", options.other_file,
                  "application.yml: what the applications are; the order does not matter")
      ->required();
}

bool StopsSomething(const Plan& plan) {
  for (const auto& action : plan.actions()) {
    if (action.kind() == coordinator::v1::ACTION_KIND_STOP) return true;
  }
  return false;
}

Task<bool> IsConfirmed(Session& session) {
  *session.environment().err << "This stops something (its data is kept). Go on? [y/N] "
                             << std::flush;
  std::optional<std::string> answer = co_await session.environment().read_line();
  co_return answer == "y" || answer == "Y" || answer == "yes";
}

Task<absl::StatusOr<Plan>> MakePlan(CoordinatorClient& client, DesiredState desired) {
  coordinator::v1::PlanDeploymentRequest request;
  *request.mutable_desired() = std::move(desired);
  auto response = co_await client.PlanDeployment(std::move(request), kPlanTimeout);
  if (!response.ok()) co_return response.status();
  co_return std::move(*response->mutable_plan());
}

// Begins to carry out a plan that has been shown.
Task<absl::StatusOr<Deployment>> Create(CoordinatorClient& client, DesiredState desired,
                                        std::string fingerprint,
                                        coordinator::v1::MigrationOptions options) {
  coordinator::v1::CreateDeploymentRequest request;
  *request.mutable_desired() = std::move(desired);
  request.set_fingerprint(std::move(fingerprint));
  *request.mutable_options() = std::move(options);
  auto response = co_await client.CreateDeployment(std::move(request), kCreateTimeout);
  if (!response.ok()) co_return response.status();
  co_return std::move(*response->mutable_deployment());
}

Task<ExitCode> Deploy(Session& session, DeployOptions options, LoadedFiles files) {
  const absl::Status checked = CheckDryRun(options.dry_run, options.migration);
  if (!checked.ok()) co_return session.FailHere(checked);
  if (!files.configuration.has_value()) {
    *session.environment().err << files.problems.ToString();
    co_return ExitCode::kUsage;
  }
  const DesiredState desired = config::ToProto(*files.configuration);
  auto client = session.Connect();
  if (!client.ok()) co_return session.Fail(client.status());
  session.set_detach_message(kNothingWasChanged);
  absl::StatusOr<Plan> plan = co_await MakePlan(**client, desired);
  if (!plan.ok()) co_return session.Fail(plan.status());
  if (plan->actions().empty() || options.dry_run) {
    const std::string error =
        PlanError(*plan, "the nodes that answer are as the two files ask, but ");
    session.Print(PlanDocument(*plan, error), PlanText(*plan, kNothing, session.style()));
    if (!error.empty()) co_return session.Fail(ExitCode::kFailed, error);
    co_return ExitCode::kOk;
  }
  session.progress_stream() << PlanText(*plan, kNothing, session.progress_style()) << std::flush;
  if (StopsSomething(*plan) && session.environment().in_is_terminal && !options.yes) {
    const bool is_confirmed = co_await IsConfirmed(session);
    if (!is_confirmed) co_return session.Fail(ExitCode::kFailed, "nothing was changed");
  }
  absl::StatusOr<Deployment> created =
      co_await Order(session, Create(**client, desired, plan->fingerprint(), options.migration));
  co_return co_await FollowDeployment(session, **client, *std::move(plan), std::move(created));
}

Task<ExitCode> RunDeploy(Session& session, DeployOptions options) {
  LoadedFiles files = LoadFiles(options.one_file, options.other_file);
  return Deploy(session, std::move(options), std::move(files));
}

}  // namespace

void AddDeployCommand(CLI::App& parent, SelectedCommand& selected) {
  auto options = std::make_shared<DeployOptions>();
  CLI::App* command = parent.add_subcommand(
      "deploy", "Make the cluster be as two files say: start, move, restart, stop");
  AddFileArguments(*command, *options);
  command->add_flag("--dry-run", options->dry_run, "Show the plan and change nothing");
  command->add_flag("-y,--yes", options->yes, "Do not ask before something is stopped");
  AddMigrationOptions(*command, options->migration);
  command->footer(
      "Shows the plan, carries it out, and ends when the cluster is in that state. A second run\n"
      "changes nothing. Applications move together with their data; what is stopped keeps its\n"
      "data. --max-downtime and --bandwidth hold for each move; see `drover move --help`.\n"
      "\n"
      "Examples:\n"
      "  drover deploy deploy-node2.yml redis-application.yml\n"
      "  drover deploy deploy-node2.yml redis-application.yml --max-downtime 500ms\n"
      "  drover deploy --dry-run deploy-node2.yml redis-application.yml");
  OnSelected(command, selected, options, &RunDeploy);
}

void AddPlanCommand(CLI::App& parent, SelectedCommand& selected) {
  auto options = std::make_shared<DeployOptions>();
  options->dry_run = true;
  CLI::App* command = parent.add_subcommand("plan", "Show what deploy would do, and do nothing");
  AddFileArguments(*command, *options);
  command->footer("Example:\n  drover plan deploy-node2.yml redis-application.yml");
  OnSelected(command, selected, options, &RunDeploy);
}

}  // namespace drover::cli
