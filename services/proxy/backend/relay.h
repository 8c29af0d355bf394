// Where connections to a held port wait.
#ifndef DROVER_SERVICES_PROXY_BACKEND_RELAY_H_
#define DROVER_SERVICES_PROXY_BACKEND_RELAY_H_

#include <cstdint>
#include <set>

#include "services/proxy/domain/own_ports.h"

namespace drover::proxy {

// How much a relay holds, and since its start, what it could not.
struct RelayCounters {
  // Connections that wait now.
  int waiting = 0;
  // All that ever waited.
  int64_t held = 0;
  // Reset, having waited too long.
  int64_t expired = 0;
  // SYNs that the kernel dropped while too many waited; the clients try again.
  int64_t dropped = 0;
};

// Accepts the connections that the kernel's table sends it (KernelTable::Hold), and carries each on
// to its external port once that is not held any more. Thread-safe; calls do not block.
class Relay {
 public:
  virtual ~Relay() = default;

  // Connections to `ports` wait from now on.
  virtual void Hold(const std::set<int>& ports) = 0;
  // They go on: those that wait, and those that still arrive. Call it when the kernel's table leads
  // to the application; it need not have ended its hold.
  virtual void Release(const std::set<int>& ports) = 0;
  // Connections that an application's container makes to one of the application's own ports do not
  // wait, but go straight back to it: it may connect to itself before it is ready, and the hold
  // lasts until it is.
  virtual void SetOwnPorts(const OwnPorts& own_ports) = 0;

  virtual RelayCounters counters() const = 0;
};

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_BACKEND_RELAY_H_
