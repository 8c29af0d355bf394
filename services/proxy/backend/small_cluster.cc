#include "services/proxy/backend/small_cluster.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/proxy/backend/connection_mark.h"
#include "services/proxy/backend/linux_forwarding.h"
#include "services/proxy/domain/port.h"

namespace drover::proxy {

Ipv4Address Address(const char* text) { return Ipv4Address::Parse(text).value(); }

sockaddr_in SocketAddress(const char* address, int port) {
  return {.sin_family = AF_INET,
          .sin_port = htons(static_cast<uint16_t>(port)),
          .sin_addr = {htonl(Address(address).bits())}};
}

GreetingServer::GreetingServer(const NetworkNamespace& machine, std::string greeting) {
  machine.Run([&] {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;  // One after the other on one port.
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    sockaddr_in address = SocketAddress("0.0.0.0", kInternalPort);
    ASSERT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    ASSERT_EQ(listen(listener_, 4096), 0);
  });
  thread_ = std::thread([this, greeting = std::move(greeting)] { Serve(greeting); });
}

GreetingServer::~GreetingServer() {
  shutdown(listener_, SHUT_RDWR);  // Wakes accept.
  thread_.join();
  close(listener_);
}

uint32_t GreetingServer::queued() const {
  tcp_info info = {};  // Of a socket that listens.
  socklen_t size = sizeof(info);
  EXPECT_EQ(getsockopt(listener_, IPPROTO_TCP, TCP_INFO, &info, &size), 0);
  return info.tcpi_unacked;
}

void GreetingServer::Serve(const std::string& greeting) {
  while (true) {
    sockaddr_in peer;
    socklen_t size = sizeof(peer);
    const int connection = accept(listener_, reinterpret_cast<sockaddr*>(&peer), &size);
    if (connection < 0 && errno == ECONNABORTED) continue;
    if (connection < 0) return;
    const std::string answer =
        absl::StrCat(greeting, " ", Ipv4Address(ntohl(peer.sin_addr.s_addr)).ToString());
    // Fails if the client is gone.
    (void)send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
    close(connection);
    ++answered_;
  }
}

Node::Node() {
  machine.Run([this] {
    EXPECT_EQ(LinuxForwarding().Enable().status(), absl::OkStatus());
    table = NftablesTable::Create().value();
  });
  EXPECT_EQ(table->Ensure(), absl::OkStatus());
}

void Node::Set(const KernelRoutes& wanted) {
  EXPECT_EQ(table->Apply(Difference(table->ReadRoutes().value(), wanted)), absl::OkStatus());
}

void Node::RouteTo(const char* address, int port, TargetKind kind) {
  Set({{{kExternalPort, {Address(address), port}}}, {{kExternalPort, kind}}, {}});
}

void Node::StartRelay() {
  machine.Run([this] {
    relay =
        SpliceRelay::Start({.listen_port = kRelayPort, .socket_mark = kRelaySocketMark}).value();
  });
}

void Node::Hold() {
  relay->Hold({kExternalPort});
  EXPECT_EQ(table->Hold({kExternalPort}, absl::Minutes(1)), absl::OkStatus());
}

void Node::Release() {
  relay->Release({kExternalPort});
  EXPECT_EQ(table->Release({kExternalPort}), absl::OkStatus());
}

SmallCluster::SmallCluster() {
  setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);  // Bazel leaves the sbin folders out.
  network.Command("ip link add br0 type bridge && ip link set br0 up");
  Plug(network, client, "to-client", "192.0.2.1/24");
  Plug(network, forwarder.machine, "to-forwarder", "192.0.2.2/24");
  Plug(network, owner.machine, "to-owner", "192.0.2.3/24");
  owner.machine.Command(
      "ip link add br0 type bridge && ip link set br0 up && ip addr add 172.30.0.1/24 dev br0");
  Plug(owner.machine, container, "to-container", "172.30.0.2/24");
  Plug(owner.machine, neighbour, "to-neighbour", "172.30.0.3/24");
  container.Command("ip route add default via 172.30.0.1");
  neighbour.Command("ip route add default via 172.30.0.1");
}

void SmallCluster::Plug(const NetworkNamespace& hub, const NetworkNamespace& machine,
                        const char* name, const char* address) {
  hub.Command(absl::StrCat("ip link add name ", name, " type veth peer name eth0 netns ",
                           machine.path(), " && ip link set dev ", name, " master br0 up"));
  machine.Command(absl::StrCat("ip addr add ", address, " dev eth0 && ip link set eth0 up"));
}

void SmallCluster::RouteToOwner() {
  owner.RouteTo("172.30.0.2", kInternalPort, TargetKind::kLocal);
  forwarder.RouteTo("192.0.2.3", kExternalPort, TargetKind::kRemote);
}

}  // namespace drover::proxy
