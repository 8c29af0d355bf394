#include "services/volume/domain/witness.h"

namespace drover::volume {

Trust Judge(const std::optional<Witness>& witness, const std::string& pool_identity,
            const GroupRecord& record) {
  if (!witness.has_value() || witness->pool_identity != pool_identity) return Trust::kUnknown;
  const auto group = witness->groups.find(record.application);
  if (group == witness->groups.end()) return Trust::kUnknown;
  const bool older =
      record.generation < group->second.generation || record.revision < group->second.revision;
  return older ? Trust::kOlder : Trust::kSame;
}

}  // namespace drover::volume
