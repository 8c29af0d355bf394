#include "cli/wrong_command.h"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace drover::cli {
namespace {

// More typing errors than this, and it was another word.
constexpr size_t kMostTypingErrors = 2;

// How many characters have to be changed, added or removed to make `right` of `wrong`.
size_t TypingErrors(const std::string& wrong, const std::string& right) {
  std::vector<size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 0; i < wrong.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i + 1);
    for (size_t j = 0; j < right.size(); ++j) {
      const size_t replaced = diagonal + (wrong[i] == right[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

// Empty if none is near.
std::string NearestOf(const std::vector<const CLI::App*>& commands, const std::string& wrong) {
  std::string nearest;
  // A short word must not become another one altogether.
  size_t fewest = std::min(kMostTypingErrors + 1, wrong.size());
  for (const CLI::App* command : commands) {
    const size_t errors = TypingErrors(wrong, command->get_name());
    if (errors >= fewest) continue;
    fewest = errors;
    nearest = command->get_name();
  }
  return nearest;
}

// The command that was understood, and how it is called: "nodes list ".
struct Understood {
  const CLI::App* level;
  std::string path;
};

Understood WhatWasUnderstood(const CLI::App& app) {
  Understood understood = {&app, ""};
  while (!understood.level->get_subcommands().empty()) {
    understood.level = understood.level->get_subcommands().back();
    absl::StrAppend(&understood.path, understood.level->get_name(), " ");
  }
  return understood;
}

}  // namespace

std::string ExplainWrongArguments(const CLI::App& app, const CLI::Error& error) {
  return absl::StrCat("drover: ", error.what(), "; `drover ", WhatWasUnderstood(app).path,
                      "--help` shows what it takes\n");
}

std::string ExplainWrongCommand(const CLI::App& app) {
  const auto [level, path] = WhatWasUnderstood(app);
  if (level->get_require_subcommand_min() == 0) return "";
  // What a level does not understand falls through to the uppermost one.
  const std::vector<std::string> not_understood = app.remaining();
  if (not_understood.empty()) return app.help();
  const std::string& wrong = not_understood.front();
  if (wrong.front() == '-') {
    return absl::StrCat("drover: there is no option `", wrong, "`; `drover ", path,
                        "--help` shows the options\n");
  }
  auto is_shown = [](const CLI::App* command) { return !command->get_group().empty(); };
  const std::vector<const CLI::App*> commands = level->get_subcommands(is_shown);
  const std::string nearest = NearestOf(commands, wrong);
  std::string text =
      absl::StrCat("drover: there is no command `", path, wrong, "`",
                   nearest.empty() ? "" : absl::StrCat("; did you mean `", path, nearest, "`?"),
                   "\n\nThere ", "are:\n");
  size_t width = 0;
  for (const CLI::App* command : commands) width = std::max(width, command->get_name().size());
  for (const CLI::App* command : commands) {
    const std::string space(width - command->get_name().size() + 2, ' ');
    absl::StrAppend(&text, "  ", command->get_name(), space, command->get_description(), "\n");
  }
  return text;
}

}  // namespace drover::cli
