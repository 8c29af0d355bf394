#include "testing/lab/podman.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "services/common/file/durable_file.h"
#include "services/common/status/status_macros.h"
#include "testing/lab/folders.h"
#include "testing/lab/lab_paths.h"

namespace drover::lab {
namespace {

namespace fs = std::filesystem;

// What a container may have at most. Podman's default is more than a root without CAP_SYS_RESOURCE
// can give; and Podman limits itself to as many processes as the kernel has numbers for.
std::string Limit(const char* name, __rlimit_resource resource) {
  constexpr rlim_t kEnough = 32768;
  rlimit own = {};
  getrlimit(resource, &own);
  const rlim_t limit = std::min(own.rlim_max, kEnough);
  return absl::StrCat("\"", name, "=", limit, ":", limit, "\"");
}

// A machine of the lab has no systemd, so neither its control groups nor its journal. The delay is
// that of docs/getting-started.md. Some of what Podman 4.3 writes to TMPDIR it leaves there.
std::string Configuration() {
  return absl::StrCat("[containers]\n",                                             //
                      "default_ulimits = [", Limit("nofile", RLIMIT_NOFILE), ", ",  //
                      Limit("nproc", RLIMIT_NPROC), "]\n",                          //
                      "log_driver = \"k8s-file\"\n",                                //
                      "[engine]\n",                                                 //
                      "runtime = \"runc\"\n",                                       //
                      "cgroup_manager = \"cgroupfs\"\n",                            //
                      "events_logger = \"file\"\n",                                 //
                      "exit_command_delay = 10\n",                                  //
                      "env = [\"TMPDIR=", kPodmanDataFolder, "\"]\n",               //
                      "[network]\n",                                                //
                      "network_backend = \"netavark\"\n");
}

constexpr char kTrustPolicy[] = R"({"default": [{"type": "insecureAcceptAnything"}]})";

}  // namespace

absl::Status CheckPodman() {
  for (const char* needed : {"/usr/bin/podman", "/usr/lib/podman/netavark"}) {
    if (access(needed, X_OK) == 0) continue;
    return absl::FailedPreconditionError(absl::StrCat(
        "there is no ", needed, "; install it: packaging/install-packages podman-packages.txt"));
  }
  return absl::OkStatus();
}

absl::Status PreparePodman(const LabRecord& lab, const MachineRecord& machine) {
  const LabPaths paths(lab.name);
  const std::string config = paths.podman_config(machine.name);
  DROVER_RETURN_IF_ERROR(MakeFolders(config));
  DROVER_RETURN_IF_ERROR(WriteFileDurably(config + "/containers.conf", Configuration()));
  DROVER_RETURN_IF_ERROR(WriteFileDurably(config + "/policy.json", kTrustPolicy));
  DROVER_RETURN_IF_ERROR(MakeFolders(paths.podman_data(machine.name)));
  // What is bound over has to be there. Podman makes it on its first run.
  return MakeFolders(kPodmanDataFolder);
}

std::vector<std::string> PodmanCommand(const LabRecord& lab, const MachineRecord& machine) {
  return {"podman", "system", "service", "--time=0",
          "unix://" + LabPaths(lab.name).docker_socket(machine.name)};
}

std::vector<std::string> PodmanControlGroups(const LabRecord& lab, const MachineRecord& machine) {
  const std::string containers =
      LabPaths(lab.name).podman_data(machine.name) + "/storage/overlay-containers";
  std::vector<std::string> groups;
  std::error_code error;
  for (fs::directory_iterator it(containers, error), end; !error && it != end;
       it.increment(error)) {
    if (it->is_directory(error)) {
      groups.push_back(absl::StrCat("libpod_parent/libpod-", it->path().filename().string()));
    }
  }
  return groups;
}

}  // namespace drover::lab
