#include "testing/lab/lab_status.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "testing/lab/lab_json.h"
#include "testing/lab/lab_paths.h"

namespace drover::lab {
namespace {

MachineStatus ObserveMachine(const LabRecord& lab, const MachineRecord& machine) {
  MachineStatus status{.name = machine.name, .address = machine.address, .role = machine.role};
  if (machine.role == Role::kNode) {
    status.docker_host = "unix://" + LabPaths(lab.name).docker_socket(machine.name);
    status.pool = PoolName(lab.backend);
  }
  status.init_pid = machine.init.pid;
  status.running = IsAlive(machine.init);
  for (const DaemonRecord& daemon : machine.daemons) {
    status.daemons.push_back({daemon.name, daemon.process.pid, IsAlive(daemon.process)});
  }
  return status;
}

std::string DaemonsToText(const MachineStatus& machine) {
  auto daemon = [](std::string* out, const DaemonStatus& each) {
    absl::StrAppend(out, each.name, each.running ? "" : " (dead)");
  };
  return absl::StrJoin(machine.daemons, ", ", daemon);
}

}  // namespace

LabStatus ObserveLab(const LabRecord& lab) {
  LabStatus status{.name = lab.name, .backend = lab.backend, .engine = lab.engine};
  for (const MachineRecord& machine : lab.machines) {
    status.machines.push_back(ObserveMachine(lab, machine));
  }
  return status;
}

std::string LabStatusToText(const LabStatus& status) {
  std::string text = absl::StrCat("lab ", status.name, ", ", BackendName(status.backend), ", ",
                                  EngineName(status.engine), "\n");
  for (const MachineStatus& machine : status.machines) {
    absl::StrAppendFormat(&text, "%-8s %-12s %-5s %s\n", machine.name, machine.address,
                          machine.running ? "up" : "down", DaemonsToText(machine));
  }
  return text;
}

}  // namespace drover::lab
