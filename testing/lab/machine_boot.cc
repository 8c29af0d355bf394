#include "testing/lab/machine_boot.h"

#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "services/common/file/durable_file.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"
#include "testing/lab/fabric.h"
#include "testing/lab/folders.h"
#include "testing/lab/lab_environment.h"
#include "testing/lab/lab_paths.h"
#include "testing/lab/machine_entry.h"
#include "testing/lab/machine_init.h"
#include "testing/lab/podman.h"
#include "testing/lab/pool.h"

namespace drover::lab {
namespace {

constexpr char kFabric[] = "fabric";

// What of a machine's disk lies elsewhere than in the lab's folder.
MachineRootOptions RootOf(const LabRecord& lab, const MachineRecord& machine) {
  const LabPaths paths(lab.name);
  const std::string disk = paths.machine(machine.name);
  MachineRootOptions root{.binds = {{paths.hosts(), "/etc/hosts"}}};
  if (machine.role == Role::kNode) root.binds.emplace_back(disk + "/etc-docker", "/etc/docker");
  if (machine.role == Role::kNode && lab.engine == Engine::kPodman) {
    root.binds.emplace_back(paths.podman_config(machine.name), "/etc/containers");
    root.binds.emplace_back(paths.podman_data(machine.name), kPodmanDataFolder);
  }
  if (machine.role == Role::kNode && lab.backend == Backend::kZfs) {
    root.binds.emplace_back(disk + "/var-lib-zfs", "/var/lib/zfs");
  }
  return root;
}

constexpr absl::Duration kPatience = absl::Seconds(60);

std::string LastLine(const std::string& path) {
  const std::string text = ReadFile(path).value_or("");
  const std::vector<std::string> lines = absl::StrSplit(text, '\n', absl::SkipEmpty());
  return lines.empty() ? "it wrote nothing" : lines.back();
}

}  // namespace

absl::StatusOr<ProcessIdentity> MachineBoot::StartInit(const std::string& hostname,
                                                       const MachineRootOptions& root,
                                                       ProcessIdentity* recorded) {
  const LabPaths paths(lab_.name);
  DROVER_RETURN_IF_ERROR(MakeFolders(paths.machine(hostname) + "/log"));
  const InitStart start{.program = lab_.bin_dir + "/drover-lab",
                        .options = {.hostname = hostname, .root = root},
                        .environment = DaemonEnvironment(lab_),
                        .log = paths.log(hostname, "init")};
  auto record = [&](const ProcessIdentity& process) {
    *recorded = process;
    return save_();
  };
  absl::StatusOr<ProcessIdentity> init = StartMachineInit(start, record);
  if (!init.ok()) return Annotate(init.status(), absl::StrCat("cannot start ", hostname));
  return init;
}

absl::Status MachineBoot::StartFabric() {
  DROVER_ASSIGN_OR_RETURN(ProcessIdentity init, StartInit(kFabric, {}, &lab_.fabric));
  return Fabric(init).Create();
}

absl::Status MachineBoot::SwitchOn(MachineRecord& machine) {
  machine.daemons.clear();
  DROVER_ASSIGN_OR_RETURN(ProcessIdentity init,
                          StartInit(machine.name, RootOf(lab_, machine), &machine.init));
  return Fabric(lab_.fabric).Connect(machine.name, machine.address, init);
}

absl::Status MachineBoot::Spawn(MachineRecord& machine, const DaemonSpec& daemon) {
  if (!daemon.stale_file.empty()) {
    DROVER_RETURN_IF_ERROR(
        RunToolInMachine(machine.init, {"rm", "-f", daemon.stale_file}).status());
  }
  const LabPaths paths(lab_.name);
  std::vector<std::string> environment = DaemonEnvironment(lab_);
  if (daemon.layer == DaemonLayer::kDrover) {
    const std::string failpoints = paths.failpoints(machine.name, daemon.name);
    DROVER_RETURN_IF_ERROR(MakeFolders(failpoints + "/armed"));
    environment.push_back(absl::StrCat("DROVER_FAILPOINTS=", failpoints));
  }
  // No record is needed before: whatever runs in a machine ends with its first process.
  absl::StatusOr<ProcessIdentity> process =
      SpawnInMachine(machine.init, {.argv = daemon.argv, .environment = std::move(environment)},
                     paths.log(machine.name, daemon.name));
  if (!process.ok()) {
    return Annotate(process.status(),
                    absl::StrCat("cannot start ", daemon.name, "@", machine.name));
  }
  SetDaemonProcess(machine, daemon.name, *process);
  return save_();
}

absl::Status MachineBoot::AwaitDaemon(const MachineRecord& machine, const DaemonSpec& daemon) {
  const std::string name = absl::StrCat(daemon.name, "@", machine.name);
  const std::string log = LabPaths(lab_.name).log(machine.name, daemon.name);
  const absl::Time deadline = absl::Now() + kPatience;
  while (true) {
    absl::Status status = daemon.probe(machine);
    if (status.ok()) return status;
    if (!IsAlive(DaemonProcess(machine, daemon.name))) {
      return absl::InternalError(
          absl::StrCat(name, " ended at once: ", LastLine(log), "; see ", log));
    }
    if (absl::Now() > deadline) {
      return Annotate(status, absl::StrCat(name, " does not serve after ",
                                           absl::FormatDuration(kPatience), "; see ", log));
    }
    absl::SleepFor(absl::Milliseconds(10));
  }
}

absl::Status MachineBoot::StartLayer(const std::vector<MachineRecord*>& machines,
                                     DaemonLayer layer) {
  for (MachineRecord* machine : machines) {
    for (const DaemonSpec& daemon : DaemonsOf(lab_, *machine)) {
      if (daemon.layer != layer) continue;
      DROVER_RETURN_IF_ERROR(Spawn(*machine, daemon));
    }
  }
  return absl::OkStatus();
}

absl::Status MachineBoot::AwaitLayer(const std::vector<MachineRecord*>& machines,
                                     DaemonLayer layer) {
  for (MachineRecord* machine : machines) {
    for (const DaemonSpec& daemon : DaemonsOf(lab_, *machine)) {
      if (daemon.layer != layer) continue;
      DROVER_RETURN_IF_ERROR(AwaitDaemon(*machine, daemon));
    }
  }
  return absl::OkStatus();
}

absl::Status MachineBoot::StartPools(const std::vector<MachineRecord*>& machines) {
  for (MachineRecord* machine : machines) {
    if (machine->role != Role::kNode) continue;
    absl::Status status = StartPool(lab_, *machine);
    if (!status.ok())
      return Annotate(status, absl::StrCat("cannot make the pool of ", machine->name));
  }
  return absl::OkStatus();
}

absl::Status MachineBoot::Start(const std::vector<MachineRecord*>& machines) {
  for (MachineRecord* machine : machines) DROVER_RETURN_IF_ERROR(SwitchOn(*machine));
  DROVER_RETURN_IF_ERROR(StartLayer(machines, DaemonLayer::kSystem));
  DROVER_RETURN_IF_ERROR(AwaitLayer(machines, DaemonLayer::kSystem));
  DROVER_RETURN_IF_ERROR(StartPools(machines));
  DROVER_RETURN_IF_ERROR(StartLayer(machines, DaemonLayer::kDrover));
  return AwaitLayer(machines, DaemonLayer::kDrover);
}

absl::Status MachineBoot::StartDaemon(MachineRecord& machine, const DaemonSpec& daemon) {
  DROVER_RETURN_IF_ERROR(Spawn(machine, daemon));
  return AwaitDaemon(machine, daemon);
}

}  // namespace drover::lab
