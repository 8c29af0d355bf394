// Where one external TCP port leads, on one node.
#ifndef DROVER_SERVICES_PROXY_DOMAIN_ROUTE_H_
#define DROVER_SERVICES_PROXY_DOMAIN_ROUTE_H_

#include <variant>

#include "absl/status/status.h"
#include "services/common/ids/ids.h"
#include "services/proxy/domain/ipv4_address.h"

namespace drover::proxy {

// The application runs on this node. Its address is asked for whenever it is needed and never
// remembered: two containers may swap theirs in a reboot.
struct LocalTarget {
  int internal_port = 0;
  ContainerId container;

  friend bool operator==(const LocalTarget&, const LocalTarget&) = default;
};

// The application runs on another node, which knows the external port too.
struct RemoteTarget {
  NodeName node;
  Ipv4Address address;

  friend bool operator==(const RemoteTarget&, const RemoteTarget&) = default;
};

struct Route {
  int external_port = 0;
  ApplicationName application;
  std::variant<LocalTarget, RemoteTarget> target;

  friend bool operator==(const Route&, const Route&) = default;
};

// INVALID_ARGUMENT if a field is missing or out of range.
absl::Status ValidateRoute(const Route& route);

// Equal but for the container of a local target: an application that was restarted is a new
// container and the same route.
bool SameDestination(const Route& a, const Route& b);

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_DOMAIN_ROUTE_H_
