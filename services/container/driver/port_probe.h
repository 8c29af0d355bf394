// One attempt to reach a TCP port.
#ifndef DROVER_SERVICES_CONTAINER_DRIVER_PORT_PROBE_H_
#define DROVER_SERVICES_CONTAINER_DRIVER_PORT_PROBE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/common/async/task.h"

namespace drover::container {

// OK if `port` of `address` accepts a connection and, where `http_path` is not empty, answers a GET
// of it with 2xx or 3xx. UNAVAILABLE otherwise, or after `timeout` (a connect gets 100 ms at most:
// a lost first packet must not cost the second that TCP waits).
Task<absl::Status> ProbePort(std::string address, int port, std::string http_path,
                             absl::Duration timeout);

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_DRIVER_PORT_PROBE_H_
