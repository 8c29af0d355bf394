// An application goes from node to node and back, twenty times, under thousands of short
// connections a second through every way there is to it: nobody is refused, reset or forgotten.
#include <gtest/gtest.h>
#include <unistd.h>

#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "services/proxy/backend/conntrack_connection_table.h"
#include "services/proxy/backend/load_client.h"
#include "services/proxy/backend/network_namespace.h"
#include "services/proxy/backend/small_cluster.h"

namespace drover::proxy {
namespace {

constexpr int kMoves = 20;
constexpr int kPerSecond = 800;  // Of each client.
constexpr int kWaiting = 40;     // On each node, before the application is back.
constexpr int kAnswers = 100;    // To each client, before it goes again.
constexpr absl::Duration kPatience = absl::Seconds(30);

class HoldLoadTest : public testing::Test {
 protected:
  // Where the application can be.
  struct Place {
    Node* node;
    const char* node_address;
    const NetworkNamespace* container;
    const char* container_address;
  };

  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root: network namespaces and nf_tables";
    cluster_ = std::make_unique<SmallCluster>();
    other_container_ = std::make_unique<NetworkNamespace>();
    cluster_->forwarder.machine.Command(
        "ip link add br0 type bridge && ip link set br0 up && ip addr add 172.31.0.1/24 dev br0");
    SmallCluster::Plug(cluster_->forwarder.machine, *other_container_, "to-container",
                       "172.31.0.2/24");
    other_container_->Command("ip route add default via 172.31.0.1");
    places_ = {{&cluster_->owner, "192.0.2.3", &cluster_->container, "172.30.0.2"},
               {&cluster_->forwarder, "192.0.2.2", other_container_.get(), "172.31.0.2"}};
    for (const Place& place : places_) place.node->StartRelay();
  }

  void RouteTo(const Place& owner) {
    for (const Place& place : places_) {
      if (place.node == owner.node) {
        place.node->RouteTo(owner.container_address, kInternalPort, TargetKind::kLocal);
      } else {
        place.node->RouteTo(owner.node_address, kExternalPort, TargetKind::kRemote);
      }
    }
  }

  // What RouteDriver does soon after a hold.
  void ForgetUnanswered() {
    for (const Place& place : places_) {
      place.node->machine.Run([] {
        ConntrackConnectionTable connections;
        EXPECT_TRUE(connections.Forget(connections.FindUnanswered({kExternalPort}).value()).ok());
      });
    }
  }
  // And soon after a change of routes.
  void ForgetStale() {
    for (const Place& place : places_) {
      const KernelRoutes routes = place.node->table->ReadRoutes().value();
      place.node->machine.Run([&] {
        ConntrackConnectionTable connections;
        EXPECT_TRUE(connections.Forget(connections.FindElsewhere(routes.targets).value()).ok());
      });
    }
  }

  // Until it has answered all that reached it before the hold: what an application that is stopped
  // has accepted is reset, held or not, as at any restart.
  static void AwaitQuiet(const GreetingServer& server) {
    int64_t answered = -1;
    while (answered != server.answered() || server.queued() > 0) {
      answered = server.answered();
      absl::SleepFor(absl::Milliseconds(200));
    }
  }

  void AwaitWaiting() const {
    for (const Place& place : places_) {
      while (place.node->relay->counters().waiting < kWaiting) std::this_thread::yield();
    }
  }

  void StartClients() {
    const struct {
      const NetworkNamespace& from;
      const char* address;
    } kClients[] = {{cluster_->client, "192.0.2.2"},
                    {cluster_->client, "192.0.2.3"},
                    {cluster_->neighbour, "192.0.2.3"},
                    {cluster_->owner.machine, "127.0.0.1"},
                    {cluster_->forwarder.machine, "127.0.0.1"}};
    for (const auto& [from, address] : kClients) {
      clients_.push_back(std::make_unique<LoadClient>(from, address, kPerSecond));
    }
  }

  void AwaitAnswers() const {
    for (const auto& client : clients_) {
      const int64_t wanted = client->answered() + kAnswers;
      while (client->answered() < wanted) std::this_thread::yield();
    }
  }

  std::unique_ptr<SmallCluster> cluster_;
  std::unique_ptr<NetworkNamespace> other_container_;
  std::vector<Place> places_;
  std::vector<std::unique_ptr<LoadClient>> clients_;
};

TEST_F(HoldLoadTest, NobodyIsRefusedWhileTheApplicationMoves) {
  auto server = std::make_unique<GreetingServer>(*places_[0].container, "here");
  RouteTo(places_[0]);
  const absl::Time start = absl::Now();
  StartClients();
  AwaitAnswers();
  for (int move = 1; move <= kMoves; ++move) {
    const Place& source = places_[(move + 1) % 2];
    const Place& destination = places_[move % 2];
    // In the order of RouteKeeper: where the ports lead to comes last. What the other node has sent
    // on by then would be held there, and forgotten by that node with its change of routes.
    destination.node->Hold();
    source.node->Hold();
    AwaitQuiet(*server);
    ForgetUnanswered();
    server.reset();
    AwaitWaiting();
    server = std::make_unique<GreetingServer>(*destination.container, "here");
    RouteTo(destination);
    destination.node->Release();
    source.node->Release();
    ForgetStale();
    AwaitAnswers();
  }
  int64_t answered = 0;
  int64_t held = 0;
  absl::Duration longest;
  for (const auto& client : clients_) {
    const LoadClient::Result result = client->Finish(kPatience);
    EXPECT_EQ(result.refused, 0);
    EXPECT_EQ(result.reset, 0);
    EXPECT_EQ(result.empty, 0);
    EXPECT_EQ(result.lost, 0);
    answered += result.answered;
    longest = std::max(longest, result.longest);
  }
  for (const Place& place : places_) held += place.node->relay->counters().held;
  std::cout << answered << " connections, " << answered / absl::ToDoubleSeconds(absl::Now() - start)
            << " a second, " << held << " held; the longest took " << longest << "\n";
  EXPECT_GE(held, 2 * kMoves * kWaiting);
}

}  // namespace
}  // namespace drover::proxy
