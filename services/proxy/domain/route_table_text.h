// The route table as text, for the file it is restored from after a reboot.
#ifndef DROVER_SERVICES_PROXY_DOMAIN_ROUTE_TABLE_TEXT_H_
#define DROVER_SERVICES_PROXY_DOMAIN_ROUTE_TABLE_TEXT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/proxy/domain/route_table.h"

namespace drover::proxy {

// One line per route between a first line with format and revision and a last one, "end":
//
//   drover-routes 1 revision 42
//   remote 6379 redis-example node2 192.0.2.12
//   local 8080 web 80 3f4e…
//   end
std::string EncodeRouteTable(const RouteTable& table);

// DATA_LOSS, with the line, for anything that EncodeRouteTable cannot have written.
absl::StatusOr<RouteTable> DecodeRouteTable(absl::string_view text);

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_DOMAIN_ROUTE_TABLE_TEXT_H_
