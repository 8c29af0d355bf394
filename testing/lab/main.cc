// drover-lab: a whole cluster on one Linux machine.
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "testing/lab/bin_dir.h"
#include "testing/lab/lab.h"
#include "testing/lab/lab_json.h"
#include "testing/lab/machine_init.h"

namespace drover::lab {
namespace {

constexpr int kFailed = 1, kUsage = 2;

int Report(const absl::Status& status) {
  if (status.ok()) return 0;
  std::cerr << "drover-lab: " << status.message() << "\n";
  return absl::IsInvalidArgument(status) ? kUsage : kFailed;
}

// Runs `action` on the lab of that name.
int WithLab(const std::string& name, const std::function<absl::Status(Lab&)>& action) {
  absl::StatusOr<Lab> lab = Lab::Open(name);
  return Report(lab.ok() ? action(*lab) : lab.status());
}

// The command line, and what it asks for. Each Add… adds one subcommand.
class Command {
 public:
  explicit Command(std::string argv0) : argv0_(std::move(argv0)) {
    app_.require_subcommand(1);
    app_.fallthrough();
    app_.add_option("--name", name_, "which lab")->capture_default_str();
    AddUp();
    AddStatus();
    AddExec();
    AddKill();
    AddStart();
    AddPartition();
    AddHeal();
    AddImage();
    AddReboot();
    AddDown();
    AddInit();
  }

  int Run(int argc, char** argv) {
    // What follows -- is the business of the machine's command alone. (CLI11 2.1 would pass the --
    // itself on.)
    char** const end = argv + argc;
    char** const dashes =
        std::find_if(argv, end, [](const char* word) { return std::string("--") == word; });
    if (dashes != end) command_.assign(dashes + 1, end);
    try {
      app_.parse(static_cast<int>(dashes - argv), argv);
    } catch (const CLI::RequiredError& error) {
      const std::vector<std::string> unknown = app_.remaining();
      // What is left over behind a command is none.
      if (unknown.empty() || !app_.get_subcommands().empty()) return Refuse(error);
      return Report(absl::InvalidArgumentError(
          absl::StrCat("there is no command '", unknown[0], "'; `drover-lab --help` shows them")));
    } catch (const CLI::ParseError& error) {
      return Refuse(error);
    }
    return result_;
  }

 private:
  // Help is no error.
  int Refuse(const CLI::ParseError& error) { return app_.exit(error) == 0 ? 0 : kUsage; }

  CLI::App* Add(const std::string& name, const std::string& description,
                std::function<int()> action) {
    CLI::App* command = app_.add_subcommand(name, description);
    command->callback([this, action = std::move(action)] { result_ = action(); });
    return command;
  }

  void AddUp() {
    CLI::App* up = Add("up", "make a lab: a client machine and nodes", [this] { return Up(); });
    up->add_option("--nodes", options_.nodes, "how many nodes")->capture_default_str();
    up->add_option("--backend", backend_, "btrfs or zfs")->capture_default_str();
    up->add_option("--engine", engine_, "docker or podman")->capture_default_str();
    up->add_option("--pool-size", options_.pool_size, "size of each node's pool, sparse")
        ->capture_default_str();
    up->add_option("--bin-dir", options_.bin_dir, "Drover's programs [beside drover-lab]");
    up->add_flag("--without-drover", without_drover_,
                 "machines, engines, pools and registry, but no daemons of Drover");
  }

  void AddStatus() {
    CLI::App* status = Add("status", "what runs", [this] { return Status(); });
    status->add_option("-o,--output", output_, "table or json")
        ->check(CLI::IsMember({"table", "json"}));
  }

  void AddExec() {
    CLI::App* exec = Add("exec", "run a command in a machine", [this] { return Exec(); });
    exec->add_option("machine", machine_, "client, node1, …")->required();
    exec->add_option("command", command_, "after --");
  }

  void AddKill() {
    CLI::App* kill = Add("kill", "signal a daemon", [this] { return Kill(); });
    kill->add_option("daemon", daemon_, "DAEMON[@NODE], as volume@node1")->required();
    kill->add_option("--signal", signal_, "KILL, STOP, CONT or TERM")->capture_default_str();
  }

  void AddStart() {
    CLI::App* start = Add("start", "start a daemon that has ended", [this] {
      return WithLab(name_, [this](Lab& lab) { return lab.Start(daemon_); });
    });
    start->add_option("daemon", daemon_, "DAEMON[@NODE], as volume@node1")->required();
  }

  void AddPartition() {
    CLI::App* cut = Add("partition", "cut a machine off", [this] { return Partition(); });
    cut->add_option("machine", machine_, "which")->required();
    cut->add_option("--from", peer_, "from this machine only");
    cut->add_option("--direction", direction_, "what is lost of its traffic: both, in or out")
        ->capture_default_str();
  }

  void AddHeal() {
    Add("heal", "undo all partitions",
        [this] { return WithLab(name_, [](Lab& lab) { return lab.Heal(); }); });
  }

  void AddImage() {
    CLI::App* image =
        Add("image", "make an image and push it to the lab's registry", [this] { return Image(); });
    image->add_option("image", image_, "redis, postgres, mariadb or busybox")->required();
  }

  void AddReboot() {
    CLI::App* reboot = Add("reboot", "switch a node off and on again", [this] {
      return WithLab(name_, [this](Lab& lab) { return lab.Reboot(machine_); });
    });
    reboot->add_option("node", machine_, "which")->required();
  }

  void AddDown() {
    Add("down", "remove the lab and all it made", [this] { return Report(Lab::Down(name_)); });
  }

  void AddInit() {
    CLI::App* init = Add(kInitSubcommand, "", [this] { return Init(); });
    init->group("");
    init->add_option(kInitHostnameFlag, hostname_)->required();
    init->add_option(kInitBindFlag, binds_);
  }

  int Up() {
    absl::StatusOr<Backend> backend = ParseBackend(backend_);
    if (!backend.ok()) return Report(backend.status());
    absl::StatusOr<Engine> engine = ParseEngine(engine_);
    if (!engine.ok()) return Report(engine.status());
    options_.name = name_;
    options_.engine = *engine;
    options_.backend = *backend;
    options_.with_drover = !without_drover_;
    if (options_.bin_dir.empty()) options_.bin_dir = FindBinDir(argv0_);
    options_.on_step = [](absl::string_view step) { std::cerr << step << " …\n"; };
    absl::StatusOr<Lab> lab = Lab::Up(options_);
    if (!lab.ok()) return Report(lab.status());
    return Status();
  }

  int Status() {
    return WithLab(name_, [this](Lab& lab) -> absl::Status {
      absl::StatusOr<LabStatus> status = lab.Status();
      if (!status.ok()) return status.status();
      std::cout << (output_ == "json" ? LabStatusToJson(*status) : LabStatusToText(*status));
      return absl::OkStatus();
    });
  }

  int Exec() {
    if (command_.empty()) {
      return Report(absl::InvalidArgumentError("say what to run: exec MACHINE -- COMMAND"));
    }
    absl::StatusOr<Lab> lab = Lab::Open(name_);
    if (!lab.ok()) return Report(lab.status());
    std::error_code error;
    const std::string folder = std::filesystem::current_path(error).string();
    absl::StatusOr<int> exit_code = lab->Exec(machine_, command_, folder);
    return exit_code.ok() ? *exit_code : Report(exit_code.status());
  }

  int Kill() {
    const std::map<std::string, int> signals = {
        {"KILL", SIGKILL}, {"STOP", SIGSTOP}, {"CONT", SIGCONT}, {"TERM", SIGTERM}};
    const auto signal = signals.find(signal_);
    if (signal == signals.end()) {
      return Report(absl::InvalidArgumentError(
          absl::StrCat("'", signal_, "' is none of the signals KILL, STOP, CONT and TERM")));
    }
    return WithLab(name_, [&](Lab& lab) { return lab.Kill(daemon_, signal->second); });
  }

  int Partition() {
    const std::map<std::string, Direction> directions = {
        {"both", Direction::kBoth}, {"in", Direction::kIn}, {"out", Direction::kOut}};
    const auto direction = directions.find(direction_);
    if (direction == directions.end()) {
      return Report(absl::InvalidArgumentError(
          absl::StrCat("'", direction_, "' is none of the directions both, in and out")));
    }
    return WithLab(name_,
                   [&](Lab& lab) { return lab.Partition(machine_, peer_, direction->second); });
  }

  int Image() {
    return WithLab(name_, [this](Lab& lab) -> absl::Status {
      absl::StatusOr<std::string> reference = lab.MakeImage(image_);
      if (!reference.ok()) return reference.status();
      std::cout << *reference << "\n";
      return absl::OkStatus();
    });
  }

  int Init() {
    MachineInitOptions options{.hostname = hostname_};
    for (const std::string& bind : binds_) {
      options.root.binds.push_back(absl::StrSplit(bind, absl::MaxSplits(':', 1)));
    }
    return RunMachineInit(options);
  }

  CLI::App app_{"A whole Drover cluster on this machine: real engines, pools and networks."};
  std::string argv0_;
  std::string name_ = "lab";
  LabOptions options_;
  std::string backend_ = "btrfs", engine_ = "docker", output_ = "table";
  bool without_drover_ = false;
  std::string machine_, peer_, daemon_, image_, signal_ = "KILL", direction_ = "both";
  std::vector<std::string> command_;
  std::string hostname_;
  std::vector<std::string> binds_;
  int result_ = 0;
};

}  // namespace
}  // namespace drover::lab

int main(int argc, char** argv) { return drover::lab::Command(argv[0]).Run(argc, argv); }
