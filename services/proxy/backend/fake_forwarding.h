#ifndef DROVER_SERVICES_PROXY_BACKEND_FAKE_FORWARDING_H_
#define DROVER_SERVICES_PROXY_BACKEND_FAKE_FORWARDING_H_

#include "services/proxy/backend/forwarding.h"

namespace drover::proxy {

// Counts.
class FakeForwarding : public Forwarding {
 public:
  absl::Status Enable() override {
    ++enabled;
    return absl::OkStatus();
  }
  absl::Status Disable() override {
    ++disabled;
    return absl::OkStatus();
  }

  int enabled = 0;
  int disabled = 0;
};

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_BACKEND_FAKE_FORWARDING_H_
