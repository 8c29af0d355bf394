// A small cluster for tests, each machine a network namespace: a client, a node that forwards, the
// owner, and two containers behind the owner's bridge.
//
//   client .1 ──┐
//   forwarder .2 ├─ switch, 192.0.2.0/24        owner: br0 172.30.0.1 ─┬─ container 172.30.0.2
//   owner .3 ───┘                                                      └─ neighbour 172.30.0.3
#ifndef DROVER_SERVICES_PROXY_BACKEND_SMALL_CLUSTER_H_
#define DROVER_SERVICES_PROXY_BACKEND_SMALL_CLUSTER_H_

#include <netinet/in.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "services/proxy/backend/network_namespace.h"
#include "services/proxy/backend/nftables_table.h"
#include "services/proxy/backend/splice_relay.h"
#include "services/proxy/domain/ipv4_address.h"
#include "services/proxy/domain/kernel_routes.h"

namespace drover::proxy {

inline constexpr int kExternalPort = 6379;
inline constexpr int kInternalPort = 6380;

Ipv4Address Address(const char* text);
sockaddr_in SocketAddress(const char* address, int port);

// Answers every connection with its greeting and the client's address as it sees it:
// "one 192.0.2.1". Ends with the object; a later connection is refused.
class GreetingServer {
 public:
  GreetingServer(const NetworkNamespace& machine, std::string greeting);
  ~GreetingServer();

  int64_t answered() const { return answered_; }
  // Connections that it has not accepted yet.
  uint32_t queued() const;

 private:
  void Serve(const std::string& greeting);

  int listener_ = -1;
  std::atomic<int64_t> answered_ = 0;
  std::thread thread_;
};

// A machine with a routing table of ours.
struct Node {
  Node();

  void Set(const KernelRoutes& wanted);
  // The external port's route.
  void RouteTo(const char* address, int port, TargetKind kind);
  void StartRelay();
  // As RouteDriver does it.
  void Hold();
  void Release();

  NetworkNamespace machine;
  std::unique_ptr<NftablesTable> table;
  std::unique_ptr<SpliceRelay> relay;
};

// Needs root.
struct SmallCluster {
  SmallCluster();

  // A cable from the bridge of `hub` to `machine`, which gets `address`.
  static void Plug(const NetworkNamespace& hub, const NetworkNamespace& machine, const char* name,
                   const char* address);
  // The application runs in `container`.
  void RouteToOwner();

  NetworkNamespace network;
  NetworkNamespace client;
  Node forwarder;
  Node owner;
  NetworkNamespace container;
  NetworkNamespace neighbour;
};

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_BACKEND_SMALL_CLUSTER_H_
