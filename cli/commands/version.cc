// drover version.

#include "cli/version.h"

#include "absl/strings/str_cat.h"
#include "cli/commands/commands.h"

namespace drover::cli {
namespace {

Task<ExitCode> RunVersion(Session& session) {
  session.Print(Document::Object().Set("version", Document::String(kVersion)),
                absl::StrCat("drover ", kVersion, "\n"));
  co_return ExitCode::kOk;
}

}  // namespace

void AddVersionCommand(CLI::App& parent, SelectedCommand& selected) {
  CLI::App* command = parent.add_subcommand("version", "Show the version of this command");
  command->footer("Example:\n  drover version");
  OnSelected(command, selected, &RunVersion);
}

}  // namespace drover::cli
