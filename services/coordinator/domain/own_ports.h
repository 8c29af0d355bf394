// External ports that applications cannot have.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_OWN_PORTS_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_OWN_PORTS_H_

namespace drover::coordinator {

inline constexpr int kFirstOwnPort = 7400;
inline constexpr int kLastOwnPort = 7404;

// Drover's daemons listen there.
inline bool IsOwnPort(int port) { return port >= kFirstOwnPort && port <= kLastOwnPort; }

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_OWN_PORTS_H_
