// drover volumes snapshot, snapshots, rollback: an earlier time of an application's data.

#include <ostream>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "cli/commands/commands.h"
#include "cli/confirmation.h"
#include "cli/follow_deployment.h"
#include "cli/order.h"
#include "cli/render/deployment_view.h"
#include "cli/render/snapshot_view.h"
#include "cli/snapshot_name.h"

namespace drover::cli {
namespace {

// A node that does not answer takes its time, and storage that is busy, too.
constexpr absl::Duration kTimeout = absl::Minutes(3);

struct Options {
  std::string name;
  bool yes = false;
};

ExitCode FailForEmptyPart(Session& session, const std::string& name) {
  return session.Fail(ExitCode::kUsage,
                      absl::StrCat("\"", name, "\" lacks a name before or after its : or @"));
}

Task<ExitCode> RunSnapshot(Session& session, Options options) {
  if (HasEmptyPart(options.name)) co_return FailForEmptyPart(session, options.name);
  SnapshotName name = SplitSnapshotName(options.name);
  if (name.snapshot.empty()) {
    name.snapshot = absl::FormatTime("%Y%m%d-%H%M%S", session.environment().clock->Now(),
                                     absl::LocalTimeZone());
  }
  auto client = session.Connect();
  if (!client.ok()) co_return session.Fail(client.status());
  coordinator::v1::CreateSnapshotsRequest request;
  request.set_volume(name.volume);
  request.set_snapshot(name.snapshot);
  auto response = co_await Order(session, (*client)->CreateSnapshots(std::move(request), kTimeout));
  if (!response.ok()) co_return session.Fail(response.status());
  std::string text;
  for (const auto& one : response->snapshots()) {
    absl::StrAppend(&text, "Snapshot ", one.volume(), "@", one.name(), " is taken on ", one.node(),
                    ".\n");
  }
  session.Print(Document::Object().Set("snapshots", SnapshotListDocument(response->snapshots())),
                text);
  co_return ExitCode::kOk;
}

Task<ExitCode> RunSnapshots(Session& session, Options options) {
  auto client = session.Connect();
  if (!client.ok()) co_return session.Fail(client.status());
  coordinator::v1::ListSnapshotsRequest request;
  request.set_volume(options.name);
  auto response = co_await (*client)->ListSnapshots(std::move(request), kTimeout);
  if (!response.ok()) co_return session.Fail(response.status());
  session.Print(SnapshotsDocument(*response), SnapshotsText(*response, session.style()));
  co_return ExitCode::kOk;
}

Task<ExitCode> RunRollBack(Session& session, Options options) {
  if (HasEmptyPart(options.name)) co_return FailForEmptyPart(session, options.name);
  const SnapshotName name = SplitSnapshotName(options.name);
  if (name.snapshot.empty()) {
    co_return session.Fail(
        ExitCode::kUsage,
        absl::StrCat(options.name, " names no snapshot: say ", options.name,
                     "@NAME; `drover volumes snapshots ", options.name, "` shows what there is"));
  }
  auto client = session.Connect();
  if (!client.ok()) co_return session.Fail(client.status());
  if (session.environment().in_is_terminal && !options.yes) {
    *session.environment().err << "This stops the application and puts " << name.volume
                               << " back to " << name.snapshot
                               << ".\nWhat was written since is gone";
    *session.environment().err << "; on ZFS so are snapshots that were taken since.\n";
    const bool is_confirmed = co_await IsConfirmed(session, name.volume);
    if (!is_confirmed) co_return session.Fail(ExitCode::kFailed, "nothing was changed");
  }
  coordinator::v1::CreateRollBackRequest request;
  request.mutable_roll_back()->set_volume(name.volume);
  request.mutable_roll_back()->set_snapshot(name.snapshot);
  auto response = co_await Order(session, (*client)->CreateRollBack(std::move(request), kTimeout));
  coordinator::v1::Plan nothing_was_shown;
  if (!response.ok()) co_return session.Fail(response.status());
  absl::StatusOr<coordinator::v1::Deployment> created = std::move(*response->mutable_deployment());
  co_return co_await FollowDeployment(session, **client, std::move(nothing_was_shown),
                                      std::move(created));
}

}  // namespace

void AddSnapshotCommands(CLI::App& volumes, SelectedCommand& selected) {
  auto take = std::make_shared<Options>();
  CLI::App* snapshot = volumes.add_subcommand("snapshot", "Keep what a volume holds now");
  snapshot
      ->add_option("VOLUME[@NAME]", take->name,
                   "APP for all volumes of an application, APP:VOLUME for one of several; NAME is "
                   "the time if it is left out")
      ->required();
  snapshot->footer(
      "The application goes on. A snapshot holds what a power cut at that moment would leave; it\n"
      "takes no room but for what changes later, and stays on the node where it is taken.\n"
      "\n"
      "Examples:\n"
      "  drover volumes snapshot redis-example\n"
      "  drover volumes snapshot redis-example@before-upgrade");
  OnSelected(snapshot, selected, take, &RunSnapshot);

  auto list = std::make_shared<Options>();
  CLI::App* snapshots = volumes.add_subcommand("snapshots", "Show the snapshots that were taken");
  snapshots->add_option("VOLUME", list->name, "Of this volume or application; else of all");
  snapshots->footer(
      "Drover's own snapshots, which make moves incremental, are the COPIES of `drover volumes\n"
      "list`.\n"
      "\n"
      "Example:\n"
      "  drover volumes snapshots redis-example");
  OnSelected(snapshots, selected, list, &RunSnapshots);

  auto back = std::make_shared<Options>();
  CLI::App* roll_back = volumes.add_subcommand("rollback", "Put a volume back to a snapshot");
  roll_back->add_option("VOLUME@NAME", back->name, "As `drover volumes snapshots` shows it")
      ->required();
  roll_back->add_flag("-y,--yes", back->yes, "Do not ask");
  roll_back->footer(
      "Stops the application, puts its data back, and starts it again if it was running. What was\n"
      "written since the snapshot is gone. On ZFS snapshots that were taken later go, too.\n"
      "To look at an earlier time without giving anything up, use `drover clone` first.\n"
      "\n"
      "Example:\n"
      "  drover volumes rollback redis-example@before-upgrade");
  OnSelected(roll_back, selected, back, &RunRollBack);
}

}  // namespace drover::cli
