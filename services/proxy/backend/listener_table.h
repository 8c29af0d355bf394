// Who listens on this machine's TCP ports.
#ifndef DROVER_SERVICES_PROXY_BACKEND_LISTENER_TABLE_H_
#define DROVER_SERVICES_PROXY_BACKEND_LISTENER_TABLE_H_

#include <map>
#include <set>
#include <string>

#include "absl/status/statusor.h"

namespace drover::proxy {

class ListenerTable {
 public:
  virtual ~ListenerTable() = default;

  // Those of `ports` that something listens on, at whatever local address (the routes cover all of
  // them), and who: "redis-server (pid 1234)". Blocks.
  virtual absl::StatusOr<std::map<int, std::string>> Find(const std::set<int>& ports) = 0;
};

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_BACKEND_LISTENER_TABLE_H_
