// drover cordon, drain, uncordon: a node before and after its maintenance.

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/commands/commands.h"
#include "cli/follow_deployment.h"
#include "cli/option_values.h"
#include "cli/order.h"
#include "cli/render/deployment_view.h"
#include "cli/render/words.h"
#include "services/common/status/reason.h"

namespace drover::cli {

using coordinator::CoordinatorClient;
using coordinator::v1::CreateDrainResponse;
using coordinator::v1::Deployment;
using coordinator::v1::Drain;
using coordinator::v1::Plan;

namespace {

// Each looks at every node; one that does not answer takes its time.
constexpr absl::Duration kTimeout = absl::Minutes(1);
constexpr int kParallel = 4;

struct Options {
  std::string node;
  std::vector<std::string> destinations;
  bool restore = false;
  int parallel = kParallel;
  bool dry_run = false;
  coordinator::v1::MigrationOptions migration;
};

Task<ExitCode> SetCordoned(Session& session, CoordinatorClient& client, std::string node,
                           bool cordoned) {
  coordinator::v1::SetCordonedRequest request;
  request.set_node(std::move(node));
  request.set_cordoned(cordoned);
  auto response = co_await Order(session, client.SetCordoned(std::move(request), kTimeout));
  if (!response.ok()) co_return session.Fail(response.status());
  const std::string name = ShortName(response->node().name());
  session.Print(Document::Object()
                    .Set("node", Document::String(name))
                    .Set("cordoned", Document::Boolean(response->node().cordoned())),
                cordoned ? absl::StrCat("Node ", name, " gets no further applications.\n")
                         : absl::StrCat("Node ", name, " takes applications again.\n"));
  co_return ExitCode::kOk;
}

Task<absl::StatusOr<Plan>> MakePlan(CoordinatorClient& client, Drain drain) {
  coordinator::v1::PlanDrainRequest request;
  *request.mutable_drain() = std::move(drain);
  auto response = co_await client.PlanDrain(std::move(request), kTimeout);
  if (!response.ok()) co_return response.status();
  co_return std::move(*response->mutable_plan());
}

Task<absl::StatusOr<CreateDrainResponse>> Create(CoordinatorClient& client, Drain drain,
                                                 std::string fingerprint,
                                                 coordinator::v1::MigrationOptions options) {
  coordinator::v1::CreateDrainRequest request;
  *request.mutable_drain() = std::move(drain);
  request.set_fingerprint(std::move(fingerprint));
  *request.mutable_options() = std::move(options);
  co_return co_await client.CreateDrain(std::move(request), kTimeout);
}

// What is so from the moment when it was begun, also where not everything could be moved.
std::string CordonText(const std::string& node, bool is_cordoned) {
  if (!is_cordoned) return absl::StrCat("Node ", node, " takes applications again.");
  return absl::StrCat("Node ", node, " is cordoned: it gets no applications until ",
                      "`drover uncordon ", node,
                      "`, which brings back with --restore what was moved away.");
}

std::string DetachText(const Options& options) {
  const std::string cordon = CordonText(options.node, !options.restore);
  if (options.restore) return cordon;
  return absl::StrCat(cordon, "\nWithout --restore that ends the drain as well: what is not being ",
                      "moved yet stays.");
}

// Somebody may have uncordoned it meanwhile. What was asked for, if the coordinator cannot say.
Task<bool> IsCordoned(CoordinatorClient& client, Options options) {
  auto response = co_await client.ListNodes({}, kTimeout);
  if (!response.ok()) co_return !options.restore;
  for (const coordinator::v1::Node& node : response->nodes()) {
    if (ShortName(node.name()) == options.node) co_return node.cordoned();
  }
  co_return !options.restore;
}

// What the coordinator does not begin leaves the cordon as it was, whichever that is.
absl::Status Explained(const absl::Status& status, const std::string& node) {
  const bool was_refused = status.code() == absl::StatusCode::kFailedPrecondition ||
                           status.code() == absl::StatusCode::kAborted;
  if (!was_refused) return status;
  return Annotate(status, absl::StrCat("nothing was changed, the cordon of ", node, " included"));
}

// From here on `node` is the registered name of what somebody has written.
absl::StatusOr<Deployment> Begun(absl::StatusOr<CreateDrainResponse> response, std::string& node) {
  if (!response.ok()) return Explained(response.status(), node);
  node = response->node();
  return std::move(*response->mutable_deployment());
}

// A drain, or the way back. It is carried out even if nothing has to be moved: it sets the cordon.
Task<ExitCode> MoveAll(Session& session, Options options) {
  const absl::Status checked = CheckDryRun(options.dry_run, options.migration);
  if (!checked.ok()) co_return session.FailHere(checked);
  auto client = session.Connect();
  if (!client.ok()) co_return session.Fail(client.status());
  Drain drain;
  drain.set_node(options.node);
  drain.mutable_destinations()->Assign(options.destinations.begin(), options.destinations.end());
  drain.set_restore(options.restore);
  drain.set_parallel(options.parallel);
  session.set_detach_message(kNothingWasChanged);
  absl::StatusOr<Plan> plan = co_await MakePlan(**client, drain);
  if (!plan.ok()) co_return session.Fail(plan.status());
  const std::string nothing =
      options.restore ? absl::StrCat("Nothing has to be moved back to ", options.node, ".\n")
                      : absl::StrCat("Nothing that runs is on ", options.node, ".\n");
  if (options.dry_run) {
    const std::string error = PlanError(*plan, "");
    session.Print(PlanDocument(*plan, error), PlanText(*plan, nothing, session.style()));
    if (!error.empty()) co_return session.Fail(ExitCode::kFailed, error);
    co_return ExitCode::kOk;
  }
  session.progress_stream() << PlanText(*plan, nothing, session.progress_style()) << std::flush;
  absl::StatusOr<CreateDrainResponse> response =
      co_await Order(session, Create(**client, drain, plan->fingerprint(), options.migration));
  absl::StatusOr<Deployment> created = Begun(std::move(response), options.node);
  const bool is_begun = created.ok();
  const ExitCode end = co_await FollowDeployment(session, **client, *std::move(plan),
                                                 std::move(created), DetachText(options));
  if (is_begun && (end == ExitCode::kOk || end == ExitCode::kFailed)) {
    const bool is_cordoned = co_await IsCordoned(**client, options);
    session.progress_stream() << CordonText(options.node, is_cordoned) << std::endl;
  }
  co_return end;
}

Task<ExitCode> RunCordon(Session& session, Options options) {
  auto client = session.Connect();
  if (!client.ok()) co_return session.Fail(client.status());
  co_return co_await SetCordoned(session, **client, std::move(options.node), true);
}

Task<ExitCode> RunUncordon(Session& session, Options options) {
  if (options.restore) co_return co_await MoveAll(session, std::move(options));
  auto client = session.Connect();
  if (!client.ok()) co_return session.Fail(client.status());
  co_return co_await SetCordoned(session, **client, std::move(options.node), false);
}

void AddNodeArgument(CLI::App& command, Options& options) {
  command.add_option("NODE", options.node, "Its registered name, host name or address")->required();
}

void AddMoveOptions(CLI::App& command, Options& options) {
  command
      .add_option("--parallel", options.parallel,
                  absl::StrCat("Applications that are moved at a time (", kParallel,
                               "); a node interrupts one after the other"))
      ->type_name("N")
      ->check(WholeNumber("applications", 1, 1000));
  command.add_flag("--dry-run", options.dry_run, "Show the plan and change nothing");
  AddMigrationOptions(command, options.migration);
}

}  // namespace

void AddCordonCommand(CLI::App& parent, SelectedCommand& selected) {
  auto options = std::make_shared<Options>();
  CLI::App* command = parent.add_subcommand("cordon", "Let a node get no further applications");
  AddNodeArgument(*command, *options);
  command->footer(
      "What runs there goes on, and may be restarted there. `drover drain` moves it away as well,\n"
      "`drover uncordon` ends it.\n"
      "\n"
      "Example:\n"
      "  drover cordon node1");
  OnSelected(command, selected, options, &RunCordon);
}

void AddDrainCommand(CLI::App& parent, SelectedCommand& selected) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      parent.add_subcommand("drain", "Move all that runs on a node away, with its data");
  AddNodeArgument(*command, *options);
  command
      ->add_option("--to", options->destinations,
                   "Nodes that may take it, with commas between; else any other one")
      ->type_name("NODE,...")
      ->delimiter(',');
  AddMoveOptions(*command, *options);
  command->footer(
      "Cordons the node, and moves each application to the node that then has the most room:\n"
      "space in its pool, memory, and of equal ones the fewest applications. What cannot go\n"
      "anywhere is named before anything moves, and runs on where it is; then the exit code is 1.\n"
      "--bandwidth is for all of them together.\n"
      "\n"
      "Examples:\n"
      "  drover drain node1\n"
      "  drover drain node1 --to node2,node3 --bandwidth 100MB\n"
      "  drover uncordon node1 --restore");
  OnSelected(command, selected, options, &MoveAll);
}

void AddUncordonCommand(CLI::App& parent, SelectedCommand& selected) {
  auto options = std::make_shared<Options>();
  CLI::App* command = parent.add_subcommand("uncordon", "Let a node get applications again");
  AddNodeArgument(*command, *options);
  CLI::Option* restore = command->add_flag("--restore", options->restore,
                                           "Bring back what drains have moved away from it");
  AddMoveOptions(*command, *options);
  for (CLI::Option* option : command->get_options()) {
    const std::string& name = option->get_name();
    if (name == "--parallel" || name == "--dry-run" || name == "--bandwidth" ||
        name == "--max-downtime") {
      option->needs(restore);
    }
  }
  command->footer(
      "A drain of it that goes on ends: what is being moved is moved, the rest stays. With\n"
      "--restore, once no drain goes on, what was drained comes back, but for what was moved on "
      "or\n"
      "stopped since. The other options are for these moves; see `drover drain --help`.\n"
      "\n"
      "Examples:\n"
      "  drover uncordon node1\n"
      "  drover uncordon node1 --restore");
  OnSelected(command, selected, options, &RunUncordon);
}

}  // namespace drover::cli
