#include "services/config/native/deployment_reader.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/config/native/version.h"
#include "services/config/values/name.h"
#include "services/config/yaml/field.h"

namespace drover::config {
namespace {

// Application -> where it was placed first, in words.
using FirstPlacements = std::map<std::string, std::string>;

void ReadPlacements(const Field& field, NodePlacements& node, FirstPlacements& first) {
  if (!field.IsList()) {
    field.Refuse("must be a list of application names, such as [redis]; [] for none");
    return;
  }
  std::vector<Field> items = *field.List();
  for (const Field& item : items) {
    std::optional<std::string> name = item.String();
    if (!name.has_value()) continue;
    auto [found, is_new] =
        first.emplace(*name, absl::StrCat("on ", node.node, " in line ", item.location().line));
    if (!is_new) {
      item.Refuse(absl::StrCat("\"", *name, "\" is placed ", found->second,
                               " already; an application runs on one node, once"));
      continue;
    }
    node.placements.push_back({ApplicationName(*name), item.location(), item.path()});
  }
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
    NodePlacements node{member.name, member.key.location(), {}};
    ReadPlacements(member.value, node, first);
    deployment.nodes.push_back(std::move(node));
  }
  return deployment;
}

}  // namespace drover::config
