#include "services/coordinator/orchestrator/node_directory.h"

#include "absl/strings/str_cat.h"
#include "services/common/status/status_macros.h"

namespace drover::coordinator {

std::string NodeHandle::volume_address() const { return absl::StrCat(address, ":", kVolumePort); }

std::string NodeHandle::container_address() const {
  return absl::StrCat(address, ":", kContainerPort);
}

void NodeDirectory::Renew(const std::shared_ptr<NodeHandle>& node) {
  auto found = nodes_.find(node->name);
  if (found == nodes_.end() || found->second != node) return;
  found->second = connector_.Connect(node->name, node->address);
  found->second->is_compared = node->is_compared;
  found->second->is_proxy_compared = node->is_proxy_compared;
}

absl::StatusOr<std::shared_ptr<NodeHandle>> NodeDirectory::Find(const NodeName& name) const {
  DROVER_ASSIGN_OR_RETURN(std::shared_ptr<NodeHandle> node, Look(name));
  if (!node->is_compared) {
    return absl::UnavailableError(
        absl::StrCat("node ", name.value(), " has not answered since the coordinator was started"));
  }
  return node;
}

std::vector<std::shared_ptr<NodeHandle>> NodeDirectory::Routable() const {
  std::vector<std::shared_ptr<NodeHandle>> routable;
  for (const auto& [name, node] : nodes_) {
    if (node->is_proxy_compared) routable.push_back(node);
  }
  return routable;
}

absl::StatusOr<std::shared_ptr<NodeHandle>> NodeDirectory::Look(const NodeName& name) const {
  auto found = nodes_.find(name);
  if (found == nodes_.end()) {
    return absl::UnavailableError(absl::StrCat("node ", name.value(), " is not registered"));
  }
  return found->second;
}

std::vector<std::shared_ptr<NodeHandle>> NodeDirectory::All() const {
  std::vector<std::shared_ptr<NodeHandle>> all;
  for (const auto& [name, node] : nodes_) all.push_back(node);
  return all;
}

}  // namespace drover::coordinator
