#include "services/volume/domain/group_record.h"

#include <utility>

namespace drover::volume {
namespace {

constexpr std::pair<GroupState, const char*> kNames[] = {
    {GroupState::kOwned, "OWNED"},       {GroupState::kSealing, "SEALING"},
    {GroupState::kSealed, "SEALED"},     {GroupState::kReceiving, "RECEIVING"},
    {GroupState::kPrepared, "PREPARED"}, {GroupState::kRetired, "RETIRED"},
    {GroupState::kDiverged, "DIVERGED"}, {GroupState::kDiscarded, "DISCARDED"},
};

}  // namespace

std::string GroupStateName(GroupState state) {
  for (const auto& [value, name] : kNames) {
    if (value == state) return name;
  }
  return "UNKNOWN";
}

std::optional<GroupState> GroupStateFromName(const std::string& name) {
  for (const auto& [value, known] : kNames) {
    if (name == known) return value;
  }
  return std::nullopt;
}

bool IsOwner(GroupState state) {
  return state == GroupState::kOwned || state == GroupState::kSealing ||
         state == GroupState::kSealed;
}

}  // namespace drover::volume
