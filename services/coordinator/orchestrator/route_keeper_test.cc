#include "services/coordinator/orchestrator/route_keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/detached.hpp>

#include "services/common/status/reason.h"
#include "services/coordinator/orchestrator/testing/fake_cluster.h"

namespace drover::coordinator {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// Two nodes, and a table of no routes.
class RouteKeeperTest : public ::testing::Test {
 protected:
  RouteKeeperTest() {
    cluster_.RegisterNodes();
    EXPECT_EQ(ChangeNothing(), absl::OkStatus());
  }

  absl::Status ChangeNothing() {
    return cluster_.Run(routes().Change(Change())).value_or(absl::AbortedError("crashed"));
  }
  void Do(Task<void> task) {
    auto run = [](Task<void> task) -> Task<bool> {
      co_await std::move(task);
      co_return true;
    };
    cluster_.Run(run(std::move(task)));
  }
  static int CountOf(const FakeNode& node, const std::string& call) {
    return std::count(node.calls.begin(), node.calls.end(), call);
  }
  // redis-example leads to `node`.
  absl::Status RouteTo(const std::string& node) {
    ApplicationRecord record;
    record.name = ApplicationName("redis-example");
    record.spec.ports = {{6379, 6379}};
    record.route = RouteTarget{NodeName(node), ContainerId("c")};
    return Route(record);
  }
  absl::Status Route(ApplicationRecord record) {
    Change change;
    change.applications.push_back(std::move(record));
    return cluster_.Run(routes().Change(std::move(change))).value_or(absl::AbortedError("crashed"));
  }
  RouteKeeper& routes() { return cluster_.orchestrator->routes; }

  FakeCluster cluster_;
};

TEST_F(RouteKeeperTest, ANodeThatDoesNotAnswerRefusesNothing) {
  cluster_.node2.before = [](const std::string&) { return absl::UnavailableError("gone"); };
  EXPECT_EQ(ChangeNothing(), absl::OkStatus());
}

TEST_F(RouteKeeperTest, EachNodeThatRefusesIsNamed) {
  cluster_.node1.before = [](const std::string&) {
    return StatusWithReason(absl::StatusCode::kUnavailable, "KERNEL", "the kernel said no");
  };
  cluster_.node2.before = [](const std::string&) { return absl::InvalidArgumentError("`x`?"); };
  EXPECT_EQ(ChangeNothing().message(),
            "node1 refused its routes: the kernel said no; node2 refused its routes: `x`?");
}

TEST_F(RouteKeeperTest, ANodeThatHasTheLastTableIsToldTheChange) {
  const int whole = CountOf(cluster_.node1, "ApplyRoutes");
  ASSERT_EQ(RouteTo("node1"), absl::OkStatus());
  ASSERT_EQ(RouteTo("node2"), absl::OkStatus());
  ASSERT_EQ(ChangeNothing(), absl::OkStatus());
  for (FakeNode* node : {&cluster_.node1, &cluster_.node2}) {
    EXPECT_EQ(CountOf(*node, "ApplyRoutes"), whole);
    EXPECT_EQ(CountOf(*node, "ChangeRoutes"), 3);
    EXPECT_EQ(node->routes.revision(), cluster_.journal->route_revision());
    ASSERT_EQ(node->routes.routes_size(), 1);
  }
  EXPECT_EQ(cluster_.node1.routes.routes(0).remote().address(), "192.0.2.2");
  EXPECT_EQ(cluster_.node2.routes.routes(0).local().internal_port(), 6379);
  ApplicationRecord stopped;
  stopped.name = ApplicationName("redis-example");
  stopped.spec.ports = {{6379, 6379}};
  ASSERT_EQ(Route(stopped), absl::OkStatus());
  EXPECT_EQ(cluster_.node1.routes.routes_size(), 0);
}

TEST_F(RouteKeeperTest, ANodeThatHasAnotherTableGetsTheWhole) {
  ASSERT_EQ(RouteTo("node1"), absl::OkStatus());
  const int whole = CountOf(cluster_.node2, "ApplyRoutes");
  cluster_.node2.routes = proxy::v1::ApplyRoutesRequest();  // Its disk was restored from before.
  ASSERT_EQ(ChangeNothing(), absl::OkStatus());
  EXPECT_EQ(CountOf(cluster_.node2, "ApplyRoutes"), whole + 1);
  EXPECT_EQ(cluster_.node2.routes.revision(), cluster_.journal->route_revision());
  EXPECT_EQ(cluster_.node2.routes.routes_size(), 1);
}

TEST_F(RouteKeeperTest, ANodeThatMissedAChangeGetsTheWhole) {
  cluster_.node2.before = [](const std::string&) { return absl::UnavailableError("gone"); };
  ASSERT_EQ(RouteTo("node1"), absl::OkStatus());
  cluster_.node2.before = nullptr;
  const int whole = CountOf(cluster_.node2, "ApplyRoutes");
  ASSERT_EQ(RouteTo("node2"), absl::OkStatus());
  EXPECT_EQ(CountOf(cluster_.node2, "ApplyRoutes"), whole + 1);
  EXPECT_EQ(cluster_.node2.routes.revision(), cluster_.journal->route_revision());
}

TEST_F(RouteKeeperTest, ANewAddressOfANodeIsToldToAll) {
  ASSERT_EQ(RouteTo("node1"), absl::OkStatus());
  cluster_.hosts.known["192.0.2.1"] = {"198.51.100.1"};
  ASSERT_EQ(ChangeNothing(), absl::OkStatus());
  EXPECT_EQ(cluster_.node2.routes.routes(0).remote().address(), "198.51.100.1");
}

TEST_F(RouteKeeperTest, ChangesThatOverlapReachTheNodes) {
  ASSERT_EQ(RouteTo("node1"), absl::OkStatus());
  // While the nodes are told of one change the next is made.
  cluster_.node1.after = [this, first = true](const std::string& call) mutable {
    if (call == "ChangeRoutes" && std::exchange(first, false)) {
      boost::asio::co_spawn(cluster_.executor(), routes().Change(Change()), boost::asio::detached);
    }
    return absl::OkStatus();
  };
  ASSERT_EQ(RouteTo("node2"), absl::OkStatus());
  ASSERT_EQ(ChangeNothing(), absl::OkStatus());
  EXPECT_EQ(cluster_.node1.routes.revision(), cluster_.journal->route_revision());
  EXPECT_EQ(cluster_.node1.routes.routes(0).remote().node(), "node2");
}

TEST_F(RouteKeeperTest, APushThatANewerOneOvertookHasSucceeded) {
  cluster_.node2.before = [this](const std::string&) {
    // The newer table came first; this is the answer to the older one.
    cluster_.journal->RaiseRouteRevision(cluster_.journal->route_revision() + 1);
    return StatusWithReason(absl::StatusCode::kFailedPrecondition, "STALE_REVISION", "older");
  };
  EXPECT_EQ(ChangeNothing(), absl::OkStatus());
}

TEST_F(RouteKeeperTest, ANodeThatIsAheadOfTheJournalIsNoSuccess) {
  cluster_.node2.routes.set_revision(100);
  EXPECT_EQ(ReasonOf(ChangeNothing()), "STALE_REVISION");
}

TEST_F(RouteKeeperTest, ANodeThatKnowsANewerCoordinatorEndsThisOne) {
  cluster_.node2.before = [](const std::string&) {
    return StatusWithReason(absl::StatusCode::kFailedPrecondition, "STALE_EPOCH", "epoch 9");
  };
  (void)ChangeNothing();
  EXPECT_TRUE(cluster_.crashed());
}

TEST_F(RouteKeeperTest, AHoldIsRenewedForAsLongAsItLasts) {
  Do(routes().Hold("m1", {80}));
  Do(routes().RenewHolds());
  EXPECT_EQ(CountOf(cluster_.node1, "SetHold"), 1);
  // Longer in all than the nodes keep it by themselves.
  for (int i = 2; i < 8; ++i) {
    cluster_.clock.Advance(absl::Seconds(40));
    Do(routes().RenewHolds());
    EXPECT_EQ(CountOf(cluster_.node1, "SetHold"), i);
    EXPECT_EQ(CountOf(cluster_.node2, "SetHold"), i);
  }
  EXPECT_THAT(cluster_.node1.holds["m1"], ElementsAre(80));
  Do(routes().Release("m1"));
  cluster_.clock.Advance(absl::Seconds(40));
  Do(routes().RenewHolds());
  EXPECT_THAT(cluster_.node1.holds, IsEmpty());
}

// Its proxy was started anew: what it has taken over from the kernel ends soon.
TEST_F(RouteKeeperTest, AHoldThatANodeHasForgottenIsRestored) {
  Do(routes().Hold("m1", {80}));
  cluster_.node1.holds.clear();
  const auto node1 = [this] { return *cluster_.orchestrator->nodes.Find(NodeName("node1")); };
  Do(routes().RestoreHolds(node1(), {}));
  EXPECT_THAT(cluster_.node1.holds, IsEmpty());  // It may be on its way.
  cluster_.clock.Advance(absl::Seconds(2));
  Do(routes().RestoreHolds(node1(), {"m1", "other"}));
  EXPECT_EQ(CountOf(cluster_.node1, "SetHold"), 1);
  Do(routes().RestoreHolds(node1(), {"other"}));
  EXPECT_THAT(cluster_.node1.holds["m1"], ElementsAre(80));
  EXPECT_EQ(CountOf(cluster_.node2, "SetHold"), 1);

  cluster_.node1.holds.clear();
  cluster_.node1.after = [this, first = true](const std::string& call) mutable {
    if (call == "SetHold" && std::exchange(first, false)) {
      boost::asio::co_spawn(cluster_.executor(), routes().Release("m1"), boost::asio::detached);
    }
    return absl::OkStatus();
  };
  Do(routes().RestoreHolds(node1(), {}));
  EXPECT_THAT(cluster_.node1.holds, IsEmpty());
}

TEST_F(RouteKeeperTest, ARenewalDoesNotOutliveTheRelease) {
  Do(routes().Hold("m1", {80}));
  cluster_.clock.Advance(absl::Seconds(40));
  // The node hears of the renewal last.
  cluster_.node2.after = [this, first = true](const std::string& call) mutable {
    if (call == "SetHold" && std::exchange(first, false)) {
      boost::asio::co_spawn(cluster_.executor(), routes().Release("m1"), boost::asio::detached);
    }
    return absl::OkStatus();
  };
  Do(routes().RenewHolds());
  // Once by whoever released it, once since the renewal may have come later.
  EXPECT_EQ(CountOf(cluster_.node2, "ReleaseHold"), 2);
}

// A connection that node2 has sent on by then must not wait on node1: node2 forgets it when the
// application is node2's.
TEST_F(RouteKeeperTest, HoldsWhereThePortsLeadToLast) {
  for (const std::string owner : {"node1", "node2"}) {
    ASSERT_EQ(RouteTo(owner), absl::OkStatus());
    std::vector<std::string> held;
    for (FakeNode* node : {&cluster_.node1, &cluster_.node2}) {
      node->before = [&held, node](const std::string& call) {
        if (call == "SetHold") held.push_back(node->name);
        return absl::OkStatus();
      };
    }
    Do(routes().Hold("move", {6379}));
    EXPECT_THAT(held, ElementsAre(owner == "node1" ? "node2" : "node1", owner));
  }
}

}  // namespace
}  // namespace drover::coordinator
