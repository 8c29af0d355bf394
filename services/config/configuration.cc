#include "services/config/configuration.h"

#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/config/compose/file_reader.h"
#include "services/config/file_kind.h"
#include "services/config/native/application_reader.h"
#include "services/config/native/deployment_reader.h"
#include "services/config/yaml/excerpt.h"
#include "services/config/yaml/name_hints.h"

namespace drover::config {
namespace {

// A file that could be parsed.
struct File {
  std::string name;
  Node root;
  FileKind kind;
};

std::optional<File> Open(const SourceFile& source, Problems& problems) {
  std::optional<Node> root = ParseYaml(source, problems);
  if (!root.has_value()) return std::nullopt;
  const FileKind kind = KindOf(*root);
  return File{source.name, *std::move(root), kind};
}

void Mend(File& file, const std::optional<File>& other, Problems& problems) {
  MendKey(file.root, other.has_value() ? other->kind : FileKind::kUnclear, problems);
  file.kind = KindOf(file.root);
}

// An unclear file is what the other one is not.
FileKind KindBeside(FileKind kind, FileKind other) {
  if (kind != FileKind::kUnclear || other == FileKind::kUnclear) return kind;
  return other == FileKind::kDeployment ? FileKind::kApplications : FileKind::kDeployment;
}

void RefusePair(const File& one, const File& other, Problems& problems) {
  problems.Add({other.name}, "",
               other.kind == FileKind::kDeployment
                   ? absl::StrCat("this is a deployment file, and so is ", one.name,
                                  "; give one of them and an application file")
                   : absl::StrCat("neither this nor ", one.name,
                                  " is a deployment file; one of the two must be, with the key "
                                  "`nodes`"));
}

void RefusePlacementsOf(const std::set<std::string>& names, const Deployment& deployment,
                        Problems& problems) {
  NameHints hints({names.begin(), names.end()});
  for (const NodePlacements& node : deployment.nodes) {
    for (const auto& [application, location, field] : node.placements) {
      if (names.contains(application.value())) continue;
      problems.Add(location, field,
                   absl::StrCat("no application \"", Excerpt(application.value()),
                                "\" in the application file", hints.For(application.value())));
    }
  }
}

// Here an application of Fig cannot be named `applications`: that is the native format.
ApplicationFile ReadApplications(const Node& root, Problems& problems) {
  const bool is_native =
      root.kind != Node::Kind::kMapping || FindValue(root, "applications") != nullptr;
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
  std::optional<File> first = Open(one, problems);
  std::optional<File> second = Open(other, problems);
  if (first.has_value()) Mend(*first, second, problems);
  if (second.has_value()) Mend(*second, first, problems);
  const bool are_both = first.has_value() && second.has_value();
  if (are_both) {
    first->kind = KindBeside(first->kind, second->kind);
    second->kind = KindBeside(second->kind, first->kind);
  }
  // Also of an only or second one of its kind, so that all problems are shown at once.
  Configuration configuration;
  ApplicationFile applications;
  for (const std::optional<File>* file : {&first, &second}) {
    if (!file->has_value()) continue;
    const auto& [name, root, kind] = **file;
    if (kind == FileKind::kDeployment) configuration.deployment = ReadDeployment(root, problems);
    if (kind == FileKind::kApplications) applications = ReadApplications(root, problems);
  }
  if (are_both && first->kind == second->kind) RefusePair(*first, *second, problems);
  if (are_both && first->kind != second->kind) {
    RefusePlacementsOf(applications.names, configuration.deployment, problems);
  }
  if (!problems.empty()) return std::nullopt;
  configuration.applications = std::move(applications.applications);
  return configuration;
}

}  // namespace drover::config
