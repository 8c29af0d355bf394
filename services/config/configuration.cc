#include "services/config/configuration.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "services/config/compose/file_reader.h"
#include "services/config/native/application_reader.h"
#include "services/config/native/deployment_reader.h"
#include "services/config/yaml/near_word.h"

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
  const std::vector<absl::string_view> candidates(names.begin(), names.end());
  for (const NodePlacements& node : deployment.nodes) {
    for (const Placement& placement : node.placements) {
      if (names.count(placement.application.value()) > 0) continue;
      const std::optional<absl::string_view> meant =
          NearWord(placement.application.value(), candidates);
      problems.Add(
          placement.location, placement.field,
          absl::StrCat("no application \"", placement.application.value(),
                       "\" in the application file",
                       meant.has_value()
                           ? absl::StrCat("; did you mean \"", *meant, "\"?")
                           : absl::StrCat("; it has ",
                                          names.empty() ? "none" : absl::StrJoin(names, ", "))));
    }
  }
}

// An application of Fig may be named `services`, but not `applications`: that is the native format.
ApplicationFile ReadApplications(const Node& root, Problems& problems) {
  const bool is_native = root.kind != Node::Kind::kMapping || HasKey(root, "applications");
  return is_native ? ReadNativeApplications(root, problems)
                   : ReadComposeApplications(root, problems);
}

}  // namespace

std::optional<Configuration> ReadConfiguration(const SourceFile& one, const SourceFile& other,
                                               Problems& problems) {
  if (one.name == other.name) {
    problems.Add({other.name}, "",
                 "this file is given twice; give a deployment file and an application file");
    return std::nullopt;
  }
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
  ApplicationFile file = ReadApplications(application_root, problems);
  RefusePlacementsOf(file.names, configuration.deployment, problems);
  if (!problems.empty()) return std::nullopt;
  configuration.applications = std::move(file.applications);
  return configuration;
}

}  // namespace drover::config
