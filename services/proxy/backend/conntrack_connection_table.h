// The kernel's connection tracking, through libnetfilter_conntrack.
#ifndef DROVER_SERVICES_PROXY_BACKEND_CONNTRACK_CONNECTION_TABLE_H_
#define DROVER_SERVICES_PROXY_BACKEND_CONNTRACK_CONNECTION_TABLE_H_

#include <map>
#include <set>
#include <vector>

#include "absl/status/statusor.h"
#include "services/proxy/backend/connection_table.h"

namespace drover::proxy {

// Of the calling thread's network namespace. Looks at connections with our mark only. Needs
// CAP_NET_ADMIN.
class ConntrackConnectionTable : public ConnectionTable {
 public:
  absl::StatusOr<std::vector<TrackedConnection>> FindElsewhere(
      const std::map<int, Endpoint>& targets) override;
  absl::StatusOr<std::vector<TrackedConnection>> FindUnanswered(
      const std::set<int>& ports) override;
  absl::Status Forget(const std::vector<TrackedConnection>& connections) override;
};

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_BACKEND_CONNTRACK_CONNECTION_TABLE_H_
