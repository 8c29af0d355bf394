#include "services/coordinator/domain/routes.h"

#include <algorithm>

namespace drover::coordinator {

std::vector<RouteEntry> RouteTable(
    const std::map<ApplicationName, ApplicationRecord>& applications) {
  std::map<int, RouteEntry> table;
  for (const auto& [name, application] : applications) {
    if (!application.route.has_value()) continue;
    for (const PortMapping& port : application.spec.ports) {
      table.try_emplace(port.external,
                        RouteEntry{port.external, port.internal, name, application.route->node,
                                   application.route->container_id});
    }
  }
  std::vector<RouteEntry> entries;
  for (auto& [port, entry] : table) entries.push_back(std::move(entry));
  return entries;
}

std::vector<int> ExternalPorts(const ApplicationSpec& spec) {
  std::vector<int> ports;
  for (const PortMapping& port : spec.ports) ports.push_back(port.external);
  std::sort(ports.begin(), ports.end());
  return ports;
}

}  // namespace drover::coordinator
