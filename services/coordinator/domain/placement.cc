#include "services/coordinator/domain/placement.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/common/room/pool_room.h"

namespace drover::coordinator {
namespace {

constexpr int64_t kSteps = 20;

// So many twentieths of `all` are `left`; all of them where `all` is not known.
int64_t Steps(int64_t left, int64_t all) {
  return all <= 0 ? kSteps : std::max<int64_t>(left, 0) / std::max<int64_t>(all / kSteps, 1);
}

std::string Mebibytes(int64_t bytes) { return absl::StrCat(bytes >> 20, " MiB"); }

}  // namespace

Placement::Placement(const std::vector<const NodeView*>& candidates) {
  for (const NodeView* node : candidates) {
    const auto owned = std::count_if(node->groups.begin(), node->groups.end(),
                                     [](const GroupView& group) { return IsOwner(group.state); });
    rooms_.push_back(
        {node, node->free_pool_bytes, node->available_memory_bytes, static_cast<size_t>(owned)});
  }
}

int64_t Placement::PoolNeed(const Room& room, const Demand& demand) {
  // To a node that keeps a copy only the differences go (Shortage() names copies of other states).
  const bool has_copy = FindGroup(*room.node, demand.application) != nullptr;
  return PoolRoomFor(demand.pool_bytes) - (has_copy ? demand.pool_bytes : 0);
}

std::string Placement::Shortage(const Room& room, const Demand& demand) {
  const std::string& name = room.node->name.value();
  const GroupView* copy = FindGroup(*room.node, demand.application);
  if (copy != nullptr && copy->state != GroupState::kRetired) {
    return absl::StrCat(name, " has a ", GroupStateName(copy->state), " copy of it");
  }
  const int64_t need = PoolNeed(room, demand);
  if (room.node->pool_bytes > 0 && room.pool_bytes < need) {
    return absl::StrCat("its pool needs ", Mebibytes(need), " and ", name, " has ",
                        Mebibytes(std::max<int64_t>(room.pool_bytes, 0)), " free");
  }
  if (room.node->memory_bytes > 0 && room.memory_bytes < demand.memory_bytes) {
    return absl::StrCat("its mem_limit is ", Mebibytes(demand.memory_bytes), " and ", name, " has ",
                        Mebibytes(std::max<int64_t>(room.memory_bytes, 0)), " of memory free");
  }
  return "";
}

int64_t Placement::FreeAfter(const Room& room, const Demand& demand) {
  return std::min(Steps(room.pool_bytes - PoolNeed(room, demand), room.node->pool_bytes),
                  Steps(room.memory_bytes - demand.memory_bytes, room.node->memory_bytes));
}

const NodeView* Placement::Place(const Demand& demand, std::string& why) {
  std::vector<std::string> shortages;
  Room* best = nullptr;
  const auto rank = [&demand](const Room& room) {
    return std::make_tuple(-FreeAfter(room, demand), room.applications, room.node->name);
  };
  for (Room& room : rooms_) {
    const std::string shortage = Shortage(room, demand);
    if (!shortage.empty()) {
      shortages.push_back(shortage);
    } else if (best == nullptr || rank(room) < rank(*best)) {
      best = &room;
    }
  }
  if (best == nullptr) {
    why = absl::StrJoin(shortages, ", ");
    return nullptr;
  }
  best->pool_bytes -= PoolNeed(*best, demand);
  best->memory_bytes -= demand.memory_bytes;
  ++best->applications;
  return best->node;
}

}  // namespace drover::coordinator
