// Strong types for the names and numbers that must not be mixed up.
#ifndef DROVER_SERVICES_COMMON_IDS_IDS_H_
#define DROVER_SERVICES_COMMON_IDS_IDS_H_

#include <compare>
#include <cstdint>
#include <ostream>
#include <string>
#include <utility>

namespace drover {

// A value of `Rep` that only compares with, and is only made into, its own kind. Hashable,
// printable, ordered.
template <class Tag, class Rep>
class StrongId {
 public:
  StrongId() = default;
  explicit StrongId(Rep value) : value_(std::move(value)) {}

  const Rep& value() const { return value_; }
  bool empty() const { return value_ == Rep(); }

  friend bool operator==(const StrongId&, const StrongId&) = default;
  friend auto operator<=>(const StrongId&, const StrongId&) = default;
  friend std::ostream& operator<<(std::ostream& out, const StrongId& id) {
    return out << id.value_;
  }
  template <class H>
  friend H AbslHashValue(H h, const StrongId& id) {
    return H::combine(std::move(h), id.value_);
  }

 private:
  Rep value_{};
};

// A registered node, as in its certificate: `node1`.
using NodeName = StrongId<struct NodeNameTag, std::string>;
// An application of application.yml: `redis-example`.
using ApplicationName = StrongId<struct ApplicationNameTag, std::string>;
// One move of one application.
using MigrationId = StrongId<struct MigrationIdTag, std::string>;
// One start of a container: names its slots and its gate's socket.
using StartId = StrongId<struct StartIdTag, std::string>;
// The engine's id of a container.
using ContainerId = StrongId<struct ContainerIdTag, std::string>;
// Which ownership of a volume group is newer; from the coordinator's journal, never used twice.
using Generation = StrongId<struct GenerationTag, int64_t>;
// Counts the coordinator's starts.
using Epoch = StrongId<struct EpochTag, int64_t>;

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_IDS_IDS_H_
