#ifndef DROVER_SERVICES_PROXY_BACKEND_FAKE_CONNECTION_TABLE_H_
#define DROVER_SERVICES_PROXY_BACKEND_FAKE_CONNECTION_TABLE_H_

#include <map>
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
  };

  absl::StatusOr<int> Forget(const std::map<int, Endpoint>& targets) override {
    return static_cast<int>(std::erase_if(connections, [&](const Connection& connection) {
      auto target = targets.find(connection.external_port);
      return target == targets.end() || target->second != connection.target;
    }));
  }

  absl::StatusOr<int> ForgetUnanswered(const std::set<int>& ports) override {
    return static_cast<int>(std::erase_if(connections, [&](const Connection& connection) {
      return !connection.answered && ports.contains(connection.external_port);
    }));
  }

  std::vector<Connection> connections;
};

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_BACKEND_FAKE_CONNECTION_TABLE_H_
