#include "testing/lab/lab_setup.h"

#include "absl/strings/str_cat.h"
#include "services/common/file/durable_file.h"
#include "services/common/ids/random_id.h"
#include "services/common/status/status_macros.h"
#include "testing/lab/certificates.h"
#include "testing/lab/daemon_catalog.h"
#include "testing/lab/daemon_config.h"
#include "testing/lab/folders.h"
#include "testing/lab/lab_paths.h"
#include "testing/lab/podman.h"

namespace drover::lab {
namespace {

// A network for documentation: nobody's real machine has these addresses.
std::string Address(int host) { return absl::StrCat("192.0.2.", host); }

constexpr int kClientHost = 10;

}  // namespace

absl::StatusOr<LabRecord> PlanLab(const std::string& name, int nodes) {
  if (nodes < 1 || nodes > kMaximumNodes) {
    return absl::InvalidArgumentError(
        absl::StrCat("a lab has 1 to ", kMaximumNodes, " nodes, not ", nodes));
  }
  LabRecord lab{.name = name, .id = RandomHex(16)};
  DROVER_ASSIGN_OR_RETURN(lab.boot_id, CurrentBootId());
  lab.machines.push_back(
      {.name = "client", .address = Address(kClientHost), .role = Role::kClient});
  for (int i = 1; i <= nodes; ++i) {
    lab.machines.push_back({.name = absl::StrCat("node", i), .address = Address(kClientHost + i)});
  }
  return lab;
}

std::string HostsFile(const LabRecord& lab) {
  std::string hosts = "127.0.0.1 localhost\n";
  for (const MachineRecord& machine : lab.machines) {
    absl::StrAppend(&hosts, machine.address, " ", machine.name);
    if (machine.role == Role::kClient) absl::StrAppend(&hosts, " ", kRegistryHost);
    absl::StrAppend(&hosts, "\n");
  }
  return hosts;
}

absl::Status PrepareDisks(const LabRecord& lab) {
  const LabPaths paths(lab.name);
  DROVER_RETURN_IF_ERROR(WriteFileDurably(paths.hosts(), HostsFile(lab)));
  for (const MachineRecord& machine : lab.machines) {
    const std::string disk = paths.machine(machine.name);
    for (const char* folder : {"/log", "/config", "/etc-docker", "/var-lib-zfs"}) {
      DROVER_RETURN_IF_ERROR(MakeFolders(disk + folder));
    }
    for (const DaemonSpec& daemon : DaemonsOf(lab, machine)) {
      DROVER_RETURN_IF_ERROR(MakeFolders(absl::StrCat(disk, "/state/", daemon.name)));
    }
    if (machine.role == Role::kNode && lab.engine == Engine::kPodman) {
      DROVER_RETURN_IF_ERROR(PreparePodman(lab, machine));
    }
    DROVER_RETURN_IF_ERROR(WriteConfigs(lab, machine));
  }
  return MakeCertificates(lab);
}

}  // namespace drover::lab
