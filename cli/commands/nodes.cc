// drover nodes: the machines of the cluster.

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/commands/commands.h"
#include "cli/order.h"
#include "cli/render/cluster_view.h"
#include "cli/render/words.h"

namespace drover::cli {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(30);

struct NodeOptions {
  std::string name;
  std::string address;
};

Task<ExitCode> RunList(Session& session) {
  auto client = session.Connect();
  if (!client.ok()) co_return session.Fail(client.status());
  auto response = co_await (*client)->ListNodes({}, kTimeout);
  if (!response.ok()) co_return session.Fail(response.status());
  session.Print(Document::Object().Set("nodes", NodeListDocument(response->nodes())),
                NodesTable(response->nodes(), session.style()));
  co_return ExitCode::kOk;
}

Task<ExitCode> RunAdd(Session& session, NodeOptions options) {
  auto client = session.Connect();
  if (!client.ok()) co_return session.Fail(client.status());
  coordinator::v1::AddNodeRequest request;
  request.set_node(options.name);
  request.set_address(options.address);
  auto response = co_await Order(session, (*client)->AddNode(std::move(request), kTimeout));
  if (!response.ok()) co_return session.Fail(response.status());
  session.Print(NodeDocument(response->node()),
                absl::StrCat("Node ", ShortName(response->node().name()), " at ",
                             response->node().address(), " is registered.\n"));
  co_return ExitCode::kOk;
}

Task<ExitCode> RunRemove(Session& session, NodeOptions options) {
  auto client = session.Connect();
  if (!client.ok()) co_return session.Fail(client.status());
  coordinator::v1::RemoveNodeRequest request;
  request.set_node(options.name);
  auto response = co_await Order(session, (*client)->RemoveNode(std::move(request), kTimeout));
  if (!response.ok()) co_return session.Fail(response.status());
  session.Print(Document::Object().Set("removed", Document::String(options.name)),
                absl::StrCat("Node ", options.name, " is removed.\n"));
  co_return ExitCode::kOk;
}

}  // namespace

void AddNodesCommand(CLI::App& parent, SelectedCommand& selected) {
  CLI::App* nodes = parent.add_subcommand("nodes", "List, add and remove the cluster's machines");
  nodes->require_subcommand(1);
  nodes->footer("Example:\n  drover nodes add node1 192.0.2.11");

  CLI::App* list = nodes->add_subcommand("list", "Show the registered nodes");
  list->footer("Example:\n  drover nodes list -o json");
  OnSelected(list, selected, &RunList);

  auto add_options = std::make_shared<NodeOptions>();
  CLI::App* add = nodes->add_subcommand("add", "Register a node whose three services are running");
  add->add_option("NAME", add_options->name, "As in the node's certificate")->required();
  add->add_option("ADDRESS", add_options->address,
                  "Under which the other nodes and the coordinator reach it")
      ->required();
  add->footer("Example:\n  drover nodes add node1 192.0.2.11");
  OnSelected(add, selected, add_options, &RunAdd);

  auto remove_options = std::make_shared<NodeOptions>();
  CLI::App* remove =
      nodes->add_subcommand("remove", "Forget a node that holds no application and no volume");
  remove->add_option("NODE", remove_options->name, "Its registered name, host name or address")
      ->required();
  remove->footer("Example:\n  drover nodes remove node1");
  OnSelected(remove, selected, remove_options, &RunRemove);
}

}  // namespace drover::cli
