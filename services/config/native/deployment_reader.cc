#include "services/config/native/deployment_reader.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/config/native/version.h"
#include "services/config/values/name.h"
#include "services/config/yaml/excerpt.h"
#include "services/config/yaml/field.h"

namespace drover::config {
namespace {

// A node and a line in its list.
struct FirstPlacement {
  const NamedField* node;
  int line;
};
// Application -> where it was placed first.
using FirstPlacements = std::map<std::string, FirstPlacement>;

std::vector<Placement> ReadPlacements(const NamedField& node, FirstPlacements& first) {
  std::vector<Placement> placements;
  if (!node.value.IsList()) {
    node.value.Refuse("must be a list of application names, such as [redis]; [] for none");
    return placements;
  }
  const std::vector<Field> items = *node.value.List();
  for (const Field& item : items) {
    std::optional<std::string> name = item.String();
    if (!name.has_value()) continue;
    const FirstPlacement here = {&node, item.location().line};
    const auto [found, is_new] = first.emplace(*name, here);
    if (!is_new) {
      const auto& [other, line] = found->second;
      item.Refuse(absl::StrCat("\"", Excerpt(*name), "\" is placed on ", Excerpt(other->name),
                               " in line ", line,
                               " already; an application runs on one node, once"));
      continue;
    }
    placements.push_back({ApplicationName(*name), item.location(), item.path()});
  }
  return placements;
}

}  // namespace

Deployment ReadDeployment(const Node& root, Problems& problems) {
  Deployment deployment;
  std::optional<Mapping> top = Field(root, "", problems).MappingOf({"version", "nodes"});
  if (!top.has_value()) return deployment;
  ReadVersion(*top);
  std::optional<Field> nodes = top->Require("nodes");
  if (!nodes.has_value()) return deployment;
  auto members = nodes->NamedMembers(CheckNodeReference);
  if (!members.has_value()) return deployment;
  FirstPlacements first;
  for (const NamedField& member : *members) {
    deployment.nodes.push_back({member.name, member.key.location(), ReadPlacements(member, first)});
  }
  return deployment;
}

}  // namespace drover::config
