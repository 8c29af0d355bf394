#include "services/coordinator/orchestrator/node_names.h"

#include <algorithm>
#include <utility>

#include "services/coordinator/domain/planner.h"

namespace drover::coordinator {
namespace {

bool Overlap(const std::vector<std::string>& left, const std::vector<std::string>& right) {
  return std::find_first_of(left.begin(), left.end(), right.begin(), right.end()) != left.end();
}

}  // namespace

Task<std::string> RegisteredName(HostResolver& hosts, const std::vector<NodeView>& nodes,
                                 std::string written) {
  // No look-up where none is needed: DNS may be slow, or down.
  const absl::StatusOr<NodeName> known = ResolveNode(nodes, written);
  if (known.ok()) co_return known->value();
  const std::vector<std::string> meant = co_await hosts.Resolve(written);
  std::vector<std::string> names;
  for (const NodeView& node : nodes) {
    const std::vector<std::string> addresses = co_await hosts.Resolve(node.address);
    if (Overlap(meant, addresses)) names.push_back(node.name.value());
  }
  co_return names.size() == 1 ? names[0] : written;
}

Task<absl::StatusOr<NodeName>> FindNode(HostResolver& hosts, const std::vector<NodeView>& nodes,
                                        std::string written) {
  const std::string registered = co_await RegisteredName(hosts, nodes, std::move(written));
  co_return ResolveNode(nodes, registered);
}

}  // namespace drover::coordinator
