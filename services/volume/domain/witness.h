// What a node remembers outside its pool, so that a pool that was put back to an older time is
// seen.
#ifndef DROVER_SERVICES_VOLUME_DOMAIN_WITNESS_H_
#define DROVER_SERVICES_VOLUME_DOMAIN_WITNESS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "services/volume/domain/group_record.h"

namespace drover::volume {

// May be a few records behind the pool, never ahead of it: it is written after them.
struct Witness {
  struct Group {
    Generation generation;
    int64_t revision = 0;

    friend bool operator==(const Group&, const Group&) = default;
  };

  // PoolInfo's.
  std::string pool_identity;
  std::map<ApplicationName, Group> groups;

  friend bool operator==(const Witness&, const Witness&) = default;
};

enum class Trust {
  // The record is one that this node wrote last, or a newer one.
  kSame,
  // Nothing speaks for it or against it: another pool, a group that is not known, no witness yet.
  kUnknown,
  // The node wrote a newer record than the pool has: the pool was put back to an older time, and
  // writes that were acknowledged since are not in it.
  kOlder,
};

// `pool_identity`: that of the pool which holds `record`.
Trust Judge(const std::optional<Witness>& witness, const std::string& pool_identity,
            const GroupRecord& record);

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_DOMAIN_WITNESS_H_
