// Real packets through the real kernel: a client, a node that forwards, the owner, and a container
// behind the owner's bridge, each a network namespace.
//
//   client .1 ──┐
//   forwarder .2 ├─ switch, 192.0.2.0/24        owner: br0 172.30.0.1 ── container 172.30.0.2
//   owner .3 ───┘
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <memory>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/proxy/backend/connection_mark.h"
#include "services/proxy/backend/conntrack_connection_table.h"
#include "services/proxy/backend/linux_forwarding.h"
#include "services/proxy/backend/network_namespace.h"
#include "services/proxy/backend/nftables_table.h"
#include "services/proxy/backend/splice_relay.h"
#include "services/proxy/domain/port.h"

namespace drover::proxy {
namespace {

constexpr int kExternalPort = 6379;
constexpr int kInternalPort = 6380;
constexpr int kPatienceMilliseconds = 5000;
constexpr int kShortMilliseconds = 300;

Ipv4Address Address(const char* text) { return Ipv4Address::Parse(text).value(); }

sockaddr_in SocketAddress(const char* address, int port) {
  return {.sin_family = AF_INET,
          .sin_port = htons(static_cast<uint16_t>(port)),
          .sin_addr = {htonl(Address(address).bits())}};
}

// Answers every connection with its greeting and the client's address as it sees it:
// "one 192.0.2.1". Ends with the object.
class GreetingServer {
 public:
  GreetingServer(const NetworkNamespace& machine, std::string greeting) {
    machine.Run([&] {
      listener_ = socket(AF_INET, SOCK_STREAM, 0);
      sockaddr_in address = SocketAddress("0.0.0.0", kInternalPort);
      ASSERT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
      ASSERT_EQ(listen(listener_, 16), 0);
    });
    thread_ = std::thread([this, greeting = std::move(greeting)] { Serve(greeting); });
  }
  ~GreetingServer() {
    shutdown(listener_, SHUT_RDWR);  // Wakes accept.
    thread_.join();
    close(listener_);
  }

 private:
  void Serve(const std::string& greeting) {
    while (true) {
      sockaddr_in peer;
      socklen_t size = sizeof(peer);
      const int connection = accept(listener_, reinterpret_cast<sockaddr*>(&peer), &size);
      if (connection < 0) return;
      const std::string answer =
          absl::StrCat(greeting, " ", Ipv4Address(ntohl(peer.sin_addr.s_addr)).ToString());
      EXPECT_EQ(send(connection, answer.data(), answer.size(), MSG_NOSIGNAL),
                static_cast<ssize_t>(answer.size()));
      close(connection);
    }
  }

  int listener_ = -1;
  std::thread thread_;
};

// What the server at `address` says; "refused" or "no answer" if it says nothing.
std::string Ask(const NetworkNamespace& from, const char* address,
                int patience_milliseconds = kPatienceMilliseconds, int port = kExternalPort) {
  std::string answer = "no answer";
  from.Run([&] {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    sockaddr_in to = SocketAddress(address, port);
    connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof(to));
    pollfd readable = {.fd = fd, .events = POLLIN};
    if (poll(&readable, 1, patience_milliseconds) == 1) {
      char buffer[100];
      const ssize_t size = read(fd, buffer, sizeof(buffer));
      answer = size > 0 ? std::string(buffer, size) : "refused";
    }
    close(fd);
  });
  return answer;
}

// A client that has connected to the external port, and waits.
class WaitingClient {
 public:
  WaitingClient(const NetworkNamespace& from, const char* address) {
    from.Run([&] {
      fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      const timeval patience = {.tv_sec = kPatienceMilliseconds / 1000};
      setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
      setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
      sockaddr_in to = SocketAddress(address, kExternalPort);
      connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof(to)) == 0;
    });
  }
  ~WaitingClient() { close(fd_); }

  bool connected() const { return connected_; }
  std::string Answer() const {
    char buffer[100];
    const ssize_t size = read(fd_, buffer, sizeof(buffer));
    return size > 0 ? std::string(buffer, size) : "none";
  }

 private:
  int fd_ = -1;
  bool connected_ = false;
};

// A machine with a routing table of ours.
struct Node {
  Node() {
    machine.Run([this] {
      EXPECT_EQ(LinuxForwarding().Enable(), absl::OkStatus());
      table = NftablesTable::Create().value();
    });
    EXPECT_EQ(table->Ensure(), absl::OkStatus());
  }

  void Set(const KernelRoutes& wanted) {
    EXPECT_EQ(table->Apply(Difference(table->ReadRoutes().value(), wanted)), absl::OkStatus());
  }
  void RouteTo(const char* address, int port, TargetKind kind) {
    Set({{{kExternalPort, {Address(address), port}}}, {{kExternalPort, kind}}, {}});
  }

  void StartRelay() {
    machine.Run([this] {
      relay =
          SpliceRelay::Start({.listen_port = kRelayPort, .socket_mark = kRelaySocketMark}).value();
    });
  }
  void Hold() {
    relay->Hold({kExternalPort});
    EXPECT_EQ(table->Hold({kExternalPort}, absl::Minutes(1)), absl::OkStatus());
  }
  void Release() {
    EXPECT_EQ(table->Release({kExternalPort}), absl::OkStatus());
    relay->Release({kExternalPort});
  }

  NetworkNamespace machine;
  std::unique_ptr<NftablesTable> table;
  std::unique_ptr<SpliceRelay> relay;
};

class KernelRoutingTest : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root: network namespaces and nf_tables";
    setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);  // Bazel leaves the sbin folders out.
    network_ = std::make_unique<NetworkNamespace>();
    client_ = std::make_unique<NetworkNamespace>();
    forwarder_ = std::make_unique<Node>();
    owner_ = std::make_unique<Node>();
    container_ = std::make_unique<NetworkNamespace>();
    neighbour_ = std::make_unique<NetworkNamespace>();
    network_->Command("ip link add br0 type bridge && ip link set br0 up");
    Plug(*network_, *client_, "to-client", "192.0.2.1/24");
    Plug(*network_, forwarder_->machine, "to-forwarder", "192.0.2.2/24");
    Plug(*network_, owner_->machine, "to-owner", "192.0.2.3/24");
    owner_->machine.Command(
        "ip link add br0 type bridge && ip link set br0 up && ip addr add 172.30.0.1/24 dev br0");
    Plug(owner_->machine, *container_, "to-container", "172.30.0.2/24");
    Plug(owner_->machine, *neighbour_, "to-neighbour", "172.30.0.3/24");
    container_->Command("ip route add default via 172.30.0.1");
    neighbour_->Command("ip route add default via 172.30.0.1");
  }

  // A cable from the bridge of `hub` to `machine`, which gets `address`.
  static void Plug(const NetworkNamespace& hub, const NetworkNamespace& machine, const char* name,
                   const char* address) {
    hub.Command(absl::StrCat("ip link add name ", name, " type veth peer name eth0 netns ",
                             machine.path(), " && ip link set dev ", name, " master br0 up"));
    machine.Command(absl::StrCat("ip addr add ", address, " dev eth0 && ip link set eth0 up"));
  }

  void RouteToOwner() {
    owner_->RouteTo("172.30.0.2", kInternalPort, TargetKind::kLocal);
    forwarder_->RouteTo("192.0.2.3", kExternalPort, TargetKind::kRemote);
  }

  std::unique_ptr<NetworkNamespace> network_;
  std::unique_ptr<NetworkNamespace> client_;
  std::unique_ptr<Node> forwarder_;
  std::unique_ptr<Node> owner_;
  std::unique_ptr<NetworkNamespace> container_;
  std::unique_ptr<NetworkNamespace> neighbour_;
};

TEST_F(KernelRoutingTest, ThePortAnswersEverywhere) {
  GreetingServer server(*container_, "one");
  RouteToOwner();
  EXPECT_EQ(Ask(*client_, "192.0.2.2"), "one 192.0.2.2");
  EXPECT_EQ(Ask(*client_, "192.0.2.3"), "one 192.0.2.1");  // The owner keeps the client's address.
  for (const Node* node : {forwarder_.get(), owner_.get()}) {
    EXPECT_EQ(Ask(node->machine, "127.0.0.1").substr(0, 3), "one");
    EXPECT_EQ(Ask(node->machine, "192.0.2.2").substr(0, 3), "one");
    EXPECT_EQ(Ask(node->machine, "192.0.2.3").substr(0, 3), "one");
  }
}

TEST_F(KernelRoutingTest, ALinkedContainerReachesItThroughItsOwnNode) {
  GreetingServer server(*container_, "one");
  RouteToOwner();
  EXPECT_EQ(Ask(*neighbour_, "192.0.2.3"), "one 172.30.0.1");
}

// With and without bridge-nf-call-iptables, which Docker sets: with it the translated packet stays
// on the bridge, whose port has to send it back (BridgePorts in the container service sees to
// that).
TEST_F(KernelRoutingTest, AnAppReachesItselfThroughItsOwnNode) {
  GreetingServer server(*container_, "one");
  RouteToOwner();
  owner_->machine.Command("bridge link set dev to-container hairpin on");
  for (const char* setting : {"0", "1"}) {
    owner_->machine.Command(
        absl::StrCat("sysctl -q -w net.bridge.bridge-nf-call-iptables=", setting));
    EXPECT_EQ(Ask(*container_, "192.0.2.3"), "one 172.30.0.1") << setting;
    EXPECT_EQ(Ask(*neighbour_, "192.0.2.3"), "one 172.30.0.1") << setting;
  }
}

TEST_F(KernelRoutingTest, NewConnectionsFollowAChangedRoute) {
  GreetingServer before(*container_, "one");
  GreetingServer after(*neighbour_, "two");
  RouteToOwner();
  ASSERT_EQ(Ask(*client_, "192.0.2.2"), "one 192.0.2.2");
  owner_->RouteTo("172.30.0.3", kInternalPort, TargetKind::kLocal);
  EXPECT_EQ(Ask(*client_, "192.0.2.2"), "two 192.0.2.2");
  EXPECT_EQ(Ask(*client_, "192.0.2.3"), "two 192.0.2.1");
}

TEST_F(KernelRoutingTest, AnAppThatMovedAnswersThroughBoth) {
  // Now the forwarder owns it: the server runs on that machine, at its own address.
  GreetingServer server(forwarder_->machine, "moved");
  RouteToOwner();
  forwarder_->RouteTo("192.0.2.2", kInternalPort, TargetKind::kLocal);
  owner_->RouteTo("192.0.2.2", kExternalPort, TargetKind::kRemote);
  EXPECT_EQ(Ask(*client_, "192.0.2.2").substr(0, 5), "moved");
  EXPECT_EQ(Ask(*client_, "192.0.2.3").substr(0, 5), "moved");
}

// The application is away for the whole time of the hold: nobody is refused, and everybody is
// answered after it.
TEST_F(KernelRoutingTest, HeldConnectionsAreAcceptedAndAnsweredAfterTheRelease) {
  RouteToOwner();
  const struct {
    const NetworkNamespace& from;
    const char* address;
  } kClients[] = {{*client_, "192.0.2.2"},
                  {*client_, "192.0.2.3"},
                  {forwarder_->machine, "127.0.0.1"},
                  {forwarder_->machine, "192.0.2.2"},
                  {owner_->machine, "192.0.2.3"},
                  {*neighbour_, "192.0.2.3"}};
  for (Node* node : {forwarder_.get(), owner_.get()}) {
    node->StartRelay();
    node->Hold();
  }
  std::vector<std::unique_ptr<WaitingClient>> waiting;
  for (const auto& [from, address] : kClients) {
    waiting.push_back(std::make_unique<WaitingClient>(from, address));
    EXPECT_TRUE(waiting.back()->connected()) << address;
  }
  GreetingServer server(*container_, "one");
  for (Node* node : {owner_.get(), forwarder_.get()}) node->Release();
  for (const auto& client : waiting) EXPECT_EQ(client->Answer().substr(0, 3), "one");
}

TEST_F(KernelRoutingTest, WhileTheRelayIsDeadNobodyIsRefused) {
  RouteToOwner();
  ASSERT_EQ(forwarder_->table->Hold({kExternalPort}, absl::Minutes(1)), absl::OkStatus());
  EXPECT_EQ(Ask(*client_, "192.0.2.2", kShortMilliseconds), "no answer");
  EXPECT_EQ(Ask(forwarder_->machine, "127.0.0.1", kShortMilliseconds), "no answer");
}

TEST_F(KernelRoutingTest, TheRelayIsReachedThroughAHoldOnly) {
  forwarder_->StartRelay();
  EXPECT_EQ(Ask(*client_, "192.0.2.2", kShortMilliseconds, kRelayPort), "no answer");
}

TEST_F(KernelRoutingTest, APortWithoutRouteIsRefused) {
  EXPECT_EQ(Ask(*client_, "192.0.2.2"), "refused");
}

TEST_F(KernelRoutingTest, TwoNodesThatDisagreeDoNotForwardForEver) {
  forwarder_->RouteTo("192.0.2.3", kExternalPort, TargetKind::kRemote);
  owner_->RouteTo("192.0.2.2", kExternalPort, TargetKind::kRemote);
  // No answer, and no storm: with a lowered TTL each SYN dies after a few rounds.
  EXPECT_NE(Ask(*client_, "192.0.2.2", kShortMilliseconds).substr(0, 3), "one");
}

TEST_F(KernelRoutingTest, LoopbackIsClosedToNeighbours) {
  GreetingServer server(*container_, "one");
  RouteToOwner();
  client_->Command("sysctl -q -w net.ipv4.conf.all.route_localnet=1");
  client_->Command("ip addr del 127.0.0.1/8 dev lo && ip route add 127.0.0.1/32 via 192.0.2.2");
  EXPECT_EQ(Ask(*client_, "127.0.0.1", kShortMilliseconds), "no answer");
}

TEST_F(KernelRoutingTest, ForgetsOnlyConnectionsToOtherTargets) {
  GreetingServer server(*container_, "one");
  RouteToOwner();
  ASSERT_EQ(Ask(*client_, "192.0.2.3"), "one 192.0.2.1");  // Over, so not counted below.
  const WaitingClient open(*client_, "192.0.2.3");
  ASSERT_EQ(open.Answer(), "one 192.0.2.1");
  owner_->machine.Run([&] {
    ConntrackConnectionTable connections;
    EXPECT_EQ(connections.Forget(owner_->table->ReadRoutes()->targets).value(), 0);
    EXPECT_EQ(connections.Forget({}).value(), 1);
    EXPECT_EQ(connections.Forget({}).value(), 0);
  });
}

TEST_F(KernelRoutingTest, OtherPeoplesTablesAreLeftAlone) {
  const NetworkNamespace& machine = forwarder_->machine;
  machine.Command(
      "iptables -N DOCKER-USER && iptables -A FORWARD -j DOCKER-USER && iptables -P FORWARD DROP");
  machine.Command("nft 'add table ip theirs; add chain ip theirs c; add rule ip theirs c drop'");
  machine.Command("iptables-save > before && nft list table ip theirs >> before");
  GreetingServer server(*container_, "one");
  RouteToOwner();
  EXPECT_EQ(Ask(*client_, "192.0.2.2", kShortMilliseconds), "no answer");  // Docker's policy.
  machine.Run([] {
    EXPECT_EQ(LinuxForwarding().Enable(), absl::OkStatus());
    EXPECT_EQ(LinuxForwarding().Enable(), absl::OkStatus());
  });
  EXPECT_EQ(Ask(*client_, "192.0.2.2"), "one 192.0.2.2");
  machine.Run([] { EXPECT_EQ(LinuxForwarding().Disable(), absl::OkStatus()); });
  ASSERT_EQ(forwarder_->table->Remove(), absl::OkStatus());
  machine.Command("iptables-save > after && nft list table ip theirs >> after");
  machine.Command("sed -i '/^#/d; s/\\[.*\\]//' before after && diff before after");
}

TEST_F(KernelRoutingTest, TenThousandRoutesChangeInNoTime) {
  KernelRoutes many;
  for (int port = 10000; port < 20000; ++port) {
    many.targets[port] = {Address("172.30.0.2"), port};
    many.kinds[port] = TargetKind::kLocal;
  }
  const absl::Time start = absl::Now();
  owner_->Set(many);
  const absl::Time applied = absl::Now();
  KernelRoutes changed = many;
  changed.targets[15000].port = 1;
  ASSERT_EQ(owner_->table->Apply(Difference(many, changed)), absl::OkStatus());
  const absl::Duration change = absl::Now() - applied;
  EXPECT_EQ(owner_->table->ReadRoutes().value(), changed);
  RecordProperty("apply_10000", absl::FormatDuration(applied - start));
  RecordProperty("change_one", absl::FormatDuration(change));
  std::cout << "10,000 routes: " << applied - start << "; one of them changed: " << change << "\n";
  EXPECT_LT(change, absl::Seconds(2));
}

}  // namespace
}  // namespace drover::proxy
