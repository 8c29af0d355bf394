#include "services/config/configuration.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "services/config/native/application_reader.h"
#include "services/config/native/deployment_reader.h"

namespace drover::config {
namespace {

bool HasKey(const Node& root, absl::string_view key) {
  return std::any_of(root.members.begin(), root.members.end(),
                     [key](const Member& member) { return member.key.text == key; });
}

// A file with both keys is an application.yml with a wrong key.
bool IsDeployment(const Node& root) {
  return HasKey(root, "nodes") && !HasKey(root, "applications");
}

void RefusePlacementsOf(const std::set<std::string>& names, const Deployment& deployment,
                        Problems& problems) {
  for (const NodePlacements& node : deployment.nodes) {
    for (const Placement& placement : node.placements) {
      if (names.count(placement.application.value()) > 0) continue;
      problems.Add(placement.location, placement.field,
                   absl::StrCat("no application \"", placement.application.value(),
                                "\" in the application file; allowed are the names under its "
                                "`applications`"));
    }
  }
}

}  // namespace

std::optional<Configuration> ReadConfiguration(const SourceFile& one, const SourceFile& other,
                                               Problems& problems) {
  std::optional<Node> first = ParseYaml(one, problems);
  std::optional<Node> second = ParseYaml(other, problems);
  if (!first.has_value() || !second.has_value()) return std::nullopt;
  if (IsDeployment(*first) == IsDeployment(*second)) {
    problems.Add({other.name}, "",
                 IsDeployment(*second)
                     ? absl::StrCat("this is a deployment file, and so is ", one.name,
                                    "; give one of them and an application file")
                     : absl::StrCat("neither this nor ", one.name,
                                    " has the key `nodes`; one of the two must be a deployment "
                                    "file"));
    return std::nullopt;
  }
  const Node& deployment_root = IsDeployment(*first) ? *first : *second;
  const Node& application_root = IsDeployment(*first) ? *second : *first;

  Configuration configuration;
  configuration.deployment = ReadDeployment(deployment_root, problems);
  if (application_root.kind == Node::Kind::kMapping && !HasKey(application_root, "applications")) {
    problems.Add(application_root.location, "",
                 "no `applications` key: Fig and Compose files are not read yet");
    return std::nullopt;
  }
  NativeApplications native = ReadNativeApplications(application_root, problems);
  RefusePlacementsOf(native.names, configuration.deployment, problems);
  if (!problems.empty()) return std::nullopt;
  configuration.applications = std::move(native.applications);
  return configuration;
}

}  // namespace drover::config
