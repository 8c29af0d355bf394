// Names that point at names.
#ifndef DROVER_SERVICES_COMMON_GRAPH_CYCLE_H_
#define DROVER_SERVICES_COMMON_GRAPH_CYCLE_H_

#include <map>
#include <string>
#include <vector>

namespace drover {

// From each name to those it points at; one that has no entry points at none.
using NameGraph = std::map<std::string, std::vector<std::string>>;

// The names along a way that leads back to its beginning, which is not repeated at the end; the
// first by name. Empty if there is none.
std::vector<std::string> FindCycle(const NameGraph& graph);

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_GRAPH_CYCLE_H_
