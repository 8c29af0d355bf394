// Ports whose new connections wait while their application is cut over.
#ifndef DROVER_SERVICES_PROXY_DOMAIN_HOLD_H_
#define DROVER_SERVICES_PROXY_DOMAIN_HOLD_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace drover::proxy {

// Held ports and who holds each. A port has one holder: its application is cut over by one
// operation at a time, and the coordinator that calls last is the one that knows which.
using Holds = std::map<int, std::string>;

// INVALID_ARGUMENT unless the holder can stand in the kernel's table, there is at least one port,
// all may be claimed, and `time_to_live` is 1 s to 10 min.
absl::Status ValidateHold(const std::string& holder, const std::vector<int>& external_ports,
                          absl::Duration time_to_live);

// The ports of `holds` that belong to `holder`: one that another took over stays held.
std::set<int> PortsHeldBy(const std::string& holder, const Holds& holds);

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_DOMAIN_HOLD_H_
