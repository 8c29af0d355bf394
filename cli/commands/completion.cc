// drover completion: scripts for shells, and the hidden command that they call.

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/commands/commands.h"

namespace drover::cli {
namespace {

constexpr char kBashScript[] = R"(_drover() {
  local IFS=$'\n'
  COMPREPLY=($(drover __complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _drover drover
)";

constexpr char kZshScript[] = R"(#compdef drover
_drover() {
  local -a candidates
  candidates=("${(@f)$(drover __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "${candidates[1]}" ]]; then compadd -a candidates; else _files; fi
}
compdef _drover drover
)";

struct Options {
  std::vector<std::string> words;
};

Task<ExitCode> PrintBash(Session& session) {
  *session.environment().out << kBashScript;
  co_return ExitCode::kOk;
}

Task<ExitCode> PrintZsh(Session& session) {
  *session.environment().out << kZshScript;
  co_return ExitCode::kOk;
}

// What may stand in place of the last word, one a line.
std::string Candidates(const CLI::App& root, const std::vector<std::string>& words) {
  const std::string last = words.empty() ? "" : words.back();
  const CLI::App* command = &root;
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    for (const CLI::App* below : command->get_subcommands({})) {
      if (below->get_name() == words[i]) command = below;
    }
  }
  std::vector<std::string> candidates;
  for (const CLI::App* below : command->get_subcommands({})) {
    if (!below->get_group().empty()) candidates.push_back(below->get_name());
  }
  // Options of the levels above are understood everywhere.
  for (const CLI::App* level = command; level != nullptr; level = level->get_parent()) {
    for (const CLI::Option* option : level->get_options()) {
      for (const std::string& name : option->get_lnames()) {
        if (absl::StartsWith(last, "-")) candidates.push_back(absl::StrCat("--", name));
      }
    }
  }
  std::sort(candidates.begin(), candidates.end());
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  std::string text;
  for (const std::string& candidate : candidates) {
    if (absl::StartsWith(candidate, last)) absl::StrAppend(&text, candidate, "\n");
  }
  return text;
}

void AddHiddenCommand(CLI::App& root, SelectedCommand& selected) {
  auto options = std::make_shared<Options>();
  CLI::App* hidden = root.add_subcommand("__complete", "For completion scripts");
  hidden->group("");
  hidden->add_option("WORDS", options->words);
  hidden->callback([&root, &selected, options] {
    selected = [&root, options](Session& session) -> Task<ExitCode> {
      *session.environment().out << Candidates(root, options->words);
      co_return ExitCode::kOk;
    };
  });
}

}  // namespace

void AddCompletionCommand(CLI::App& parent, SelectedCommand& selected) {
  CLI::App* completion = parent.add_subcommand("completion", "Print a script for a shell");
  completion->require_subcommand(1);
  completion->footer(
      "Examples:\n  source <(drover completion bash)\n"
      "  autoload -U compinit && compinit; source <(drover completion zsh)");
  OnSelected(completion->add_subcommand("bash", "For bash"), selected, &PrintBash);
  OnSelected(completion->add_subcommand("zsh", "For zsh"), selected, &PrintZsh);
  AddHiddenCommand(parent, selected);
}

}  // namespace drover::cli
