#ifndef DROVER_SERVICES_PROXY_BACKEND_FAKE_CONNECTION_TABLE_H_
#define DROVER_SERVICES_PROXY_BACKEND_FAKE_CONNECTION_TABLE_H_

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "services/proxy/backend/connection_table.h"

namespace drover::proxy {

// A ConnectionTable in memory: (external port, target) of each connection.
class FakeConnectionTable : public ConnectionTable {
 public:
  struct Connection {
    int external_port;
    Endpoint target;
    bool answered = true;
    std::shared_ptr<const void> entry = std::make_shared<int>();
  };

  absl::StatusOr<std::vector<TrackedConnection>> FindElsewhere(
      const std::map<int, Endpoint>& targets) override {
    return Find([&](const TrackedConnection& one, bool) { return LeadsElsewhere(one, targets); });
  }

  absl::StatusOr<std::vector<TrackedConnection>> FindUnanswered(
      const std::set<int>& ports) override {
    return Find([&](const TrackedConnection& one, bool answered) {
      return !answered && ports.contains(one.external_port);
    });
  }

  absl::Status Forget(const std::vector<TrackedConnection>& forgotten) override {
    for (const TrackedConnection& one : forgotten) {
      std::erase_if(connections,
                    [&](const Connection& connection) { return connection.entry == one.entry; });
    }
    return absl::OkStatus();
  }

  // Called when connections have been found, before they are answered.
  std::function<void()> on_found = [] {};
  std::vector<Connection> connections;

 private:
  template <class Matches>
  std::vector<TrackedConnection> Find(Matches matches) {
    std::vector<TrackedConnection> found;
    for (const Connection& connection : connections) {
      TrackedConnection one{.external_port = connection.external_port,
                            .target = connection.target,
                            .entry = connection.entry};
      if (matches(one, connection.answered)) found.push_back(std::move(one));
    }
    on_found();
    return found;
  }
};

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_BACKEND_FAKE_CONNECTION_TABLE_H_
