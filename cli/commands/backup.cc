// drover backup: a copy of what the coordinator must not forget.

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/backup_file.h"
#include "cli/commands/commands.h"
#include "cli/render/units.h"

namespace drover::cli {
namespace {

constexpr absl::Duration kTimeout = absl::Minutes(30);

// On the machine of the coordinator. A log of another database beside it would be played into it.
constexpr char kHowToRestore[] =
    "To restore it, on the coordinator's machine:\n"
    "  1. stop drover-coordinator\n"
    "  2. in its state_dir, move coordinator.db, coordinator.db-wal and coordinator.db-shm away\n"
    "  3. copy the backup there as coordinator.db, and start drover-coordinator\n"
    "  4. it changes nothing yet: run `drover doctor`, and then `drover doctor --adopt`\n";

struct Options {
  std::string file;
  bool force = false;
};

Task<ExitCode> RunBackup(Session& session, Options options) {
  auto client = session.Connect();
  if (!client.ok()) co_return session.Fail(client.status());
  absl::StatusOr<BackupFile> file = BackupFile::Create(options.file, options.force);
  if (absl::IsAlreadyExists(file.status())) {
    co_return session.Fail(ExitCode::kUsage, std::string(file.status().message()));
  }
  if (!file.ok()) co_return session.FailHere(file.status());
  int64_t total = 0;
  absl::Status written;
  auto on_message = [&](const coordinator::v1::BackUpResponse& response) {
    total = response.total_bytes();
    if (written.ok()) written = file->Append(response.data());
  };
  const absl::Status sent = co_await (*client)->BackUp({}, kTimeout, on_message);
  if (!sent.ok()) co_return session.Fail(sent);
  if (written.ok()) written = file->Finish(total);
  if (!written.ok()) co_return session.FailHere(written);
  session.Print(Document::Object()
                    .Set("file", Document::String(options.file))
                    .Set("bytes", Document::Number(total)),
                absl::StrCat("Wrote ", options.file, " (", BytesText(total),
                             "): all that the coordinator must not forget. Keep it secret.\n",
                             kHowToRestore));
  co_return ExitCode::kOk;
}

}  // namespace

void AddBackupCommand(CLI::App& parent, SelectedCommand& selected) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      parent.add_subcommand("backup", "Write a copy of the coordinator's store to a file");
  command->add_option("FILE", options->file, "The file to write")->required()->type_name("");
  command->add_flag("--force", options->force, "Replace FILE if it exists");
  command->footer(absl::StrCat(
      "Made while the coordinator runs; a copy by other means may be torn. The applications' data "
      "is\nnot in it.\n\n",
      kHowToRestore, "\nExample:\n  drover backup /var/backups/drover.db"));
  OnSelected(command, selected, options, &RunBackup);
}

}  // namespace drover::cli
