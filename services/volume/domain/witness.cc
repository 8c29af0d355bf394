#include "services/volume/domain/witness.h"

#include <utility>

namespace drover::volume {

Trust Judge(const std::optional<Witness>& witness, const std::string& pool_identity,
            const GroupRecord& record) {
  if (!witness.has_value() || witness->pool_identity != pool_identity) return Trust::kUnknown;
  const auto group = witness->groups.find(record.application);
  if (group == witness->groups.end()) return Trust::kUnknown;
  // A group that was deleted and made anew counts its revisions from the beginning.
  const bool older = std::pair(record.generation, record.revision) <
                     std::pair(group->second.generation, group->second.revision);
  return older ? Trust::kOlder : Trust::kSame;
}

}  // namespace drover::volume
