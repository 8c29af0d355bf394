// What the machine needs besides the table so that routed packets pass.
#ifndef DROVER_SERVICES_PROXY_BACKEND_FORWARDING_H_
#define DROVER_SERVICES_PROXY_BACKEND_FORWARDING_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace drover::proxy {

class Forwarding {
 public:
  virtual ~Forwarding() = default;

  // Makes the machine forward what Drover routes. Repeated, it mends what others undid; an engine
  // that started meanwhile is noticed. False if there is no engine (yet), which may have to be told
  // when it comes. Runs programs: tens of milliseconds. Blocks.
  virtual absl::StatusOr<bool> Enable() = 0;
  // Removes what Enable added to other people's tables. Blocks.
  virtual absl::Status Disable() = 0;
};

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_BACKEND_FORWARDING_H_
