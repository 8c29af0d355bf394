// The route table and its changes as text, for the files it is restored from after a reboot.
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

// What is appended to a second file, instead of writing the whole table again:
//
//   change 42 43
//   remote 6379 redis-example node2 192.0.2.12
//   removed 8080
//   end
std::string EncodeRouteDelta(const RouteDelta& delta);

// Applies such changes to `table` in their order. Those that it holds already are passed over; the
// first that is not whole, or for another revision, is the end: a crash may have cut it.
void DecodeRouteDeltas(absl::string_view text, RouteTable& table);

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_DOMAIN_ROUTE_TABLE_TEXT_H_
