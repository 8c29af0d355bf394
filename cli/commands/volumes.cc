// drover volumes: the data in the cluster, attached or not; and a way out when its node is lost.

#include <ostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "cli/commands/commands.h"
#include "cli/confirmation.h"
#include "cli/order.h"
#include "cli/render/cluster_view.h"
#include "cli/render/units.h"
#include "cli/render/words.h"
#include "cli/snapshot_name.h"
#include "services/common/status/reason.h"
#include "services/common/time/proto_time.h"

namespace drover::cli {
namespace {

using coordinator::CoordinatorClient;
using coordinator::v1::ClaimVolumesResponse;
using coordinator::v1::VolumeCopy;

constexpr absl::Duration kTimeout = absl::Seconds(30);
// Dead nodes take their time, and the application is started.
constexpr absl::Duration kClaimTimeout = absl::Minutes(5);
// The pool is written until what was deleted is gone.
constexpr absl::Duration kDeleteTimeout = absl::Minutes(5);

struct CopyOptions {
  std::string volume;
  std::string node;
  bool accept_data_loss = false;
  bool yes = false;
};

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

// What the node's copy is, in words; empty if the cluster does not show one.
Task<std::string> CopyInWords(Session& session, CoordinatorClient& client, CopyOptions options) {
  auto response = co_await client.GetClusterStatus({}, kTimeout);
  if (!response.ok()) co_return "";
  for (const auto& volume : response->status().volumes()) {
    for (const VolumeCopy& copy : volume.copies()) {
      const bool is_it = volume.name() == options.volume && ShortName(copy.node()) == options.node;
      if (!is_it || !copy.has_snapshot_time()) continue;
      const absl::Time taken = TimeOf(copy.snapshot_time());
      const absl::Duration age = session.environment().clock->Now() - taken;
      co_return absl::StrCat(" (", TimeText(taken), ", ",
                             absl::FormatDuration(absl::Trunc(age, absl::Seconds(1))), " ago)");
    }
  }
  co_return "";
}

Task<absl::StatusOr<ClaimVolumesResponse>> Claim(CoordinatorClient& client, CopyOptions options,
                                                 bool validate_only) {
  coordinator::v1::ClaimVolumesRequest request;
  request.set_volume(options.volume);
  request.set_node(options.node);
  request.set_validate_only(validate_only);
  co_return co_await client.ClaimVolumes(std::move(request), kClaimTimeout);
}

// One that was not made. That nothing had to be done is no failure.
ExitCode EndWithoutClaim(Session& session, const absl::Status& status) {
  if (ReasonOf(status) != "ALREADY_OWNER") return session.Fail(status);
  session.Print(Document::Object().Set("changed", Document::Boolean(false)),
                absl::StrCat("Nothing to do: ", status.message(), ".\n"));
  return ExitCode::kOk;
}

Task<ExitCode> RunClaim(Session& session, CopyOptions options) {
  auto client = session.Connect();
  if (!client.ok()) co_return session.Fail(client.status());
  // Before anybody is asked to give something up.
  auto response = co_await Claim(**client, options, true);
  if (!response.ok()) co_return EndWithoutClaim(session, response.status());
  if (!options.accept_data_loss) {
    co_return session.Fail(
        ExitCode::kUsage,
        absl::StrCat("what was written after ", options.node, "'s copy of ", options.volume,
                     " was taken will be given up; if its owner can come back, wait for it, else "
                     "say --accept-data-loss"));
  }
  if (session.environment().in_is_terminal && !options.yes) {
    const std::string copy = co_await CopyInWords(session, **client, options);
    *session.environment().err
        << options.node << " becomes the owner of " << options.volume << " (and of all volumes of "
        << "its application), with the copy that it keeps" << copy << ".\n"
        << "What was written since is given up. If the old owner still runs, cut off, there are "
           "two\n"
        << "writers until it is heard of again; then its copy is kept as DIVERGED.\n";
    const bool is_confirmed = co_await IsConfirmed(session, options.volume);
    if (!is_confirmed) co_return session.Fail(ExitCode::kFailed, "nothing was changed");
  }
  response = co_await Order(session, Claim(**client, options, false));
  if (!response.ok()) co_return EndWithoutClaim(session, response.status());
  session.Print(Document::Object()
                    .Set("changed", Document::Boolean(true))
                    .Set("volumes", VolumeListDocument(response->volumes())),
                VolumesTable(response->volumes(), session.style()));
  co_return ExitCode::kOk;
}

// What VOLUME[@NAME] and --node mean together, in words.
std::string WhatIsDeleted(const CopyOptions& options, const SnapshotName& name) {
  if (!name.snapshot.empty()) return absl::StrCat("snapshot ", options.volume);
  if (!options.node.empty()) {
    return absl::StrCat("the DIVERGED copy of ", name.volume, " on ", options.node);
  }
  return absl::StrCat(name.volume, ", with its data and its snapshots on every node");
}

Task<absl::Status> Delete(CoordinatorClient& client, CopyOptions options, SnapshotName name) {
  if (!name.snapshot.empty()) {
    coordinator::v1::DeleteSnapshotsRequest request;
    request.set_volume(name.volume);
    request.set_snapshot(name.snapshot);
    auto response = co_await client.DeleteSnapshots(std::move(request), kDeleteTimeout);
    co_return response.status();
  }
  if (!options.node.empty()) {
    coordinator::v1::DeleteDivergedVolumesRequest request;
    request.set_volume(name.volume);
    request.set_node(options.node);
    auto response = co_await client.DeleteDivergedVolumes(std::move(request), kDeleteTimeout);
    co_return response.status();
  }
  coordinator::v1::DeleteVolumesRequest request;
  request.set_volume(name.volume);
  auto response = co_await client.DeleteVolumes(std::move(request), kDeleteTimeout);
  co_return response.status();
}

Task<ExitCode> RunDelete(Session& session, CopyOptions options) {
  if (HasEmptyPart(options.volume)) {
    co_return session.Fail(
        ExitCode::kUsage,
        absl::StrCat("\"", options.volume, "\" lacks a name before or after its : or @"));
  }
  const SnapshotName name = SplitSnapshotName(options.volume);
  if (!name.snapshot.empty() && !options.node.empty()) {
    co_return session.Fail(ExitCode::kUsage,
                           "a snapshot is deleted wherever it is: leave --node out");
  }
  auto client = session.Connect();
  if (!client.ok()) co_return session.Fail(client.status());
  const std::string what = WhatIsDeleted(options, name);
  if (session.environment().in_is_terminal && !options.yes) {
    *session.environment().err << "This deletes " << what << ", for good.\n";
    const bool is_confirmed = co_await IsConfirmed(session, options.volume);
    if (!is_confirmed) co_return session.Fail(ExitCode::kFailed, "nothing was changed");
  }
  const absl::Status deleted = co_await Order(session, Delete(**client, options, name));
  if (!deleted.ok()) co_return session.Fail(deleted);
  session.Print(Document::Object().Set("changed", Document::Boolean(true)),
                absl::StrCat("Deleted: ", what, ".\n"));
  co_return ExitCode::kOk;
}

void AddClaimCommand(CLI::App& volumes, SelectedCommand& selected) {
  auto options = std::make_shared<CopyOptions>();
  CLI::App* command =
      volumes.add_subcommand("claim", "Make another node the owner when the owner is lost");
  command->add_option("VOLUME", options->volume, "Its name, as `drover volumes list` shows it")
      ->required();
  command->add_option("--node", options->node, "The node that keeps the copy")
      ->type_name("NODE")
      ->required();
  command->add_flag("-y,--yes", options->yes, "Do not ask");
  command->add_flag("--accept-data-loss", options->accept_data_loss,
                    "Give up what was written after that node's copy was taken");
  command->footer(
      "For an owner that does not come back, or whose pool was put back to an older time. The\n"
      "application is started on NODE with the copy that NODE keeps: that of its last move. All\n"
      "volumes of an application are claimed together. If the old owner comes back, it does not\n"
      "start the application; what it has is kept there and listed as DIVERGED.\n"
      "\n"
      "Example:\n"
      "  drover volumes claim redis-example --node node2 --accept-data-loss");
  OnSelected(command, selected, options, &RunClaim);
}

void AddDeleteCommand(CLI::App& volumes, SelectedCommand& selected) {
  auto options = std::make_shared<CopyOptions>();
  CLI::App* command =
      volumes.add_subcommand("delete", "Delete a stopped application's data, or a snapshot");
  command
      ->add_option("VOLUME[@NAME]", options->volume,
                   "A stopped application, a volume that none uses any more, or a snapshot")
      ->required();
  command
      ->add_option("--node", options->node,
                   "Only the DIVERGED copy that a claim has left on this node")
      ->type_name("NODE");
  command->add_flag("-y,--yes", options->yes, "Do not ask");
  command->footer(
      "Nothing that is in use is deleted: an application is stopped first, by taking it out of "
      "the\n"
      "deployment file. Then all goes that the cluster has of it, on every node, and its name is\n"
      "free for new data.\n"
      "\n"
      "Examples:\n"
      "  drover volumes delete redis-example\n"
      "  drover volumes delete redis-example@before-upgrade\n"
      "  drover volumes delete redis-example --node node1");
  OnSelected(command, selected, options, &RunDelete);
}

}  // namespace

void AddVolumesCommand(CLI::App& parent, SelectedCommand& selected) {
  CLI::App* volumes = parent.add_subcommand(
      "volumes", "Show the volumes of the cluster, keep and go back to earlier times of them");
  volumes->require_subcommand(1);
  volumes->footer("Example:\n  drover volumes list");
  CLI::App* list =
      volumes->add_subcommand("list", "Show every volume, those that nothing uses included");
  list->footer("Example:\n  drover volumes list -o json");
  OnSelected(list, selected, &RunList);
  AddSnapshotCommands(*volumes, selected);
  AddClaimCommand(*volumes, selected);
  AddDeleteCommand(*volumes, selected);
}

}  // namespace drover::cli
