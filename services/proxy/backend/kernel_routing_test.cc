// Real packets through the real kernel.
#include <gtest/gtest.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <future>
#include <iostream>
#include <memory>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "services/common/file/durable_file.h"
#include "services/proxy/backend/conntrack_connection_table.h"
#include "services/proxy/backend/linux_forwarding.h"
#include "services/proxy/backend/network_namespace.h"
#include "services/proxy/backend/small_cluster.h"
#include "services/proxy/domain/port.h"

namespace drover::proxy {
namespace {

constexpr int kPatienceMilliseconds = 5000;
constexpr int kShortMilliseconds = 300;

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

// How many packets the machine was to forward whose TTL was at its end.
int TtlsThatRanOut(const NetworkNamespace& machine) {
  std::string text;
  machine.Run([&] { text = ReadFile("/proc/thread-self/net/snmp").value(); });
  // Two lines: what they are called, and how many there are.
  std::vector<std::string> names, counts;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (!absl::StartsWith(line, "Icmp: ")) continue;
    (names.empty() ? names : counts) = absl::StrSplit(line, ' ');
  }
  const auto name = std::find(names.begin(), names.end(), "OutTimeExcds");
  int count = 0;
  EXPECT_TRUE(absl::SimpleAtoi(counts.at(name - names.begin()), &count));
  return count;
}

// So many are open at a port of the machine.
int EstablishedConnections(const NetworkNamespace& machine, int port) {
  std::string text;
  machine.Run([&] { text = ReadFile("/proc/thread-self/net/tcp").value(); });
  const std::string local = absl::StrFormat(":%04X", port);
  int count = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
    if (words.size() > 3 && absl::EndsWith(words[1], local) && words[3] == "01") ++count;
  }
  return count;
}

// A client that has connected to the external port, and waits.
class WaitingClient {
 public:
  // From `own_port`; 0 = any.
  WaitingClient(const NetworkNamespace& from, const char* address, int own_port = 0) {
    from.Run([&] {
      fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      const int on = 1;
      setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
      sockaddr_in own = SocketAddress("0.0.0.0", own_port);
      ASSERT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&own), sizeof(own)), 0);
      const timeval patience = {.tv_sec = kPatienceMilliseconds / 1000};
      setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
      setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
      sockaddr_in to = SocketAddress(address, kExternalPort);
      connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof(to)) == 0;
    });
  }
  ~WaitingClient() { close(fd_); }

  bool connected() const { return connected_; }
  void Send(const std::string& text) const {
    EXPECT_EQ(send(fd_, text.data(), text.size(), MSG_NOSIGNAL), ssize_t(text.size()));
  }
  std::string Answer() const {
    char buffer[100];
    const ssize_t size = read(fd_, buffer, sizeof(buffer));
    return size > 0 ? std::string(buffer, size) : "none";
  }

 private:
  int fd_ = -1;
  bool connected_ = false;
};

// An application that accepts nothing, with a full queue. What it has is reset at its end.
class FullListener {
 public:
  explicit FullListener(const NetworkNamespace& machine) {
    machine.Run([&] {
      listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      sockaddr_in address = SocketAddress("0.0.0.0", kInternalPort);
      ASSERT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
      ASSERT_EQ(listen(listener_, 0), 0);
      filler_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      sockaddr_in own = SocketAddress("127.0.0.1", kInternalPort);
      ASSERT_EQ(connect(filler_, reinterpret_cast<sockaddr*>(&own), sizeof(own)), 0);
    });
  }
  ~FullListener() {
    close(filler_);
    close(listener_);
  }

  // Until so many SYNs were dropped.
  void AwaitDropped(uint32_t count) const {
    uint32_t memory[SK_MEMINFO_VARS] = {};
    socklen_t size = sizeof(memory);
    do {
      ASSERT_EQ(getsockopt(listener_, SOL_SOCKET, SO_MEMINFO, memory, &size), 0);
    } while (memory[SK_MEMINFO_DROPS] < count);
  }

 private:
  int listener_ = -1;
  int filler_ = -1;
};

class KernelRoutingTest : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root: network namespaces and nf_tables";
    cluster_ = std::make_unique<SmallCluster>();
    client_ = &cluster_->client;
    forwarder_ = &cluster_->forwarder;
    owner_ = &cluster_->owner;
    container_ = &cluster_->container;
    neighbour_ = &cluster_->neighbour;
  }

  void RouteToOwner() { cluster_->RouteToOwner(); }

  std::unique_ptr<SmallCluster> cluster_;
  NetworkNamespace* client_ = nullptr;
  Node* forwarder_ = nullptr;
  Node* owner_ = nullptr;
  NetworkNamespace* container_ = nullptr;
  NetworkNamespace* neighbour_ = nullptr;
};

TEST_F(KernelRoutingTest, ThePortAnswersEverywhere) {
  GreetingServer server(*container_, "one");
  RouteToOwner();
  EXPECT_EQ(Ask(*client_, "192.0.2.2"), "one 192.0.2.2");
  EXPECT_EQ(Ask(*client_, "192.0.2.3"), "one 192.0.2.1");  // The owner keeps the client's address.
  for (const Node* node : {forwarder_, owner_}) {
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
  for (Node* node : {forwarder_, owner_}) {
    node->StartRelay();
    node->Hold();
  }
  std::vector<std::unique_ptr<WaitingClient>> waiting;
  for (const auto& [from, address] : kClients) {
    waiting.push_back(std::make_unique<WaitingClient>(from, address));
    EXPECT_TRUE(waiting.back()->connected()) << address;
  }
  GreetingServer server(*container_, "one");
  for (Node* node : {owner_, forwarder_}) node->Release();
  for (const auto& client : waiting) EXPECT_EQ(client->Answer().substr(0, 3), "one");
}

// Its client is told that it is broken, and may have sent its request again by another way since:
// carried out late, it would undo what came after that.
TEST_F(KernelRoutingTest, AHeldConnectionThatANodeOnItsWayForgotIsNotCarriedOut) {
  RouteToOwner();
  owner_->StartRelay();
  owner_->Hold();
  const WaitingClient client(*client_, "192.0.2.2");
  client.Send("a request");
  ASSERT_EQ(EstablishedConnections(owner_->machine, kRelayPort), 1);
  // As when the application's owner changes.
  forwarder_->machine.Run([&] {
    ConntrackConnectionTable connections;
    const auto elsewhere = connections.FindElsewhere({}).value();
    ASSERT_EQ(elsewhere.size(), 1u);
    EXPECT_EQ(connections.Forget(elsewhere), absl::OkStatus());
  });
  const absl::Time deadline = absl::Now() + absl::Milliseconds(kPatienceMilliseconds);
  while (EstablishedConnections(owner_->machine, kRelayPort) > 0) ASSERT_LT(absl::Now(), deadline);
  GreetingServer server(*container_, "one");
  owner_->Release();
  EXPECT_EQ(Ask(*client_, "192.0.2.3"), "one 192.0.2.1");
  EXPECT_EQ(server.answered(), 1);
}

// The application starts while its ports are held, and connects to itself before it is ready. Its
// neighbour waits.
TEST_F(KernelRoutingTest, AStartingAppReachesItselfThroughItsOwnHold) {
  GreetingServer server(*container_, "one");
  forwarder_->StartRelay();
  owner_->StartRelay();
  for (const char* setting : {"0", "1"}) {
    owner_->machine.Command(
        absl::StrCat("sysctl -q -w net.bridge.bridge-nf-call-iptables=", setting));
    // It comes from the other node, to which the routes still lead.
    owner_->RouteTo("192.0.2.2", kExternalPort, TargetKind::kRemote);
    owner_->Hold();
    owner_->relay->SetOwnPorts({{{Address("172.30.0.2"), kExternalPort}, kInternalPort}});
    EXPECT_EQ(Ask(*container_, "192.0.2.3"), "one 172.30.0.1") << setting;
    EXPECT_EQ(Ask(*container_, "172.30.0.1"), "one 172.30.0.1") << setting;
    const WaitingClient neighbour(*neighbour_, "192.0.2.3");
    EXPECT_TRUE(neighbour.connected());
    EXPECT_EQ(Ask(*neighbour_, "192.0.2.3", kShortMilliseconds), "no answer") << setting;
    RouteToOwner();
    owner_->Release();
    EXPECT_EQ(neighbour.Answer().substr(0, 3), "one") << setting;
  }
}

// An application that gets more than it accepts drops SYNs, and TCP repeats them a second later:
// then the application may be gone.
TEST_F(KernelRoutingTest, AnAttemptThatNobodyAnsweredIsHeldWhenItIsRepeated) {
  RouteToOwner();
  std::vector<std::future<std::unique_ptr<WaitingClient>>> clients;
  {
    const FullListener overloaded(*container_);
    for (const char* address : {"192.0.2.2", "192.0.2.3"}) {
      clients.push_back(std::async(std::launch::async, [&, address] {
        return std::make_unique<WaitingClient>(*client_, address);
      }));
    }
    overloaded.AwaitDropped(2);
    for (Node* node : {forwarder_, owner_}) {
      node->StartRelay();
      node->Hold();
      node->machine.Run([] {
        ConntrackConnectionTable connections;
        const auto unanswered = connections.FindUnanswered({kExternalPort}).value();
        EXPECT_GE(unanswered.size(), 1u);
        EXPECT_EQ(connections.Forget(unanswered), absl::OkStatus());
      });
    }
  }
  for (auto& client : clients) EXPECT_TRUE(client.get()->connected());
}

// What the relay has of the first connection, its own end in TIME_WAIT, is not in the way.
TEST_F(KernelRoutingTest, AClientIsHeldAgainFromTheSamePort) {
  constexpr int kOwnPort = 40000;
  GreetingServer server(*container_, "one");
  RouteToOwner();
  forwarder_->StartRelay();
  for (const NetworkNamespace* from : {client_, &forwarder_->machine}) {
    for (int i = 0; i < 2; ++i) {
      forwarder_->Hold();
      const WaitingClient client(*from, "192.0.2.2", kOwnPort);
      EXPECT_TRUE(client.connected());
      forwarder_->Release();
      EXPECT_EQ(client.Answer().substr(0, 3), "one");
      EXPECT_EQ(client.Answer(), "none");  // The server's end of it.
    }
  }
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

// Each relay makes a connection of its own, which begins with a TTL of its own. The relays are not
// told of the hold, as after a restart.
class CircleTest : public KernelRoutingTest {
 protected:
  // `relaying` and `other` lead to each other until a connection has gone round for long enough.
  void Circle(Node& relaying, const char* address, Node& other, const char* other_address) {
    relaying.RouteTo(other_address, kExternalPort, TargetKind::kRemote);
    other.RouteTo(address, kExternalPort, TargetKind::kRemote);
    relaying.StartRelay();
    ASSERT_EQ(relaying.table->Hold({kExternalPort}, absl::Minutes(1)), absl::OkStatus());
    WaitingClient client(*client_, address);
    EXPECT_TRUE(client.connected());
    const absl::Time deadline = absl::Now() + absl::Milliseconds(kPatienceMilliseconds);
    while (TtlsThatRanOut(other.machine) == 0) ASSERT_LT(absl::Now(), deadline);
    GreetingServer server(*container_, "one");
    RouteToOwner();
    EXPECT_EQ(client.Answer().substr(0, 3), "one");
  }
};

TEST_F(CircleTest, EndsAtTheOwner) { Circle(*owner_, "192.0.2.3", *forwarder_, "192.0.2.2"); }

// From where it is one hop more.
TEST_F(CircleTest, EndsAtTheForwarder) { Circle(*forwarder_, "192.0.2.2", *owner_, "192.0.2.3"); }

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
    EXPECT_EQ(connections.FindElsewhere(owner_->table->ReadRoutes()->targets).value().size(), 0u);
    const auto elsewhere = connections.FindElsewhere({}).value();
    EXPECT_EQ(elsewhere.size(), 1u);
    EXPECT_EQ(connections.Forget(elsewhere), absl::OkStatus());
    EXPECT_EQ(connections.FindElsewhere({}).value().size(), 0u);
    EXPECT_EQ(connections.Forget(elsewhere), absl::OkStatus());  // It is over.
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
    EXPECT_EQ(LinuxForwarding().Enable().status(), absl::OkStatus());
    EXPECT_EQ(LinuxForwarding().Enable().status(), absl::OkStatus());
  });
  EXPECT_EQ(Ask(*client_, "192.0.2.2"), "one 192.0.2.2");
  machine.Run([] { EXPECT_EQ(LinuxForwarding().Disable(), absl::OkStatus()); });
  ASSERT_EQ(forwarder_->table->Remove(), absl::OkStatus());
  machine.Command("iptables-save > after && nft list table ip theirs >> after");
  machine.Command("sed -i '/^#/d; s/\\[.*\\]//' before after && diff before after");
}

KernelRoutes WithTenThousandMore(KernelRoutes routes, const char* address, TargetKind kind) {
  for (int port = 10000; port < 20000; ++port) {
    routes.targets[port] = {Address(address), port};
    routes.kinds[port] = kind;
  }
  return routes;
}

// Of connections made one after the other.
absl::Duration MedianOfConnections(const NetworkNamespace& from, const char* address) {
  constexpr int kConnections = 500;
  std::vector<absl::Duration> times;
  from.Run([&] {
    for (int i = 0; i < kConnections; ++i) {
      const absl::Time start = absl::Now();
      const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      sockaddr_in to = SocketAddress(address, kExternalPort);
      ASSERT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof(to)), 0);
      char greeting[100];
      ASSERT_GT(read(fd, greeting, sizeof(greeting)), 0);
      times.push_back(absl::Now() - start);
      close(fd);
    }
  });
  std::nth_element(times.begin(), times.begin() + kConnections / 2, times.end());
  return times[kConnections / 2];
}

// Of new connections, since only their first packet looks a route up.
TEST_F(KernelRoutingTest, APacketCostsTheSameAmongTenThousandRoutes) {
  GreetingServer server(*container_, "one");
  RouteToOwner();
  const KernelRoutes of_owner = owner_->table->ReadRoutes().value();
  const KernelRoutes of_forwarder = forwarder_->table->ReadRoutes().value();
  std::vector<double> ratios;
  for (int round = 0; round < 5; ++round) {
    owner_->Set(of_owner);
    forwarder_->Set(of_forwarder);
    const absl::Duration one = MedianOfConnections(*client_, "192.0.2.2");
    owner_->Set(WithTenThousandMore(of_owner, "172.30.0.2", TargetKind::kLocal));
    forwarder_->Set(WithTenThousandMore(of_forwarder, "192.0.2.3", TargetKind::kRemote));
    const absl::Duration many = MedianOfConnections(*client_, "192.0.2.2");
    ratios.push_back(absl::FDivDuration(many, one));
    std::cout << "1 route: " << one << ", 10,001 routes: " << many << "\n";
  }
  std::sort(ratios.begin(), ratios.end());
  RecordProperty("ratio", absl::StrCat(ratios[2]));
  // A machine that others use is noisy; a walk through the routes would be a hundred times that.
  EXPECT_LT(ratios[2], 1.3);
}

}  // namespace
}  // namespace drover::proxy
