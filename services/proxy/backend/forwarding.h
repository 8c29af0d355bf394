// What the machine needs besides the table so that routed packets pass.
#ifndef DROVER_SERVICES_PROXY_BACKEND_FORWARDING_H_
#define DROVER_SERVICES_PROXY_BACKEND_FORWARDING_H_

#include "absl/status/status.h"

namespace drover::proxy {

class Forwarding {
 public:
  virtual ~Forwarding() = default;

  // Makes the machine forward what Drover routes. Repeated, it mends what others undid; an engine
  // that started meanwhile is noticed. Blocks.
  virtual absl::Status Enable() = 0;
  // Removes what Enable added to other people's tables. Blocks.
  virtual absl::Status Disable() = 0;
};

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_BACKEND_FORWARDING_H_
