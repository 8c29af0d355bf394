#ifndef DROVER_SERVICES_PROXY_BACKEND_FAKE_LISTENER_TABLE_H_
#define DROVER_SERVICES_PROXY_BACKEND_FAKE_LISTENER_TABLE_H_

#include <map>
#include <set>
#include <string>

#include "services/proxy/backend/listener_table.h"

namespace drover::proxy {

// Says what the test put into `listeners`.
class FakeListenerTable : public ListenerTable {
 public:
  absl::StatusOr<std::map<int, std::string>> Find(const std::set<int>& ports) override {
    std::map<int, std::string> found;
    for (int port : ports) {
      if (auto it = listeners.find(port); it != listeners.end()) found.insert(*it);
    }
    return found;
  }

  std::map<int, std::string> listeners;
};

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_BACKEND_FAKE_LISTENER_TABLE_H_
