// Where connections to a held port wait.
#ifndef DROVER_SERVICES_PROXY_BACKEND_RELAY_H_
#define DROVER_SERVICES_PROXY_BACKEND_RELAY_H_

#include <set>

namespace drover::proxy {

// Accepts the connections that the kernel's table sends it (KernelTable::Hold), and carries each on
// to its external port once that is not held any more. Thread-safe; calls do not block.
class Relay {
 public:
  virtual ~Relay() = default;

  // Connections to `ports` wait from now on.
  virtual void Hold(const std::set<int>& ports) = 0;
  // They go on: those that wait, and those that still arrive. Call it when the kernel's table does
  // not hold the ports any more and leads to the application.
  virtual void Release(const std::set<int>& ports) = 0;
};

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_BACKEND_RELAY_H_
