#include "services/coordinator/domain/cluster_view.h"

#include "absl/strings/str_cat.h"

namespace drover::coordinator {

const NodeView* ClusterView::FindNode(const NodeName& name) const {
  for (const NodeView& node : nodes) {
    if (node.name == name) return &node;
  }
  return nullptr;
}

std::string HowItEnded(const ContainerView& container) {
  if (container.exit_code == 0 && !container.problem.empty()) {
    return absl::StrCat("could not be started: ", container.problem);
  }
  return absl::StrCat("ended with exit code ", container.exit_code);
}

bool IsOwner(GroupState state) {
  switch (state) {
    case GroupState::kOwned:
    case GroupState::kSealing:
    case GroupState::kSealed:
      return true;
    case GroupState::kReceiving:
    case GroupState::kPrepared:
    case GroupState::kRetired:
    case GroupState::kDiverged:
      return false;
  }
  return false;
}

const char* GroupStateName(GroupState state) {
  switch (state) {
    case GroupState::kOwned:
      return "OWNED";
    case GroupState::kSealing:
      return "SEALING";
    case GroupState::kSealed:
      return "SEALED";
    case GroupState::kReceiving:
      return "RECEIVING";
    case GroupState::kPrepared:
      return "PREPARED";
    case GroupState::kRetired:
      return "RETIRED";
    case GroupState::kDiverged:
      return "DIVERGED";
  }
  return "UNKNOWN";
}

const GroupView* FindGroup(const NodeView& node, const ApplicationName& application) {
  for (const GroupView& group : node.groups) {
    if (group.application == application) return &group;
  }
  return nullptr;
}

const ContainerView* FindContainer(const NodeView& node, const ApplicationName& application) {
  for (const ContainerView& container : node.containers) {
    if (container.application == application) return &container;
  }
  return nullptr;
}

}  // namespace drover::coordinator
