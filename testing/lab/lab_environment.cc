#include "testing/lab/lab_environment.h"

#include <unistd.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "testing/lab/daemon_config.h"
#include "testing/lab/lab_paths.h"
#include "testing/lab/machine_entry.h"

namespace drover::lab {
namespace {

std::string IdEntry(const LabRecord& lab) { return absl::StrCat(kLabIdVariable, "=", lab.id); }

}  // namespace

std::vector<std::string> DaemonEnvironment(const LabRecord& lab) {
  return {absl::StrCat("PATH=", lab.bin_dir, ":", kSystemPath), "HOME=/root", "LANG=C.UTF-8",
          IdEntry(lab)};
}

std::vector<std::string> CommandEnvironment(const LabRecord& lab, const MachineRecord& machine,
                                            const std::vector<std::string>& inherited) {
  std::map<std::string, std::string> variables;
  for (const std::string& entry : inherited) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(entry, absl::MaxSplits('=', 1));
    variables[parts.first] = parts.second;
  }
  const LabPaths paths(lab.name);
  variables["PATH"] = absl::StrCat(lab.bin_dir, ":", variables["PATH"], ":", kSystemPath);
  variables["DROVER_COORDINATOR"] = absl::StrCat(ClientOf(lab).address, ":", kCoordinatorPort);
  variables["DROVER_CERT_DIR"] = paths.user_certificate();
  variables[kLabIdVariable] = lab.id;
  // A client's own would name an engine that cannot be reached from the lab.
  variables.erase("DOCKER_HOST");
  if (machine.role == Role::kNode) {
    variables["DOCKER_HOST"] = "unix://" + paths.docker_socket(machine.name);
  }
  std::vector<std::string> environment;
  for (const auto& [name, value] : variables) {
    environment.push_back(absl::StrCat(name, "=", value));
  }
  return environment;
}

std::vector<std::string> OwnEnvironment() {
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) environment.push_back(*entry);
  return environment;
}

}  // namespace drover::lab
