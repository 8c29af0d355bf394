// drover deployments: what deploy, drain, rollback and clone have begun.

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/commands/commands.h"
#include "cli/follow_deployment.h"
#include "cli/render/deployment_record_view.h"

namespace drover::cli {

using coordinator::v1::Deployment;

namespace {

constexpr absl::Duration kTimeout = absl::Seconds(30);

struct Options {
  std::string id;
};

Task<ExitCode> RunList(Session& session) {
  auto client = session.Connect();
  if (!client.ok()) co_return session.Fail(client.status());
  auto response = co_await (*client)->ListDeployments({}, kTimeout);
  if (!response.ok()) co_return session.Fail(response.status());
  session.Print(
      Document::Object().Set("deployments", DeploymentListDocument(response->deployments())),
      DeploymentsTable(response->deployments(), session.style()));
  co_return ExitCode::kOk;
}

Task<absl::StatusOr<Deployment>> Get(coordinator::CoordinatorClient& client, std::string id) {
  coordinator::v1::GetDeploymentRequest request;
  request.set_name(std::move(id));
  auto response = co_await client.GetDeployment(std::move(request), kTimeout);
  if (!response.ok()) co_return response.status();
  co_return std::move(*response->mutable_deployment());
}

Task<ExitCode> RunShow(Session& session, Options options) {
  auto client = session.Connect();
  if (!client.ok()) co_return session.Fail(client.status());
  absl::StatusOr<Deployment> deployment = co_await Get(**client, options.id);
  if (!deployment.ok()) co_return session.Fail(deployment.status());
  session.Print(DeploymentRecordDocument(*deployment),
                DeploymentDetails(*deployment, session.style()));
  co_return ExitCode::kOk;
}

Task<ExitCode> RunWatch(Session& session, Options options) {
  auto client = session.Connect();
  if (!client.ok()) co_return session.Fail(client.status());
  absl::StatusOr<Deployment> deployment = co_await Get(**client, options.id);
  coordinator::v1::Plan nothing_was_shown;
  co_return co_await FollowDeployment(session, **client, std::move(nothing_was_shown),
                                      std::move(deployment));
}

void AddOneDeploymentCommand(CLI::App& parent, SelectedCommand& selected, const std::string& name,
                             const std::string& description,
                             Task<ExitCode> (*run)(Session&, Options)) {
  auto options = std::make_shared<Options>();
  CLI::App* command = parent.add_subcommand(name, description);
  command->add_option("ID", options->id, "As `drover deployments list` shows it")->required();
  command->footer(absl::StrCat("Example:\n  drover deployments ", name, " 3f9c2a7d5e8b1046"));
  OnSelected(command, selected, options, run);
}

}  // namespace

void AddDeploymentsCommand(CLI::App& parent, SelectedCommand& selected) {
  CLI::App* deployments = parent.add_subcommand(
      "deployments", "List, show and watch what deploy, drain, rollback and clone have begun");
  deployments->require_subcommand(1);
  deployments->footer("Example:\n  drover deployments list");
  CLI::App* list = deployments->add_subcommand("list", "Show all deployments, the oldest first");
  list->footer("Example:\n  drover deployments list -o json");
  OnSelected(list, selected, &RunList);
  AddOneDeploymentCommand(*deployments, selected, "show", "Show one deployment and its actions",
                          &RunShow);
  AddOneDeploymentCommand(*deployments, selected, "watch", "Follow one deployment to its end",
                          &RunWatch);
}

}  // namespace drover::cli
