// Which node takes an application that has to go somewhere.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_PLACEMENT_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_PLACEMENT_H_

#include <string>
#include <vector>

#include "services/coordinator/domain/cluster_view.h"

namespace drover::coordinator {

// What an application needs of its node, in bytes; 0 memory: it has no limit, so nothing is known.
struct Demand {
  ApplicationName application;
  int64_t pool_bytes = 0;
  int64_t memory_bytes = 0;
};

// Places one application after the other, and remembers what it has promised of each node. What is
// not known of a node (0) is no obstacle.
class Placement {
 public:
  // The nodes outlive it. None may own the applications already.
  explicit Placement(const std::vector<const NodeView*>& candidates);

  // The node that keeps the greatest part of its pool and memory free with the application on it;
  // of those about equal, the one with the fewest applications. Null if none has room: then `why`
  // says of each what is missing.
  const NodeView* Place(const Demand& demand, std::string& why);

 private:
  struct Room {
    const NodeView* node;
    int64_t pool_bytes;
    int64_t memory_bytes;
    size_t applications;
  };

  static int64_t PoolNeed(const Room& room, const Demand& demand);
  // What it lacks; empty if the application fits.
  static std::string Shortage(const Room& room, const Demand& demand);
  // In twentieths of the node, of what is scarcer.
  static int64_t FreeAfter(const Room& room, const Demand& demand);

  std::vector<Room> rooms_;
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_PLACEMENT_H_
