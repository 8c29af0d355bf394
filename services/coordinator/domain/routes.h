// Which external port leads where: the whole cluster's table, from the applications' records.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_ROUTES_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_ROUTES_H_

#include <map>
#include <set>
#include <vector>

#include "services/common/ids/ids.h"
#include "services/coordinator/domain/records.h"

namespace drover::coordinator {

struct RouteEntry {
  int external_port = 0;
  int internal_port = 0;
  ApplicationName application;
  NodeName node;
  ContainerId container_id;
  friend bool operator==(const RouteEntry&, const RouteEntry&) = default;
};

// In the order of the external ports. Applications without a route have no entry. Each port comes
// once (the planner sees to that; if two records claim one, the first by name has it).
std::vector<RouteEntry> RouteTable(
    const std::map<ApplicationName, ApplicationRecord>& applications);

// The nodes that the routes of `ports` lead to.
std::set<NodeName> OwnersOf(const std::map<ApplicationName, ApplicationRecord>& applications,
                            const std::vector<int>& ports);

// The external ports of `spec`, sorted.
std::vector<int> ExternalPorts(const ApplicationSpec& spec);

// Both have the same ports outside, and each leads to the same one inside.
bool HaveSamePorts(const ApplicationSpec& a, const ApplicationSpec& b);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_ROUTES_H_
