#include "services/coordinator/domain/ownership.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"

namespace drover::coordinator {
namespace {

absl::StatusOr<const NodeView*> FindAnswering(const ClusterView& view, const NodeName& name) {
  const NodeView* node = view.FindNode(name);
  if (node == nullptr) {
    return absl::NotFoundError(absl::StrCat("no node ", name.value(), " is registered"));
  }
  if (!node->volumes_known) {
    return absl::UnavailableError(
        absl::StrCat(name.value(), " does not answer: ", node->problem, "; nothing was changed"));
  }
  return node;
}

std::string NodesWithACopy(const ClusterView& view, const ApplicationName& application) {
  std::vector<std::string> names;
  for (const NodeView& node : view.nodes) {
    const GroupView* group = FindGroup(node, application);
    if (group != nullptr && group->state == GroupState::kRetired) {
      names.push_back(node.name.value());
    }
  }
  return names.empty() ? "no node that answers keeps one"
                       : absl::StrCat("there is one on ", absl::StrJoin(names, ", "));
}

// A claim that broke off leaves an owner that the journal does not know of.
bool IsContender(const ApplicationRecord& record, const Held& held) {
  return IsOwner(held.group->state) && held.group->generation > record.generation &&
         !IsReplaced(record, held);
}

}  // namespace

OwnershipOrders OwnershipOrdersFor(const NodeView& node,
                                   const std::map<ApplicationName, ApplicationRecord>& applications,
                                   const std::set<ApplicationName>& moving) {
  OwnershipOrders orders;
  for (const GroupView& group : node.groups) {
    const auto found = applications.find(group.application);
    if (found == applications.end()) continue;
    const ApplicationRecord& record = found->second;
    const bool is_owner = IsOwner(group.state);
    const bool is_its = record.node == node.name && record.generation == group.generation;
    if (is_owner && is_its && group.doubt == OwnershipDoubt::kAwaitsCoordinator) {
      orders.confirm.push_back({group.application, group.generation});
    }
    if (moving.contains(group.application)) continue;
    const bool was_replaced = IsReplaced(record, {&node, &group});
    if (is_owner && was_replaced)
      orders.diverge.push_back({group.application, NewestOwnership(record)});
    const bool is_left_over = group.state == GroupState::kDiverged || (is_owner && was_replaced);
    if (is_left_over && FindContainer(node, group.application) != nullptr) {
      orders.remove_containers.push_back(group.application);
    }
  }
  return orders;
}

absl::Status CheckOwner(const ClusterView& view, const ApplicationName& application,
                        const Held& held) {
  const auto found = view.applications.find(application);
  if (found == view.applications.end() || found->second.generation.empty()) return absl::OkStatus();
  const ApplicationRecord& record = found->second;
  if (record.node == held.node->name) return absl::OkStatus();
  const NodeView* named = view.FindNode(record.node);
  const bool is_silent = named != nullptr && !named->volumes_known;
  const bool was_replaced = IsReplaced(record, held);
  if (!is_silent && !was_replaced) return absl::OkStatus();
  const std::string& name = application.value();
  const std::string& node = held.node->name.value();
  return absl::FailedPreconditionError(absl::StrCat(
      node, " says that it owns the data of ", name, ", but ", record.node.value(),
      is_silent ? " does, and does not answer: it may be served there. Bring "
                : " does, with newer data. Look at both with `drover volumes list`, and bring ",
      record.node.value(), is_silent ? " back" : " into order", ", or give up what is there by ",
      "`drover volumes claim ", name, " --node ", node, " --accept-data-loss`"));
}

absl::Status CheckClaim(const ClusterView& view, const ApplicationName& application,
                        const NodeName& node) {
  const std::string& name = application.value();
  DROVER_ASSIGN_OR_RETURN(const NodeView* claimer, FindAnswering(view, node));
  const auto record = view.applications.find(application);
  if (record == view.applications.end()) {
    return absl::NotFoundError(
        absl::StrCat("there is no application ", name, "; look at `drover volumes list`"));
  }
  const GroupView* group = FindGroup(*claimer, application);
  const bool owns = group != nullptr && IsOwner(group->state);
  // What is arriving may lie over a copy: the node knows.
  const bool may_have_one = group != nullptr && (owns || group->state == GroupState::kRetired ||
                                                 group->state == GroupState::kReceiving ||
                                                 group->state == GroupState::kPrepared);
  if (!may_have_one) {
    return absl::FailedPreconditionError(
        absl::StrCat(node.value(), " keeps no complete copy of the volumes of ", name, " (",
                     group == nullptr ? "nothing" : GroupStateName(group->state), "); ",
                     NodesWithACopy(view, application)));
  }
  const bool is_known_owner = owns && record->second.node == node &&
                              record->second.generation == group->generation &&
                              group->doubt != OwnershipDoubt::kOlderPool;
  for (const Held& held : GroupsOf(view, application)) {
    if (IsContender(record->second, held)) return absl::OkStatus();
  }
  if (is_known_owner) {
    return StatusWithReason(absl::StatusCode::kFailedPrecondition, "ALREADY_OWNER",
                            absl::StrCat(node.value(), " owns the volumes of ", name, " already"));
  }
  for (const NodeView& other : view.nodes) {
    const GroupView* there = FindGroup(other, application);
    if (other.name == node || there == nullptr || !IsOwner(there->state)) continue;
    return absl::FailedPreconditionError(
        absl::StrCat(other.name.value(), " answers and owns the volumes of ", name,
                     "; `drover move ", name, " ", node.value(), "` loses nothing"));
  }
  return absl::OkStatus();
}

absl::Status CheckDeleteDiverged(const ClusterView& view, const ApplicationName& application,
                                 const NodeName& node) {
  DROVER_ASSIGN_OR_RETURN(const NodeView* holder, FindAnswering(view, node));
  const GroupView* group = FindGroup(*holder, application);
  if (group == nullptr) {
    return absl::NotFoundError(
        absl::StrCat(node.value(), " has no volumes of ", application.value()));
  }
  if (group->state == GroupState::kDiverged) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the volumes of ", application.value(), " on ", node.value(), " are ",
                   GroupStateName(group->state), ": only a DIVERGED copy is deleted this way"));
}

}  // namespace drover::coordinator
