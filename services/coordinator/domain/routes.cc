#include "services/coordinator/domain/routes.h"

#include <algorithm>
#include <map>

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

std::set<NodeName> OwnersOf(const std::map<ApplicationName, ApplicationRecord>& applications,
                            const std::vector<int>& ports) {
  std::set<NodeName> owners;
  for (const auto& [name, record] : applications) {
    if (!record.route.has_value()) continue;
    const bool has_one = std::any_of(
        record.spec.ports.begin(), record.spec.ports.end(), [&](const PortMapping& port) {
          return std::find(ports.begin(), ports.end(), port.external) != ports.end();
        });
    if (has_one) owners.insert(record.route->node);
  }
  return owners;
}

std::vector<int> ExternalPorts(const ApplicationSpec& spec) {
  std::vector<int> ports;
  for (const PortMapping& port : spec.ports) ports.push_back(port.external);
  std::sort(ports.begin(), ports.end());
  return ports;
}

bool HaveSamePorts(const ApplicationSpec& a, const ApplicationSpec& b) {
  const auto mapping = [](const ApplicationSpec& spec) {
    std::map<int, int> ports;
    for (const PortMapping& port : spec.ports) ports[port.external] = port.internal;
    return ports;
  };
  return mapping(a) == mapping(b);
}

}  // namespace drover::coordinator
