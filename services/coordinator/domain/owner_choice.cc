#include "services/coordinator/domain/owner_choice.h"

#include <algorithm>

namespace drover::coordinator {
namespace {

// No node if there is none.
Held Newest(const std::vector<Held>& owners) {
  Held newest;
  for (const Held& held : owners) {
    if (newest.node == nullptr || held.group->generation > newest.group->generation) newest = held;
  }
  return newest;
}

}  // namespace

std::vector<Held> GroupsOf(const ClusterView& view, const ApplicationName& application) {
  std::vector<Held> groups;
  for (const NodeView& node : view.nodes) {
    const GroupView* group = FindGroup(node, application);
    if (group != nullptr) groups.push_back({&node, group});
  }
  return groups;
}

std::vector<Held> OwnersOf(const ClusterView& view, const ApplicationName& application) {
  std::vector<Held> owners = GroupsOf(view, application);
  std::erase_if(owners, [](const Held& held) { return !IsOwner(held.group->state); });
  return owners;
}

bool IsLeftByMoveTo(const Held& owner, const Held& source) {
  return source.node != owner.node && !source.group->migration.empty() &&
         source.group->migration_generation == owner.group->generation;
}

bool IsJournalsOwner(const ApplicationRecord& record, const Held& held) {
  return held.node->name == record.node && held.group->generation >= record.generation;
}

Generation NewestOwnership(const ApplicationRecord& record) {
  return std::max(record.generation, record.refused_generation);
}

bool IsReplaced(const ApplicationRecord& record, const Held& held) {
  return held.node->name != record.node && NewestOwnership(record) > held.group->generation;
}

Held OwnerChoice::OwnerOf(const ApplicationName& application) const {
  const std::vector<Held> owners = OwnersOf(view_, application);
  const auto found = view_.applications.find(application);
  if (found == view_.applications.end()) return Newest(owners);
  const ApplicationRecord& record = found->second;
  Held journals;
  std::vector<Held> later;
  for (const Held& held : owners) {
    if (IsJournalsOwner(record, held)) journals = held;
    if (IsOfLaterTime(record, held)) later.push_back(held);
  }
  if (!later.empty()) return Newest(later);
  if (journals.node != nullptr) return journals;
  const NodeView* named = view_.FindNode(record.node);
  const bool may_own = !record.generation.empty() && named != nullptr && !named->volumes_known;
  return may_own ? Held() : Newest(owners);
}

bool OwnerChoice::IsOfLaterTime(const ApplicationRecord& record, const Held& held) const {
  const Generation generation = held.group->generation;
  if (generation <= record.generation || IsReplaced(record, held)) return false;
  if (generation.value() > last_generation_) return true;
  for (const MigrationRecord* move : migrations_) {
    const bool is_its = move->application == record.name && move->generation == generation;
    if (is_its && IsBeforeCommit(move->state)) return true;
  }
  const ContainerView* container = FindContainer(*held.node, record.name);
  return container != nullptr && container->generation == generation;
}

}  // namespace drover::coordinator
