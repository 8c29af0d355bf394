#ifndef DROVER_SERVICES_PROXY_BACKEND_FAKE_RELAY_H_
#define DROVER_SERVICES_PROXY_BACKEND_FAKE_RELAY_H_

#include <set>

#include "services/proxy/backend/relay.h"

namespace drover::proxy {

// Remembers which ports are held.
class FakeRelay : public Relay {
 public:
  void Hold(const std::set<int>& ports) override { held.insert(ports.begin(), ports.end()); }
  void Release(const std::set<int>& ports) override {
    for (int port : ports) held.erase(port);
  }
  void SetOwnPorts(const OwnPorts& ports) override { own_ports = ports; }
  RelayCounters counters() const override { return counted; }

  std::set<int> held;
  OwnPorts own_ports;
  RelayCounters counted;
};

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_BACKEND_FAKE_RELAY_H_
