#include "testing/lab/daemon_config.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "services/common/file/durable_file.h"
#include "services/common/status/status_macros.h"
#include "testing/lab/lab_json.h"
#include "testing/lab/lab_paths.h"

namespace drover::lab {
namespace {

// The keys that every Drover daemon has.
std::string Common(const LabRecord& lab, const MachineRecord& machine, const std::string& daemon,
                   int port) {
  const LabPaths paths(lab.name);
  const bool is_coordinator = machine.role == Role::kClient;
  std::string yaml = absl::StrCat("cluster: ", lab.name, "\n");
  if (!is_coordinator) absl::StrAppend(&yaml, "node: ", machine.name, "\n");
  const std::string holder = is_coordinator ? "coordinator" : machine.name;
  absl::StrAppend(&yaml, "listen: 0.0.0.0:", port, "\n",         //
                  "tls_dir: ", paths.certificate(holder), "\n",  //
                  "state_dir: ", paths.machine(machine.name), "/state/", daemon, "\n");
  return yaml;
}

std::string Registry(const LabRecord& lab, const MachineRecord& machine) {
  const LabPaths paths(lab.name);
  const std::string certificate = paths.certificate("registry");
  return absl::StrCat("version: 0.1\n",                                                   //
                      "storage:\n",                                                       //
                      "  filesystem:\n",                                                  //
                      "    rootdirectory: ", paths.machine(machine.name), "/registry\n",  //
                      "  delete:\n",                                                      //
                      "    enabled: true\n",                                              //
                      "http:\n",                                                          //
                      "  addr: 0.0.0.0:", kRegistryPort, "\n",                            //
                      "  tls:\n",                                                         //
                      "    certificate: ", certificate, "/tls.crt\n",                     //
                      "    key: ", certificate, "/tls.key\n");
}

std::string Volume(const LabRecord& lab, const MachineRecord& machine) {
  const char* key = lab.backend == Backend::kZfs ? "name" : "path";
  return absl::StrCat(Common(lab, machine, "volume", kVolumePort),    //
                      "pool:\n",                                      //
                      "  backend: ", BackendName(lab.backend), "\n",  //
                      "  ", key, ": ", PoolName(lab.backend), "\n",   //
                      "run_dir: /run/drover/volume\n",                //
                      "container_service: 127.0.0.1:", kContainerPort, "\n");
}

std::string Container(const LabRecord& lab, const MachineRecord& machine) {
  const std::string socket = lab.engine == Engine::kDocker
                                 ? "/var/run/docker.sock"
                                 : LabPaths(lab.name).docker_socket(machine.name);
  return absl::StrCat(Common(lab, machine, "container", kContainerPort),  //
                      "engine: unix://", socket, "\n",                    //
                      "gate: ", lab.bin_dir, "/drover-gate\n",            //
                      "address: ", machine.address, "\n",                 //
                      "volume_service: 127.0.0.1:", kVolumePort, "\n");
}

std::string Proxy(const LabRecord& lab, const MachineRecord& machine) {
  return absl::StrCat(Common(lab, machine, "proxy", kProxyPort),  //
                      "container_service: 127.0.0.1:", kContainerPort, "\n");
}

std::map<std::string, std::string> Files(const LabRecord& lab, const MachineRecord& machine) {
  if (machine.role == Role::kClient) {
    return {{"registry", Registry(lab, machine)},
            {"coordinator", Common(lab, machine, "coordinator", kCoordinatorPort)}};
  }
  return {{"volume", Volume(lab, machine)},
          {"container", Container(lab, machine)},
          {"proxy", Proxy(lab, machine)}};
}

}  // namespace

std::string ConfigPath(const LabRecord& lab, const MachineRecord& machine,
                       const std::string& daemon) {
  return absl::StrCat(LabPaths(lab.name).machine(machine.name), "/config/", daemon, ".yml");
}

absl::Status WriteConfigs(const LabRecord& lab, const MachineRecord& machine) {
  for (const auto& [daemon, content] : Files(lab, machine)) {
    DROVER_RETURN_IF_ERROR(WriteFileDurably(ConfigPath(lab, machine, daemon), content));
  }
  return absl::OkStatus();
}

}  // namespace drover::lab
