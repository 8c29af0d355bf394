// drover deploy, drover plan: makes the cluster be as the two files say.

#include <functional>
#include <ostream>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/commands/commands.h"
#include "cli/config_files.h"
#include "cli/option_values.h"
#include "cli/render/deployment_view.h"
#include "cli/render/progress.h"
#include "cli/render/progress_items.h"
#include "cli/render/words.h"
#include "cli/watch.h"
#include "services/common/status/reason.h"
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

// Follows the deployment to its end and says how it ended.
Task<ExitCode> Follow(Session& session, CoordinatorClient& client, Deployment deployment) {
  const std::string name = ShortName(deployment.name());
  session.set_detach_message(
      absl::StrCat("The deployment goes on. Follow it with `drover status --watch` and "
                   "`drover migrations list`; undo a move with `drover migrations cancel ID`."));
  Progress progress(session.progress_stream(), session.progress_is_terminal(),
                    session.progress_style());
  auto watch = [&](std::function<void()> on_answer) {
    coordinator::v1::WatchDeploymentRequest request;
    request.set_name(deployment.name());
    auto on_message = [&, on_answer](const coordinator::v1::WatchDeploymentResponse& response) {
      on_answer();
      deployment = response.deployment();
      progress.Update(ItemsOf(deployment), session.environment().clock->Now());
    };
    return client.WatchDeployment(request, absl::InfiniteDuration(), on_message);
  };
  auto is_over = [&] { return IsOver(deployment); };
  absl::Status status = co_await WatchUntilOver(session, watch, is_over);
  session.set_detach_message("");
  if (!status.ok()) co_return session.Fail(status);
  progress.Clear();
  session.Print(DeploymentDocument(deployment), DeploymentOutcome(deployment, session.style()));
  if (deployment.state() == coordinator::v1::DEPLOYMENT_STATE_DONE) co_return ExitCode::kOk;
  co_return session.Fail(ExitCode::kFailed, deployment.error().empty()
                                                ? absl::StrCat("deployment ", name, " failed")
                                                : deployment.error());
}

// Carries out a plan that has been shown.
Task<ExitCode> CarryOut(Session& session, CoordinatorClient& client, DesiredState desired,
                        std::string fingerprint, coordinator::v1::MigrationOptions options) {
  coordinator::v1::CreateDeploymentRequest request;
  *request.mutable_desired() = std::move(desired);
  request.set_fingerprint(std::move(fingerprint));
  *request.mutable_options() = std::move(options);
  auto response = co_await client.CreateDeployment(std::move(request), kCreateTimeout);
  if (ReasonOf(response.status()) == "PLAN_CHANGED") {
    co_return session.Fail(ExitCode::kFailed,
                           "the cluster changed after the plan was made, so nothing was done; run "
                           "the command again to see the new plan");
  }
  if (!response.ok()) co_return session.Fail(response.status());
  co_return co_await Follow(session, client, std::move(*response->mutable_deployment()));
}

Task<ExitCode> RunDeploy(Session& session, DeployOptions options) {
  config::Problems problems;
  std::optional<config::Configuration> configuration =
      LoadConfiguration(options.one_file, options.other_file, problems);
  if (!configuration.has_value()) {
    *session.environment().err << problems.ToString();
    co_return ExitCode::kUsage;
  }
  const DesiredState desired = config::ToProto(*configuration);
  auto client = session.Connect();
  if (!client.ok()) co_return session.Fail(client.status());
  absl::StatusOr<Plan> plan = co_await MakePlan(**client, desired);
  if (!plan.ok()) co_return session.Fail(plan.status());
  if (plan->actions().empty() || options.dry_run) {
    session.Print(PlanDocument(*plan), PlanText(*plan, session.style()));
    const std::string error = PlanError(*plan);
    if (!error.empty()) co_return session.Fail(ExitCode::kFailed, error);
    co_return ExitCode::kOk;
  }
  session.progress_stream() << PlanText(*plan, session.progress_style()) << std::flush;
  if (StopsSomething(*plan) && session.environment().in_is_terminal && !options.yes) {
    const bool is_confirmed = co_await IsConfirmed(session);
    if (!is_confirmed) co_return session.Fail(ExitCode::kFailed, "nothing was changed");
  }
  co_return co_await CarryOut(session, **client, desired, plan->fingerprint(), options.migration);
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
      "changes nothing. Applications move together with their data; what is stopped keeps its "
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
