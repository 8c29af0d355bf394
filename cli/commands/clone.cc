// drover clone: an independent copy of an application and its data.

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/commands/commands.h"
#include "cli/follow_deployment.h"
#include "cli/option_values.h"
#include "cli/order.h"
#include "services/config/values/name.h"

namespace drover::cli {
namespace {

// Each node is looked at; one that does not answer takes its time.
constexpr absl::Duration kTimeout = absl::Minutes(1);

struct Options {
  std::string source;
  std::string clone;
  std::string node;
  std::vector<std::string> ports;
  coordinator::v1::MigrationOptions migration;
};

// EXTERNAL=NEW_EXTERNAL.
absl::StatusOr<coordinator::v1::ClonePort> ParsePort(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, '=');
  int from = 0, to = 0;
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &from) || !absl::SimpleAtoi(parts[1], &to)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--port ", text, ": say EXTERNAL=NEW, two port numbers, such as --port 6379=6380"));
  }
  coordinator::v1::ClonePort port;
  port.set_source_external(from);
  port.set_clone_external(to);
  return port;
}

Task<ExitCode> RunClone(Session& session, Options options) {
  coordinator::v1::CreateCloneRequest request;
  for (const std::string& text : options.ports) {
    absl::StatusOr<coordinator::v1::ClonePort> port = ParsePort(text);
    if (!port.ok()) {
      co_return session.Fail(ExitCode::kUsage, std::string(port.status().message()));
    }
    *request.mutable_clone()->add_ports() = *std::move(port);
  }
  const absl::Status named = config::CheckApplicationName(options.clone);
  if (!named.ok()) co_return session.Fail(ExitCode::kUsage, std::string(named.message()));
  request.mutable_clone()->set_source(options.source);
  request.mutable_clone()->set_clone(options.clone);
  request.mutable_clone()->set_node(options.node);
  *request.mutable_options() = options.migration;
  auto client = session.Connect();
  if (!client.ok()) co_return session.Fail(client.status());
  auto response = co_await Order(session, (*client)->CreateClone(std::move(request), kTimeout));
  coordinator::v1::Plan nothing_was_shown;
  if (!response.ok()) co_return session.Fail(response.status());
  absl::StatusOr<coordinator::v1::Deployment> created = std::move(*response->mutable_deployment());
  co_return co_await FollowDeployment(session, **client, std::move(nothing_was_shown),
                                      std::move(created));
}

}  // namespace

void AddCloneCommand(CLI::App& parent, SelectedCommand& selected) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      parent.add_subcommand("clone", "Make an independent copy of an application and its data");
  command->add_option("APP", options->source, "The application that is copied")->required();
  command->add_option("NEW", options->clone, "The copy's name")->required();
  command->add_option("--node", options->node, "Where it runs; else beside its source")
      ->type_name("NODE");
  command
      ->add_option("--port", options->ports,
                   "An external port of APP, and the copy's in its place; once for each")
      ->type_name("EXTERNAL=NEW");
  AddMigrationOptions(*command, options->migration);
  command->footer(
      "The source goes on undisturbed; the copy begins with what its volumes hold at that moment,\n"
      "as after a power cut. On the same node that takes no time and no room; for another node\n"
      "the copy is made and then moved there, as fast as --bandwidth allows. From then on both "
      "are\n"
      "independent. Add the copy to your files to go on deploying it.\n"
      "\n"
      "Examples:\n"
      "  drover clone redis-example redis-test --port 6379=6380\n"
      "  drover clone redis-example redis-test --node node2 --port 6379=6380");
  OnSelected(command, selected, options, &RunClone);
}

}  // namespace drover::cli
