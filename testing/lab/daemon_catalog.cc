#include "testing/lab/daemon_catalog.h"

#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "testing/lab/daemon_config.h"
#include "testing/lab/engine.h"
#include "testing/lab/lab_json.h"
#include "testing/lab/lab_paths.h"
#include "testing/lab/machine_entry.h"

namespace drover::lab {
namespace {

auto ProbePort(int port) {
  return [port](const MachineRecord& machine) {
    return TryTcpInMachine(machine.init, machine.address, port);
  };
}

absl::Status ProbeZfs(const MachineRecord& machine) {
  return RunToolInMachine(machine.init, {"zpool", "list"}).status();
}

DaemonSpec ContainerEngine(const LabRecord& lab, const MachineRecord& machine) {
  const std::string socket = LabPaths(lab.name).docker_socket(machine.name);
  return {.name = EngineName(lab.engine),
          .layer = DaemonLayer::kSystem,
          .argv = EngineCommand(lab, machine),
          .stale_file = kEnginePidFile,
          .probe = [socket](const MachineRecord&) { return PingEngine(socket); }};
}

DaemonSpec Zfs() {
  return {.name = "zfs",
          .layer = DaemonLayer::kSystem,
          .argv = {"zfs-fuse", "--no-daemon"},
          .probe = ProbeZfs};
}

DaemonSpec Registry(const LabRecord& lab, const MachineRecord& machine) {
  return {.name = "registry",
          .layer = DaemonLayer::kSystem,
          .argv = {"docker-registry", "serve", ConfigPath(lab, machine, "registry")},
          .probe = ProbePort(kRegistryPort)};
}

DaemonSpec Drover(const LabRecord& lab, const MachineRecord& machine, const std::string& name,
                  int port) {
  return {.name = name,
          .layer = DaemonLayer::kDrover,
          .argv = {lab.bin_dir + "/drover-" + name, "--config", ConfigPath(lab, machine, name)},
          .probe = ProbePort(port)};
}

}  // namespace

std::vector<DaemonSpec> DaemonsOf(const LabRecord& lab, const MachineRecord& machine) {
  std::vector<DaemonSpec> daemons;
  if (machine.role == Role::kClient) {
    daemons.push_back(Registry(lab, machine));
    if (lab.with_drover) {
      daemons.push_back(Drover(lab, machine, "coordinator", kCoordinatorPort));
    }
    return daemons;
  }
  if (lab.backend == Backend::kZfs) daemons.push_back(Zfs());
  daemons.push_back(ContainerEngine(lab, machine));
  if (lab.with_drover) {
    daemons.push_back(Drover(lab, machine, "volume", kVolumePort));
    daemons.push_back(Drover(lab, machine, "container", kContainerPort));
    daemons.push_back(Drover(lab, machine, "proxy", kProxyPort));
  }
  return daemons;
}

absl::StatusOr<DaemonTarget> FindDaemon(const LabRecord& lab, const std::string& target) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(target, absl::MaxSplits('@', 1));
  const auto& [daemon, machine_name] = parts;
  std::vector<DaemonTarget> found;
  for (const MachineRecord& machine : lab.machines) {
    if (!machine_name.empty() && machine.name != machine_name) continue;
    for (DaemonSpec& spec : DaemonsOf(lab, machine)) {
      if (spec.name == daemon) found.push_back({machine.name, std::move(spec)});
    }
  }
  if (found.size() == 1) return found[0];
  if (found.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "there is no daemon '", target,
        "'; daemons are coordinator, registry, and on each node volume, container, proxy, ",
        EngineName(lab.engine), lab.backend == Backend::kZfs ? ", zfs" : "",
        ", written volume@node1"));
  }
  return absl::InvalidArgumentError(
      absl::StrCat("say on which node: ", daemon, "@", found[0].machine));
}

absl::Status CheckPrograms(const std::string& bin_dir, bool with_drover) {
  // Pools are made by drover-volume in any case.
  std::vector<std::string> programs = {"drover-lab", "drover-volume"};
  if (with_drover) {
    programs.insert(programs.end(), {"drover", "drover-coordinator", "drover-container",
                                     "drover-proxy", "drover-gate"});
  }
  std::vector<std::string> missing;
  for (const std::string& program : programs) {
    if (access(absl::StrCat(bin_dir, "/", program).c_str(), X_OK) != 0) missing.push_back(program);
  }
  if (missing.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("not in ", bin_dir, ": ", absl::StrJoin(missing, ", "), "; run ./build first"));
}

}  // namespace drover::lab
