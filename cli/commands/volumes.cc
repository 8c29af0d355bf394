// drover volumes: the data in the cluster, attached or not.

#include "cli/commands/commands.h"
#include "cli/render/cluster_view.h"

namespace drover::cli {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(30);

Task<ExitCode> RunList(Session& session) {
  auto client = session.Connect();
  if (!client.ok()) co_return session.Fail(client.status());
  auto response = co_await (*client)->GetClusterStatus({}, kTimeout);
  if (!response.ok()) co_return session.Fail(response.status());
  const VolumeList& volumes = response->status().volumes();
  session.Print(Document::Object().Set("volumes", VolumeListDocument(volumes)),
                VolumesTable(volumes, session.style()));
  co_return ExitCode::kOk;
}

}  // namespace

void AddVolumesCommand(CLI::App& parent, SelectedCommand& selected) {
  CLI::App* volumes = parent.add_subcommand("volumes", "Show the volumes of the cluster");
  volumes->require_subcommand(1);
  volumes->footer("Example:\n  drover volumes list");
  CLI::App* list =
      volumes->add_subcommand("list", "Show every volume, those that nothing uses included");
  list->footer("Example:\n  drover volumes list -o json");
  OnSelected(list, selected, &RunList);
}

}  // namespace drover::cli
