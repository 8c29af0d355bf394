#include "cli/drover.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/commands/commands.h"
#include "cli/run_task.h"
#include "cli/version.h"
#include "cli/wrong_command.h"

namespace drover::cli {
namespace {

void AddGlobalOptions(CLI::App& app, GlobalOptions& options) {
  app.add_option("--coordinator", options.coordinator,
                 "Address of the coordinator; or set DROVER_COORDINATOR")
      ->type_name("HOST:PORT");
  app.add_option("--cert-dir", options.cert_dir,
                 "Folder with ca.crt, tls.crt and tls.key; or set DROVER_CERT_DIR")
      ->type_name("DIR");
  const std::map<std::string, OutputFormat> formats = {{"table", OutputFormat::kTable},
                                                       {"json", OutputFormat::kJson},
                                                       {"yaml", OutputFormat::kYaml}};
  auto store = [&options, formats](const std::string& name) {
    auto found = formats.find(name);
    if (found == formats.end()) {
      throw CLI::ValidationError("-o", "\"" + name + "\" is not table, json or yaml");
    }
    options.format = found->second;
  };
  app.add_option_function<std::string>("-o,--output", store,
                                       "Form of the result: table, json or yaml")
      ->type_name("FORM");
  app.add_flag("--no-color", options.no_color, "No colours, on terminals too");
}

void AddCommands(CLI::App& app, SelectedCommand& selected) {
  AddDeployCommand(app, selected);
  AddPlanCommand(app, selected);
  AddMoveCommand(app, selected);
  AddDrainCommand(app, selected);
  AddCordonCommand(app, selected);
  AddUncordonCommand(app, selected);
  AddStatusCommand(app, selected);
  AddNodesCommand(app, selected);
  AddCloneCommand(app, selected);
  AddVolumesCommand(app, selected);
  AddMigrationsCommand(app, selected);
  AddDeploymentsCommand(app, selected);
  AddRoutesCommand(app, selected);
  AddLogsCommand(app, selected);
  AddDoctorCommand(app, selected);
  AddBackupCommand(app, selected);
  AddConfigCommand(app, selected);
  AddCaCommand(app, selected);
  AddVersionCommand(app, selected);
  AddCompletionCommand(app, selected);
}

void FillInFromVariables(const Environment& environment, GlobalOptions& options) {
  if (options.coordinator.empty()) {
    options.coordinator = environment.get_variable("DROVER_COORDINATOR");
  }
  if (options.cert_dir.empty()) options.cert_dir = environment.get_variable("DROVER_CERT_DIR");
  if (!environment.get_variable("NO_COLOR").empty()) options.no_color = true;
}

}  // namespace

ExitCode RunDrover(std::vector<std::string> arguments, boost::asio::io_context& io,
                   const Environment& environment) {
  CLI::App app("Moves containers together with their data between the machines of a cluster.",
               "drover");
  app.set_help_flag("-h,--help", "Show this help and exit");
  app.set_version_flag("--version", absl::StrCat("drover ", kVersion), "Show the version and exit");
  app.footer(
      "Exit codes: 0 the cluster is as asked; 1 it failed or was aborted; 2 wrong usage or\n"
      "configuration; 3 the coordinator cannot be reached; 130 detached by Ctrl-C.\n"
      "\n"
      "Examples:\n"
      "  drover deploy deploy-node1.yml redis-application.yml\n"
      "  drover move redis-example node2\n"
      "  drover status\n"
      "  drover COMMAND --help");
  app.failure_message([](const CLI::App* whole, const CLI::Error& error) {
    return ExplainWrongArguments(*whole, error);
  });
  app.require_subcommand(1);
  // Global options are understood after the command, too.
  app.fallthrough();
  GlobalOptions options;
  SelectedCommand selected;
  AddGlobalOptions(app, options);
  AddCommands(app, selected);
  // `help nodes` is what many try first.
  if (!arguments.empty() && arguments[0] == "help") {
    arguments.erase(arguments.begin());
    arguments.push_back("--help");
  }
  try {
    std::reverse(arguments.begin(), arguments.end());  // The library takes them from the back.
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    const bool is_help = error.get_exit_code() == 0;
    const std::string wrong_command = is_help ? "" : ExplainWrongCommand(app);
    if (wrong_command.empty()) {
      app.exit(error, *environment.out, *environment.err);
    } else {
      *environment.err << wrong_command;
    }
    return is_help ? ExitCode::kOk : ExitCode::kUsage;
  }
  FillInFromVariables(environment, options);
  Session session(environment, options);
  // What a command does before it answers its coroutine, such as reading files, is ended by Ctrl-C
  // and SIGTERM like any program: the coroutine alone is told of them, and only where it waits.
  Task<ExitCode> task = selected(session);
  auto on_interrupt = [&] { session.Interrupt(); };
  return RunTask(io, std::move(task), on_interrupt);
}

}  // namespace drover::cli
