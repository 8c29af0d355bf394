#include "services/config/fuzz/checks.h"

#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "services/config/values/name.h"

namespace drover::config {
namespace {

void Demand(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "not so: %s\n", what);
  std::abort();
}

bool IsPort(int port) { return port >= 1 && port <= 65535; }

void CheckApplication(const Application& application, std::set<int>& external_ports) {
  Demand(CheckApplicationName(application.name.value()).ok(), "each application has a name");
  Demand(!application.image.empty(), "each application has an image");
  for (const PortMapping& port : application.ports) {
    Demand(IsPort(port.internal) && IsPort(port.external), "ports are from 1 to 65535");
    Demand(external_ports.insert(port.external).second, "an external port has one application");
  }
  std::set<std::pair<std::string, int>> links;
  for (const Link& link : application.links) {
    Demand(IsPort(link.local_port) && IsPort(link.remote_port), "links lead to ports");
    Demand(links.emplace(absl::AsciiStrToUpper(link.alias), link.local_port).second,
           "no two links set the same variables");
  }
  std::set<std::string> volumes;
  for (const Volume& volume : application.volumes) {
    Demand(absl::StartsWith(volume.mountpoint, "/") && volume.mountpoint != "/",
           "volumes are at absolute paths");
    Demand(volumes.insert(volume.id).second, "volumes have different names");
    Demand(volume.maximum_size_bytes.value_or(1) > 0, "a volume's size is positive");
  }
  Demand(volumes.size() <= 1 || !volumes.contains(""), "only an only volume has no name");
  for (const auto& [name, value] : application.environment) {
    Demand(!name.empty() && !absl::StrContains(name, "="), "variables have names");
  }
  Demand(application.stop_timeout > absl::ZeroDuration(), "there is time to stop");
  if (application.readiness.has_value()) {
    Demand(application.readiness->timeout > absl::ZeroDuration(), "there is time to get ready");
  }
}

}  // namespace

void CheckProblems(const Problems& problems) {
  for (const Problem& problem : problems.Sorted()) {
    Demand(problem.location.line >= 1 && problem.location.column >= 1, "problems have a place");
    Demand(!problem.message.empty(), "problems have a text");
    for (char c : problem.ToString()) {
      Demand(!absl::ascii_iscntrl(static_cast<unsigned char>(c)), "problems are lines");
    }
  }
}

void CheckApplications(const ApplicationFile& file, const Problems& problems) {
  CheckProblems(problems);
  if (!problems.empty()) return;
  std::set<int> external_ports;
  std::set<std::string> names;
  for (const Application& application : file.applications) {
    CheckApplication(application, external_ports);
    Demand(names.insert(application.name.value()).second, "applications have different names");
  }
  Demand(names == file.names, "every application is read");
  for (const Application& application : file.applications) {
    for (const ApplicationName& name : application.depends_on) {
      Demand(names.contains(name.value()), "applications depend on others of the file");
    }
  }
}

void CheckDeployment(const Deployment& deployment, const Problems& problems) {
  CheckProblems(problems);
  if (!problems.empty()) return;
  std::set<ApplicationName> placed;
  for (const NodePlacements& node : deployment.nodes) {
    Demand(!node.node.empty(), "each node has a name");
    for (const Placement& placement : node.placements) {
      Demand(placed.insert(placement.application).second, "an application is placed once");
    }
  }
}

}  // namespace drover::config
