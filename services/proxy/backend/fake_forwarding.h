#ifndef DROVER_SERVICES_PROXY_BACKEND_FAKE_FORWARDING_H_
#define DROVER_SERVICES_PROXY_BACKEND_FAKE_FORWARDING_H_

#include "services/proxy/backend/forwarding.h"

namespace drover::proxy {

// Counts.
class FakeForwarding : public Forwarding {
 public:
  absl::StatusOr<bool> Enable() override {
    ++enabled;
    return has_engine;
  }
  absl::Status Disable() override {
    ++disabled;
    return absl::OkStatus();
  }

  bool has_engine = true;
  int enabled = 0;
  int disabled = 0;
};

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_BACKEND_FAKE_FORWARDING_H_
