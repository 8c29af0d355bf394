#include "testing/lab/lab_record.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/common/file/durable_file.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"
#include "testing/lab/lab_json.h"

namespace drover::lab {
namespace {

absl::Status NoSuchMachine(const LabRecord& lab, const std::string& machine) {
  auto name = [](std::string* out, const MachineRecord& each) { out->append(each.name); };
  return absl::NotFoundError(absl::StrCat("there is no machine '", machine, "' in lab ", lab.name,
                                          "; it has ", absl::StrJoin(lab.machines, ", ", name)));
}

void ForgetProcesses(LabRecord& lab) {
  lab.fabric = {};
  for (MachineRecord& machine : lab.machines) {
    machine.init = {};
    for (DaemonRecord& daemon : machine.daemons) daemon.process = {};
  }
}

}  // namespace

std::string PoolName(Backend backend) { return backend == Backend::kZfs ? "flocker" : "/flocker"; }

absl::StatusOr<const MachineRecord*> FindMachine(const LabRecord& lab, const std::string& machine) {
  for (const MachineRecord& each : lab.machines) {
    if (each.name == machine) return &each;
  }
  return NoSuchMachine(lab, machine);
}

absl::StatusOr<MachineRecord*> FindMachine(LabRecord& lab, const std::string& machine) {
  for (MachineRecord& each : lab.machines) {
    if (each.name == machine) return &each;
  }
  return NoSuchMachine(lab, machine);
}

const MachineRecord& ClientOf(const LabRecord& lab) {
  return *std::find_if(lab.machines.begin(), lab.machines.end(),
                       [](const MachineRecord& machine) { return machine.role == Role::kClient; });
}

std::vector<const MachineRecord*> NodesOf(const LabRecord& lab) {
  std::vector<const MachineRecord*> nodes;
  for (const MachineRecord& machine : lab.machines) {
    if (machine.role == Role::kNode) nodes.push_back(&machine);
  }
  return nodes;
}

void SetDaemonProcess(MachineRecord& machine, const std::string& daemon,
                      const ProcessIdentity& process) {
  for (DaemonRecord& each : machine.daemons) {
    if (each.name == daemon) {
      each.process = process;
      return;
    }
  }
  machine.daemons.push_back({daemon, process});
}

ProcessIdentity DaemonProcess(const MachineRecord& machine, const std::string& daemon) {
  for (const DaemonRecord& each : machine.daemons) {
    if (each.name == daemon) return each.process;
  }
  return {};
}

absl::StatusOr<LabRecord> LoadLabRecord(const std::string& path) {
  DROVER_ASSIGN_OR_RETURN(std::string json, ReadFile(path));
  absl::StatusOr<LabRecord> lab = LabRecordFromJson(json);
  if (!lab.ok()) return Annotate(lab.status(), path);
  DROVER_ASSIGN_OR_RETURN(std::string boot_id, CurrentBootId());
  if (lab->boot_id != boot_id) ForgetProcesses(*lab);
  return lab;
}

absl::Status SaveLabRecord(const LabRecord& lab, const std::string& path) {
  return WriteFileDurably(path, LabRecordToJson(lab));
}

absl::StatusOr<std::string> CurrentBootId() {
  DROVER_ASSIGN_OR_RETURN(std::string id, ReadFile("/proc/sys/kernel/random/boot_id"));
  return std::string(absl::StripAsciiWhitespace(id));
}

}  // namespace drover::lab
