// drover config: the YAML files without a cluster.

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/commands/commands.h"
#include "cli/config_files.h"

namespace drover::cli {
namespace {

struct Options {
  std::string one_file;
  std::string other_file;
};

// Null where there is none, of a file that cannot be read.
Document PlaceDocument(int place) { return place == 0 ? Document() : Document::Number(place); }

Document ProblemsDocument(const config::Problems& problems) {
  Document list = Document::List();
  for (const config::Problem& problem : problems.Sorted()) {
    list.Add(Document::Object()
                 .Set("file", Document::String(problem.location.file))
                 .Set("line", PlaceDocument(problem.location.line))
                 .Set("column", PlaceDocument(problem.location.column))
                 .Set("field", Document::StringOrNull(problem.field))
                 .Set("message", Document::String(problem.message)));
  }
  return Document::Object()
      .Set("valid", Document::Boolean(problems.empty()))
      .Set("problems", std::move(list));
}

Task<ExitCode> ShowCheck(Session& session, LoadedFiles files) {
  const auto& [configuration, problems] = files;
  if (!configuration.has_value()) {
    session.Print(ProblemsDocument(problems), "");
    *session.environment().err << problems.ToString();
    co_return ExitCode::kUsage;
  }
  session.Print(
      ProblemsDocument(problems),
      absl::StrCat("Both files are right: applications ", configuration->applications.size(),
                   ", nodes ", configuration->deployment.nodes.size(), ".\n"));
  co_return ExitCode::kOk;
}

Task<ExitCode> RunCheck(Session& session, Options options) {
  return ShowCheck(session, LoadFiles(options.one_file, options.other_file));
}

}  // namespace

void AddConfigCommand(CLI::App& parent, SelectedCommand& selected) {
  CLI::App* config = parent.add_subcommand("config", "Check configuration files");
  config->require_subcommand(1);
  config->footer("Example:\n  drover config check deploy-node1.yml redis-application.yml");
  auto options = std::make_shared<Options>();
  CLI::App* check =
      config->add_subcommand("check", "Check the two files and contact nothing: no cluster needed");
  check->add_option("DEPLOYMENT", options->one_file, "deployment.yml")->required();
  check->add_option("APPLICATION", options->other_file, "application.yml")->required();
  check->footer(
      "Shows every error at once as file:line:column, and then exits with 2.\n"
      "\n"
      "Example:\n  drover config check deploy-node1.yml redis-application.yml");
  OnSelected(check, selected, options, &RunCheck);
}

}  // namespace drover::cli
