#include "testing/lab/lab.h"

#include <signal.h>
#include <sys/stat.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/common/process/process.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"
#include "testing/lab/daemon_catalog.h"
#include "testing/lab/engine.h"
#include "testing/lab/folders.h"
#include "testing/lab/image_builder.h"
#include "testing/lab/image_recipe.h"
#include "testing/lab/lab_environment.h"
#include "testing/lab/lab_lock.h"
#include "testing/lab/lab_setup.h"
#include "testing/lab/machine_boot.h"
#include "testing/lab/machine_entry.h"
#include "testing/lab/pool.h"
#include "testing/lab/teardown.h"

namespace drover::lab {
namespace {

constexpr absl::Duration kEndOfDaemon = absl::Seconds(60);

absl::Status NoSuchLab(const std::string& name) {
  return absl::NotFoundError(
      absl::StrCat("there is no lab ", name, "; make one with: drover-lab up --name ", name));
}

// A lab while it is being changed: its lock, and its record as it was found under the lock.
class Change {
 public:
  static absl::StatusOr<Change> Begin(const std::string& name) {
    const LabPaths paths(name);
    absl::StatusOr<LabLock> lock = LabLock::Acquire(paths.root());
    if (absl::IsNotFound(lock.status())) return NoSuchLab(name);
    if (!lock.ok()) return lock.status();
    DROVER_ASSIGN_OR_RETURN(LabRecord record, LoadLabRecord(paths.record()));
    return Change(*std::move(lock), std::move(record));
  }

  Change(LabLock lock, LabRecord record) : lock_(std::move(lock)), record_(std::move(record)) {}

  LabRecord& record() { return record_; }
  absl::Status Save() { return SaveLabRecord(record_, LabPaths(record_.name).record()); }
  MachineBoot Boot() {
    return MachineBoot(&record_, [this] { return Save(); });
  }

 private:
  LabLock lock_;
  LabRecord record_;
};

// Makes the lab's folder; nobody else can have made the same one.
absl::Status ClaimFolder(const std::string& name) {
  DROVER_RETURN_IF_ERROR(MakeFolders(kLabsFolder));
  const std::string root = LabPaths(name).root();
  if (mkdir(root.c_str(), 0755) == 0) return absl::OkStatus();
  if (errno != EEXIST) return absl::ErrnoToStatus(errno, absl::StrCat("cannot make ", root));
  return absl::AlreadyExistsError(absl::StrCat(
      "there is a lab ", name, " already; remove it with: drover-lab down --name ", name));
}

absl::Status CheckOptions(const LabOptions& options) {
  DROVER_RETURN_IF_ERROR(CheckLabName(options.name));
  DROVER_RETURN_IF_ERROR(CheckPoolSize(options.pool_size));
  return CheckEngine(options.engine);
}

absl::StatusOr<CommandOutcome> RunIn(const LabRecord& lab, const MachineRecord& machine,
                                     const std::vector<std::string>& command) {
  if (!IsAlive(machine.init)) {
    return absl::FailedPreconditionError(absl::StrCat(machine.name, " is down"));
  }
  absl::StatusOr<CommandResult> result =
      RunCommand(EnterMachine(machine.init, command),
                 {.environment = CommandEnvironment(lab, machine, OwnEnvironment())});
  if (!result.ok()) return result.status();
  return CommandOutcome{result->exit_code, result->output, result->error_output};
}

absl::StatusOr<std::string> RunOkIn(const LabRecord& lab, const MachineRecord& machine,
                                    const std::vector<std::string>& command) {
  DROVER_ASSIGN_OR_RETURN(CommandOutcome outcome, RunIn(lab, machine, command));
  if (outcome.exit_code == 0) return outcome.output;
  return absl::InternalError(absl::StrCat("'", absl::StrJoin(command, " "), "' on ", machine.name,
                                          " ended with ", outcome.exit_code, ": ", outcome.output,
                                          outcome.error_output));
}

absl::Status RegisterNodes(const LabRecord& lab) {
  for (const MachineRecord* node : NodesOf(lab)) {
    DROVER_RETURN_IF_ERROR(
        RunOkIn(lab, ClientOf(lab), {"drover", "nodes", "add", node->name, node->address})
            .status());
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Lab> Lab::Up(const LabOptions& options) {
  DROVER_RETURN_IF_ERROR(CheckOptions(options));
  DROVER_ASSIGN_OR_RETURN(LabRecord record, PlanLab(options.name, options.nodes));
  // After what was written wrongly: that is no reason to build anything.
  DROVER_RETURN_IF_ERROR(CheckPrograms(options.bin_dir, options.with_drover));
  record.backend = options.backend;
  record.engine = options.engine;
  record.pool_size = options.pool_size;
  record.bin_dir = options.bin_dir;
  record.with_drover = options.with_drover;

  DROVER_RETURN_IF_ERROR(ClaimFolder(options.name));
  DROVER_ASSIGN_OR_RETURN(LabLock lock, LabLock::Acquire(LabPaths(options.name).root()));
  Change change(std::move(lock), std::move(record));
  DROVER_RETURN_IF_ERROR(change.Save());
  options.on_step("certificates and configurations");
  DROVER_RETURN_IF_ERROR(PrepareDisks(change.record()));

  options.on_step("machines, engines, pools and daemons");
  MachineBoot boot = change.Boot();
  DROVER_RETURN_IF_ERROR(boot.StartFabric());
  std::vector<MachineRecord*> machines;
  for (MachineRecord& machine : change.record().machines) machines.push_back(&machine);
  DROVER_RETURN_IF_ERROR(boot.Start(machines));
  if (options.with_drover) {
    options.on_step("registering the nodes");
    DROVER_RETURN_IF_ERROR(RegisterNodes(change.record()));
  }
  return Lab(options.name);
}

absl::StatusOr<Lab> Lab::Open(const std::string& name) {
  DROVER_RETURN_IF_ERROR(CheckLabName(name));
  Lab lab(name);
  DROVER_RETURN_IF_ERROR(lab.Record().status());
  return lab;
}

absl::Status Lab::Down(const std::string& name) {
  DROVER_RETURN_IF_ERROR(CheckLabName(name));
  const LabPaths paths(name);
  absl::StatusOr<LabLock> lock = LabLock::Acquire(paths.root());
  if (absl::IsNotFound(lock.status())) return absl::OkStatus();
  if (!lock.ok()) return lock.status();
  absl::StatusOr<LabRecord> record = LoadLabRecord(paths.record());
  // Without a record nothing but the folder has been made.
  if (absl::IsNotFound(record.status())) return RemoveTree(paths.root());
  if (!record.ok()) return record.status();
  return RemoveLab(*record);
}

absl::StatusOr<LabRecord> Lab::Record() const {
  absl::StatusOr<LabRecord> record = LoadLabRecord(paths().record());
  if (absl::IsNotFound(record.status())) return NoSuchLab(name_);
  return record;
}

absl::StatusOr<LabStatus> Lab::Status() const {
  DROVER_ASSIGN_OR_RETURN(LabRecord record, Record());
  return ObserveLab(record);
}

absl::StatusOr<int> Lab::Exec(const std::string& machine, const std::vector<std::string>& command,
                              const std::string& folder) {
  DROVER_ASSIGN_OR_RETURN(const LabRecord record, Record());
  DROVER_ASSIGN_OR_RETURN(const MachineRecord* target, FindMachine(record, machine));
  absl::StatusOr<int> exit_code = RunInMachine(
      target->init, {.argv = command,
                     .environment = CommandEnvironment(record, *target, OwnEnvironment()),
                     .folder = folder});
  if (!exit_code.ok()) return Annotate(exit_code.status(), machine);
  return exit_code;
}

absl::StatusOr<CommandOutcome> Lab::Run(const std::string& machine,
                                        const std::vector<std::string>& command) {
  DROVER_ASSIGN_OR_RETURN(const LabRecord record, Record());
  DROVER_ASSIGN_OR_RETURN(const MachineRecord* target, FindMachine(record, machine));
  return RunIn(record, *target, command);
}

absl::StatusOr<std::string> Lab::RunOk(const std::string& machine,
                                       const std::vector<std::string>& command) {
  DROVER_ASSIGN_OR_RETURN(const LabRecord record, Record());
  DROVER_ASSIGN_OR_RETURN(const MachineRecord* target, FindMachine(record, machine));
  return RunOkIn(record, *target, command);
}

absl::Status Lab::Kill(const std::string& daemon, int signal) {
  DROVER_ASSIGN_OR_RETURN(Change change, Change::Begin(name_));
  DROVER_ASSIGN_OR_RETURN(DaemonTarget target, FindDaemon(change.record(), daemon));
  DROVER_ASSIGN_OR_RETURN(const MachineRecord* machine,
                          FindMachine(change.record(), target.machine));
  const ProcessIdentity process = DaemonProcess(*machine, target.spec.name);
  absl::Status status = SignalProcess(process, signal);
  if (absl::IsNotFound(status)) {
    return absl::FailedPreconditionError(
        absl::StrCat(target.spec.name, "@", target.machine, " is not running"));
  }
  if (!status.ok() || (signal != SIGKILL && signal != SIGTERM)) return status;
  return WaitUntilGone(process, kEndOfDaemon);
}

absl::Status Lab::Start(const std::string& daemon) {
  DROVER_ASSIGN_OR_RETURN(Change change, Change::Begin(name_));
  DROVER_ASSIGN_OR_RETURN(DaemonTarget target, FindDaemon(change.record(), daemon));
  DROVER_ASSIGN_OR_RETURN(MachineRecord * machine, FindMachine(change.record(), target.machine));
  if (IsAlive(DaemonProcess(*machine, target.spec.name))) return absl::OkStatus();
  return change.Boot().StartDaemon(*machine, target.spec);
}

absl::Status Lab::Partition(const std::string& node, const std::string& peer, Direction direction) {
  DROVER_ASSIGN_OR_RETURN(Change change, Change::Begin(name_));
  DROVER_RETURN_IF_ERROR(FindMachine(change.record(), node).status());
  if (!peer.empty()) DROVER_RETURN_IF_ERROR(FindMachine(change.record(), peer).status());
  return Fabric(change.record().fabric).Cut(node, peer, direction);
}

absl::Status Lab::Heal() {
  DROVER_ASSIGN_OR_RETURN(Change change, Change::Begin(name_));
  return Fabric(change.record().fabric).Heal();
}

absl::Status Lab::Reboot(const std::string& node) {
  DROVER_ASSIGN_OR_RETURN(Change change, Change::Begin(name_));
  DROVER_ASSIGN_OR_RETURN(MachineRecord * machine, FindMachine(change.record(), node));
  const ProcessIdentity before = machine->init;
  DROVER_RETURN_IF_ERROR(SwitchOff(change.record(), *machine));
  DROVER_RETURN_IF_ERROR(change.Boot().Start({machine}));
  return WaitUntilCollected(before, kEndOfDaemon);
}

absl::StatusOr<std::string> Lab::MakeImage(const std::string& image) {
  DROVER_ASSIGN_OR_RETURN(const ImageRecipe recipe, RecipeOf(image));
  DROVER_ASSIGN_OR_RETURN(Change change, Change::Begin(name_));
  return BuildAndPushImage(change.record(), recipe);
}

}  // namespace drover::lab
