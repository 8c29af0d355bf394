#include "services/proxy/driver/route_driver.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <filesystem>

#include "services/common/status/reason.h"
#include "services/common/time/clock.h"
#include "services/container/client/fake_container_client.h"
#include "services/proxy/backend/fake_connection_table.h"
#include "services/proxy/backend/fake_forwarding.h"
#include "services/proxy/backend/fake_kernel_table.h"
#include "services/proxy/backend/fake_listener_table.h"
#include "services/proxy/backend/fake_relay.h"
#include "services/proxy/backend/fake_route_store.h"

namespace drover::proxy {
namespace {

const Ipv4Address kNode2 = Ipv4Address::Parse("192.0.2.12").value();
const Ipv4Address kContainer = Ipv4Address::Parse("172.17.0.2").value();
const Fence kFence = {1, "nonce"};

Route Local(const char* container) {
  return {6379, ApplicationName("redis"), LocalTarget{6380, ContainerId(container)}};
}
Route Remote() { return {6379, ApplicationName("redis"), RemoteTarget{NodeName("n2"), kNode2}}; }
RouteTable Table(int64_t revision, std::vector<Route> routes) {
  return RouteTable::Create(revision, routes).value();
}
const Endpoint kLocalEndpoint = {kContainer, 6380};
const Endpoint kRemoteEndpoint = {kNode2, 6379};

class RouteDriverTest : public testing::Test {
 protected:
  RouteDriverTest() {
    containers_.on_list_containers = [this](const auto&) {
      return absl::StatusOr<container::v1::ListContainersResponse>(
          absl::UnavailableError("not yet"));
    };
    Restart();
  }

  // A new daemon on the same kernel and disk.
  void Restart() {
    driver_ = std::make_unique<RouteDriver>(RouteDriver::Deps{guard_, store_, kernel_, connections_,
                                                              forwarding_, listeners_, relay_,
                                                              containers_, pool_, clock_});
  }

  void ContainerServiceKnows(const char* id, Ipv4Address address) {
    container::v1::ListContainersResponse response;
    auto* container = response.add_containers();
    container->set_application("redis");
    container->set_container_id(id);
    container->set_address(address.ToString());
    containers_.on_list_containers = [response](const auto&) {
      return absl::StatusOr<container::v1::ListContainersResponse>(response);
    };
  }

  template <class T>
  T Run(Task<T> task) {
    auto future = boost::asio::co_spawn(io_, std::move(task), boost::asio::use_future);
    io_.restart();
    io_.run();
    return future.get();
  }

  KernelRoutes Routes() { return kernel_.ReadRoutes().value(); }

  static EpochGuard NewGuard() {
    const std::string path = testing::TempDir() + "/epoch";
    std::filesystem::remove(path);
    return EpochGuard::Open(path).value();
  }

  boost::asio::io_context io_;
  BlockingPool pool_{1};
  FakeClock clock_;
  EpochGuard guard_ = NewGuard();
  FakeRouteStore store_;
  FakeKernelTable kernel_{[this] { return clock_.Now(); }};
  FakeConnectionTable connections_;
  FakeForwarding forwarding_;
  FakeListenerTable listeners_;
  FakeRelay relay_;
  container::FakeContainerClient containers_;
  std::unique_ptr<RouteDriver> driver_;
};

TEST_F(RouteDriverTest, PutsARemoteRouteIntoKernelAndFile) {
  ASSERT_EQ(Run(driver_->Recover()), absl::OkStatus());
  ASSERT_EQ(Run(driver_->ApplyRoutes(kFence, Table(1, {Remote()}))), absl::OkStatus());
  EXPECT_EQ(Routes().targets[6379], kRemoteEndpoint);
  EXPECT_EQ(store_.table.revision(), 1);
  EXPECT_EQ(Run(driver_->GetRoutes())->table, Table(1, {Remote()}));
  EXPECT_EQ(forwarding_.enabled, 1);
}

TEST_F(RouteDriverTest, RefusesAnOlderCoordinatorAndAnOlderRevision) {
  ASSERT_EQ(Run(driver_->Recover()), absl::OkStatus());
  ASSERT_EQ(Run(driver_->ApplyRoutes({2, "b"}, Table(5, {Remote()}))), absl::OkStatus());
  EXPECT_EQ(ReasonOf(Run(driver_->ApplyRoutes({1, "a"}, Table(6, {})))), "STALE_EPOCH");
  EXPECT_EQ(ReasonOf(Run(driver_->SetHold({1, "a"}, "m1", {80}, absl::Seconds(9)))), "STALE_EPOCH");
  EXPECT_EQ(ReasonOf(Run(driver_->ReleaseHold({1, "a"}, "m1"))), "STALE_EPOCH");
  EXPECT_EQ(ReasonOf(Run(driver_->ApplyRoutes({2, "b"}, Table(4, {})))), "STALE_REVISION");
  EXPECT_EQ(Routes().targets[6379], kRemoteEndpoint);
}

TEST_F(RouteDriverTest, AsksForAContainerThatItHasNotHeardOf) {
  ASSERT_EQ(Run(driver_->Recover()), absl::OkStatus());
  ContainerServiceKnows("c1", kContainer);
  ASSERT_EQ(Run(driver_->ApplyRoutes(kFence, Table(1, {Local("c1")}))), absl::OkStatus());
  EXPECT_EQ(Routes().targets[6379], kLocalEndpoint);
}

TEST_F(RouteDriverTest, TellsTheRelayWhichPortsAreAContainersOwn) {
  driver_->SetContainers(
      {{ContainerId("c1"), ApplicationName("redis"), kContainer, false, {{6379, 6380}}}});
  EXPECT_EQ(relay_.own_ports, (OwnPorts{{{kContainer, 6379}, 6380}}));
}

TEST_F(RouteDriverTest, ALocalRouteWaitsForTheContainerService) {
  ASSERT_EQ(Run(driver_->Recover()), absl::OkStatus());
  ASSERT_EQ(Run(driver_->ApplyRoutes(kFence, Table(1, {Local("c1")}))), absl::OkStatus());
  EXPECT_EQ(Routes().waiting, std::set<int>({6379}));
  driver_->SetContainers({{ContainerId("c1"), ApplicationName("redis"), kContainer, true}});
  ASSERT_EQ(Run(driver_->FollowContainers()), absl::OkStatus());
  EXPECT_EQ(Routes().targets[6379], kLocalEndpoint);
  EXPECT_TRUE(Routes().waiting.empty());
}

TEST_F(RouteDriverTest, ARestartOfTheDaemonTouchesNothing) {
  ContainerServiceKnows("c1", kContainer);
  ASSERT_EQ(Run(driver_->Recover()), absl::OkStatus());
  ASSERT_EQ(Run(driver_->ApplyRoutes(kFence, Table(1, {Local("c1")}))), absl::OkStatus());
  connections_.connections = {{6379, kLocalEndpoint}};
  const int applied = kernel_.applied();
  Restart();
  ASSERT_EQ(Run(driver_->Recover()), absl::OkStatus());
  EXPECT_EQ(kernel_.applied(), applied);
  EXPECT_EQ(connections_.connections.size(), 1u);
}

TEST_F(RouteDriverTest, AfterARebootOnlyRemoteRoutesComeFromTheFile) {
  Route remote = Remote();
  remote.external_port = 80;
  store_.table = Table(7, {Local("c1"), remote});
  ASSERT_EQ(Run(driver_->Recover()), absl::OkStatus());
  EXPECT_EQ(Routes().targets, (std::map<int, Endpoint>{{80, {kNode2, 80}}}));
  EXPECT_EQ(Routes().waiting, std::set<int>({6379}));
  EXPECT_EQ(ReasonOf(Run(driver_->ApplyRoutes(kFence, Table(6, {})))), "STALE_REVISION");
}

TEST_F(RouteDriverTest, ForgetsConnectionsToATargetThatIsGone) {
  ContainerServiceKnows("c1", kContainer);
  ASSERT_EQ(Run(driver_->Recover()), absl::OkStatus());
  ASSERT_EQ(Run(driver_->ApplyRoutes(kFence, Table(1, {Local("c1")}))), absl::OkStatus());
  connections_.connections = {{6379, kLocalEndpoint}};
  ASSERT_EQ(Run(driver_->ApplyRoutes(kFence, Table(2, {Remote()}))), absl::OkStatus());
  EXPECT_GT(driver_->connections_stale().count(), 0u);
  ASSERT_EQ(Run(driver_->ForgetConnections()), absl::OkStatus());
  EXPECT_TRUE(connections_.connections.empty());
  // Only when a target went: that looks at all connections of the machine.
  connections_.connections = {{6379, kLocalEndpoint}};
  ASSERT_EQ(Run(driver_->ForgetConnections()), absl::OkStatus());
  EXPECT_EQ(connections_.connections.size(), 1u);
}

TEST_F(RouteDriverTest, ForgetsAfterACrash) {
  connections_.connections = {{6379, kLocalEndpoint}};
  ASSERT_EQ(Run(driver_->Recover()), absl::OkStatus());
  ASSERT_EQ(Run(driver_->ForgetConnections()), absl::OkStatus());
  EXPECT_TRUE(connections_.connections.empty());
}

TEST_F(RouteDriverTest, AChangeTouchesOnlyItsRoutes) {
  ContainerServiceKnows("c1", kContainer);
  Route other = Remote();
  other.external_port = 80;
  ASSERT_EQ(Run(driver_->Recover()), absl::OkStatus());
  ASSERT_EQ(Run(driver_->ApplyRoutes(kFence, Table(1, {Remote(), other}))), absl::OkStatus());
  const int read = kernel_.read();
  RouteDelta delta = RouteDelta::Create(1, 2, {Local("c1")}, {80}).value();
  ASSERT_EQ(Run(driver_->ChangeRoutes(kFence, delta)), absl::OkStatus());
  EXPECT_EQ(Routes().targets, (std::map<int, Endpoint>{{6379, kLocalEndpoint}}));
  EXPECT_EQ(kernel_.read(), read + 1);  // The line above.
  EXPECT_EQ(store_.extended, 1);
  EXPECT_EQ(store_.table, Table(2, {Local("c1")}));
  EXPECT_EQ(Run(driver_->GetRoutes())->table, Table(2, {Local("c1")}));
  // The answer was lost.
  ASSERT_EQ(Run(driver_->ChangeRoutes(kFence, delta)), absl::OkStatus());
  EXPECT_EQ(store_.extended, 1);
}

TEST_F(RouteDriverTest, AChangeForAnotherRevisionIsRefused) {
  ASSERT_EQ(Run(driver_->Recover()), absl::OkStatus());
  ASSERT_EQ(Run(driver_->ApplyRoutes({2, "b"}, Table(2, {Remote()}))), absl::OkStatus());
  auto change = [&](Fence fence, int64_t base, int64_t revision) {
    RouteDelta delta = RouteDelta::Create(base, revision, {}, {6379}).value();
    return ReasonOf(Run(driver_->ChangeRoutes(std::move(fence), std::move(delta))));
  };
  EXPECT_EQ(change({2, "b"}, 3, 4), "NOT_AT_BASE");
  EXPECT_EQ(change({2, "b"}, 1, 3), "NOT_AT_BASE");
  EXPECT_EQ(change({2, "b"}, 1, 2), "REVISION_REUSED");
  EXPECT_EQ(change({1, "a"}, 2, 3), "STALE_EPOCH");
  EXPECT_EQ(Routes().targets[6379], kRemoteEndpoint);
  EXPECT_EQ(store_.table.revision(), 2);
}

TEST_F(RouteDriverTest, ARefusedChangeIsTriedAgain) {
  ASSERT_EQ(Run(driver_->Recover()), absl::OkStatus());
  ASSERT_EQ(Run(driver_->ApplyRoutes(kFence, Table(1, {}))), absl::OkStatus());
  kernel_.FailApply(absl::UnavailableError("busy"));
  RouteDelta delta = RouteDelta::Create(1, 2, {Remote()}, {}).value();
  EXPECT_TRUE(absl::IsUnavailable(Run(driver_->ChangeRoutes(kFence, delta))));
  kernel_.FailApply(absl::OkStatus());
  ASSERT_EQ(Run(driver_->ChangeRoutes(kFence, delta)), absl::OkStatus());
  EXPECT_EQ(Routes().targets[6379], kRemoteEndpoint);
}

TEST_F(RouteDriverTest, AChangeOfATableThatOthersChangedMendsIt) {
  Route other = Remote();
  other.external_port = 80;
  ASSERT_EQ(Run(driver_->Recover()), absl::OkStatus());
  ASSERT_EQ(Run(driver_->ApplyRoutes(kFence, Table(1, {Remote(), other}))), absl::OkStatus());
  ASSERT_EQ(kernel_.Remove(), absl::OkStatus());
  RouteDelta delta = RouteDelta::Create(1, 2, {}, {80}).value();
  ASSERT_EQ(Run(driver_->ChangeRoutes(kFence, delta)), absl::OkStatus());
  EXPECT_EQ(Routes().targets, (std::map<int, Endpoint>{{6379, kRemoteEndpoint}}));
}

TEST_F(RouteDriverTest, TheKernelIsReadOnlyWhenOthersChangedRules) {
  ASSERT_EQ(Run(driver_->Recover()), absl::OkStatus());
  ASSERT_EQ(Run(driver_->ApplyRoutes(kFence, Table(1, {Remote()}))), absl::OkStatus());
  const int read = kernel_.read();
  ASSERT_EQ(Run(driver_->Reconcile()), absl::OkStatus());
  EXPECT_EQ(kernel_.read(), read);
  kernel_.Touch();
  // Not while an application is cut over.
  ASSERT_EQ(Run(driver_->SetHold(kFence, "m1", {80}, absl::Seconds(9))), absl::OkStatus());
  ASSERT_EQ(Run(driver_->Reconcile()), absl::OkStatus());
  EXPECT_EQ(kernel_.read(), read);
  ASSERT_EQ(Run(driver_->ReleaseHold(kFence, "m1")), absl::OkStatus());
  ASSERT_EQ(Run(driver_->Reconcile()), absl::OkStatus());
  EXPECT_EQ(kernel_.read(), read + 1);
}

TEST_F(RouteDriverTest, AHoldOfATableThatIsGoneMakesItAnew) {
  ASSERT_EQ(Run(driver_->Recover()), absl::OkStatus());
  ASSERT_EQ(Run(driver_->ApplyRoutes(kFence, Table(1, {Remote()}))), absl::OkStatus());
  ASSERT_EQ(kernel_.Remove(), absl::OkStatus());
  ASSERT_EQ(Run(driver_->SetHold(kFence, "m1", {80}, absl::Seconds(9))), absl::OkStatus());
  EXPECT_EQ(kernel_.ReadHolds().value(), std::set<int>({80}));
  EXPECT_EQ(Routes().targets[6379], kRemoteEndpoint);
}

TEST_F(RouteDriverTest, ARefusalByTheKernelIsTriedAgain) {
  ASSERT_EQ(Run(driver_->Recover()), absl::OkStatus());
  kernel_.FailApply(absl::UnavailableError("busy"));
  EXPECT_EQ(Run(driver_->ApplyRoutes(kFence, Table(1, {Remote()}))).code(),
            absl::StatusCode::kUnavailable);
  kernel_.FailApply(absl::OkStatus());
  ASSERT_EQ(Run(driver_->ApplyRoutes(kFence, Table(1, {Remote()}))), absl::OkStatus());
  EXPECT_EQ(Routes().targets[6379], kRemoteEndpoint);
}

TEST_F(RouteDriverTest, MakesTheTableAnewWhenSomebodyFlushedIt) {
  ASSERT_EQ(Run(driver_->Recover()), absl::OkStatus());
  ASSERT_EQ(Run(driver_->ApplyRoutes(kFence, Table(1, {Remote()}))), absl::OkStatus());
  ASSERT_EQ(kernel_.Remove(), absl::OkStatus());
  kernel_.Touch();
  ASSERT_EQ(Run(driver_->Reconcile()), absl::OkStatus());
  EXPECT_EQ(Routes().targets[6379], kRemoteEndpoint);
}

TEST_F(RouteDriverTest, HoldsAndReleasesByHolder) {
  ASSERT_EQ(Run(driver_->Recover()), absl::OkStatus());
  ASSERT_EQ(Run(driver_->SetHold(kFence, "m1", {80, 81}, absl::Seconds(9))), absl::OkStatus());
  ASSERT_EQ(Run(driver_->SetHold(kFence, "m2", {81}, absl::Seconds(9))), absl::OkStatus());
  ASSERT_EQ(Run(driver_->ReleaseHold(kFence, "m1")), absl::OkStatus());
  EXPECT_EQ(Run(driver_->GetRoutes())->holds, (Holds{{81, "m2"}}));
  EXPECT_EQ(kernel_.ReadHolds().value(), std::set<int>({81}));
  EXPECT_EQ(relay_.held, std::set<int>({81}));
}

TEST_F(RouteDriverTest, ForgetsWhatWasNotAnsweredBeforeAHold) {
  ASSERT_EQ(Run(driver_->Recover()), absl::OkStatus());
  ASSERT_EQ(Run(driver_->ApplyRoutes(kFence, Table(1, {Remote()}))), absl::OkStatus());
  ASSERT_EQ(Run(driver_->ForgetConnections()), absl::OkStatus());
  connections_.connections = {{6379, kRemoteEndpoint, true}, {6379, kRemoteEndpoint, false}};
  const uint64_t before = driver_->connections_stale().count();
  ASSERT_EQ(Run(driver_->SetHold(kFence, "m1", {6379}, absl::Seconds(9))), absl::OkStatus());
  EXPECT_GT(driver_->connections_stale().count(), before);
  ASSERT_EQ(Run(driver_->ForgetConnections()), absl::OkStatus());
  EXPECT_EQ(connections_.connections.size(), 1u);
  // Once: a renewal of the hold has nothing to forget.
  connections_.connections = {{6379, kRemoteEndpoint, false}};
  ASSERT_EQ(Run(driver_->SetHold(kFence, "m1", {6379}, absl::Seconds(9))), absl::OkStatus());
  ASSERT_EQ(Run(driver_->ForgetConnections()), absl::OkStatus());
  EXPECT_EQ(connections_.connections.size(), 1u);
  // Nor has a hold that is over.
  ASSERT_EQ(Run(driver_->SetHold(kFence, "m2", {80}, absl::Seconds(9))), absl::OkStatus());
  ASSERT_EQ(Run(driver_->ReleaseHold(kFence, "m2")), absl::OkStatus());
  connections_.connections = {{80, kRemoteEndpoint, false}};
  ASSERT_EQ(Run(driver_->ForgetConnections()), absl::OkStatus());
  EXPECT_EQ(connections_.connections.size(), 1u);
}

TEST_F(RouteDriverTest, ConnectionsToATargetThatIsGoneWaitForTheEndOfACutover) {
  ASSERT_EQ(Run(driver_->Recover()), absl::OkStatus());
  ASSERT_EQ(Run(driver_->ApplyRoutes(kFence, Table(1, {Remote()}))), absl::OkStatus());
  ASSERT_EQ(Run(driver_->ForgetConnections()), absl::OkStatus());
  connections_.connections = {{6379, kRemoteEndpoint}};
  ASSERT_EQ(Run(driver_->SetHold(kFence, "m1", {6379}, absl::Seconds(9))), absl::OkStatus());
  ASSERT_EQ(Run(driver_->ApplyRoutes(kFence, Table(2, {}))), absl::OkStatus());
  ASSERT_EQ(Run(driver_->ForgetConnections()), absl::OkStatus());
  EXPECT_EQ(connections_.connections.size(), 1u) << "an application is being cut over";
  const uint64_t before = driver_->connections_stale().count();
  ASSERT_EQ(Run(driver_->ReleaseHold(kFence, "m1")), absl::OkStatus());
  EXPECT_GT(driver_->connections_stale().count(), before);
  ASSERT_EQ(Run(driver_->ForgetConnections()), absl::OkStatus());
  EXPECT_TRUE(connections_.connections.empty());
}

TEST_F(RouteDriverTest, CutoversWithoutAPauseKeepConnectionsToATargetThatIsGoneForTwoSeconds) {
  ASSERT_EQ(Run(driver_->Recover()), absl::OkStatus());
  ASSERT_EQ(Run(driver_->ApplyRoutes(kFence, Table(1, {Remote()}))), absl::OkStatus());
  ASSERT_EQ(Run(driver_->ForgetConnections()), absl::OkStatus());
  connections_.connections = {{6379, kRemoteEndpoint}};
  ASSERT_EQ(Run(driver_->ApplyRoutes(kFence, Table(2, {}))), absl::OkStatus());
  clock_.Advance(absl::Seconds(1));
  ASSERT_EQ(Run(driver_->SetHold(kFence, "m1", {80}, absl::Seconds(9))), absl::OkStatus());
  ASSERT_EQ(Run(driver_->ForgetConnections()), absl::OkStatus());
  EXPECT_EQ(connections_.connections.size(), 1u);
  clock_.Advance(absl::Seconds(1));
  const uint64_t before = driver_->connections_stale().count();
  ASSERT_EQ(Run(driver_->RenewHolds()), absl::OkStatus());
  EXPECT_GT(driver_->connections_stale().count(), before);
  ASSERT_EQ(Run(driver_->ForgetConnections()), absl::OkStatus());
  EXPECT_TRUE(connections_.connections.empty());
}

// A container that ended has left its port without a target, until the port leads to another node,
// to which those connect that waited for it.
TEST_F(RouteDriverTest, WhatConnectsToTheNewTargetMeanwhileIsNotForgotten) {
  ASSERT_EQ(Run(driver_->Recover()), absl::OkStatus());
  ASSERT_EQ(Run(driver_->ApplyRoutes(kFence, Table(1, {Remote()}))), absl::OkStatus());
  ASSERT_EQ(Run(driver_->ApplyRoutes(kFence, Table(2, {}))), absl::OkStatus());
  connections_.connections = {{6379, kLocalEndpoint}, {6379, kRemoteEndpoint}};
  connections_.on_found = [this] {
    boost::asio::co_spawn(io_, driver_->ApplyRoutes(kFence, Table(3, {Remote()})),
                          boost::asio::detached);
  };
  ASSERT_EQ(Run(driver_->ForgetConnections()), absl::OkStatus());
  ASSERT_EQ(connections_.connections.size(), 1u);
  EXPECT_EQ(connections_.connections[0].target, kRemoteEndpoint);
}

TEST_F(RouteDriverTest, AnAttemptThatWasMadeAfterTheHoldIsNotForgotten) {
  ASSERT_EQ(Run(driver_->Recover()), absl::OkStatus());
  ASSERT_EQ(Run(driver_->ApplyRoutes(kFence, Table(1, {Remote()}))), absl::OkStatus());
  ASSERT_EQ(Run(driver_->ForgetConnections()), absl::OkStatus());
  ASSERT_EQ(Run(driver_->SetHold(kFence, "m1", {6379}, absl::Seconds(9))), absl::OkStatus());
  connections_.connections = {{6379, kRemoteEndpoint, false}};
  connections_.on_found = [this] {
    boost::asio::co_spawn(io_, driver_->ReleaseHold(kFence, "m1"), boost::asio::detached);
  };
  ASSERT_EQ(Run(driver_->ForgetConnections()), absl::OkStatus());
  EXPECT_EQ(connections_.connections.size(), 1u);
}

TEST_F(RouteDriverTest, AHoldLastsAsLongAsItIsRenewed) {
  ASSERT_EQ(Run(driver_->Recover()), absl::OkStatus());
  ASSERT_EQ(Run(driver_->SetHold(kFence, "m1", {80}, absl::Seconds(9))), absl::OkStatus());
  for (int second = 1; second < 9; ++second) {
    clock_.Advance(RouteDriver::kRenewHoldsEvery);
    ASSERT_EQ(Run(driver_->RenewHolds()), absl::OkStatus());
    EXPECT_EQ(kernel_.ReadHolds().value(), std::set<int>({80})) << second;
  }
  clock_.Advance(RouteDriver::kRenewHoldsEvery);
  ASSERT_EQ(Run(driver_->RenewHolds()), absl::OkStatus());
  EXPECT_TRUE(kernel_.ReadHolds().value().empty());
  EXPECT_TRUE(relay_.held.empty());
  EXPECT_TRUE(Run(driver_->GetRoutes())->holds.empty());
  EXPECT_EQ(Run(driver_->ReleaseHold(kFence, "m1")), absl::OkStatus());
}

TEST_F(RouteDriverTest, ARouteThatIsInForceEndsTheHoldThatWaitedForIt) {
  ASSERT_EQ(Run(driver_->Recover()), absl::OkStatus());
  ASSERT_EQ(Run(driver_->SetHold(kFence, "m1", {6379}, absl::Seconds(9))), absl::OkStatus());
  ASSERT_EQ(Run(driver_->SetHold(kFence, "m2", {80}, absl::Seconds(9))), absl::OkStatus());
  ASSERT_EQ(Run(driver_->ApplyRoutes(kFence, Table(1, {Remote()}), "m1")), absl::OkStatus());
  EXPECT_EQ(kernel_.ReadHolds().value(), std::set<int>({80}));
  EXPECT_EQ(relay_.held, std::set<int>({80}));
  const RouteDelta nothing = RouteDelta::Create(1, 2, {}, {}).value();
  ASSERT_EQ(Run(driver_->ChangeRoutes(kFence, nothing, "m2")), absl::OkStatus());
  EXPECT_TRUE(kernel_.ReadHolds().value().empty());
}

TEST_F(RouteDriverTest, ARouteThatTheKernelRefusesEndsNoHold) {
  ASSERT_EQ(Run(driver_->Recover()), absl::OkStatus());
  ASSERT_EQ(Run(driver_->SetHold(kFence, "m1", {6379}, absl::Seconds(9))), absl::OkStatus());
  kernel_.FailApply(absl::UnavailableError("refused"));
  EXPECT_FALSE(Run(driver_->ApplyRoutes(kFence, Table(1, {Remote()}), "m1")).ok());
  EXPECT_EQ(relay_.held, std::set<int>({6379}));
}

TEST_F(RouteDriverTest, AnEngineIsToldOnceToForwardAndLookedAtAgainNowAndThen) {
  forwarding_.has_engine = false;
  ASSERT_EQ(Run(driver_->Recover()), absl::OkStatus());
  ASSERT_EQ(Run(driver_->FollowContainers()), absl::OkStatus());
  EXPECT_EQ(forwarding_.enabled, 2);
  forwarding_.has_engine = true;
  ASSERT_EQ(Run(driver_->FollowContainers()), absl::OkStatus());
  ASSERT_EQ(Run(driver_->FollowContainers()), absl::OkStatus());
  EXPECT_EQ(forwarding_.enabled, 3);
  ASSERT_EQ(Run(driver_->Reconcile()), absl::OkStatus());
  EXPECT_EQ(forwarding_.enabled, 4);
  ASSERT_EQ(Run(driver_->SetHold(kFence, "m1", {80}, absl::Seconds(9))), absl::OkStatus());
  ASSERT_EQ(Run(driver_->Reconcile()), absl::OkStatus());
  EXPECT_EQ(forwarding_.enabled, 4) << "an application is being cut over";
  clock_.Advance(absl::Seconds(6));
  ASSERT_EQ(Run(driver_->Reconcile()), absl::OkStatus());
  EXPECT_EQ(forwarding_.enabled, 5) << "a hold that lasts keeps nobody from mending the rules";
}

TEST_F(RouteDriverTest, HoldsOfAProcessThatDiedLastUntilTheirRoutesCome) {
  ASSERT_EQ(Run(driver_->Recover()), absl::OkStatus());
  ASSERT_EQ(Run(driver_->ApplyRoutes(kFence, Table(1, {}))), absl::OkStatus());
  ASSERT_EQ(Run(driver_->SetHold(kFence, "m1", {80, 6379}, absl::Seconds(9))), absl::OkStatus());
  Restart();
  ASSERT_EQ(Run(driver_->Recover(kernel_.ReadHolds().value())), absl::OkStatus());
  EXPECT_EQ(relay_.held, std::set<int>({80, 6379})) << "they would be carried to their old routes";
  const RouteDelta delta = RouteDelta::Create(1, 2, {Remote()}, {}).value();
  // The coordinator says only to the owner which hold waits for it.
  ASSERT_EQ(Run(driver_->ChangeRoutes(kFence, delta)), absl::OkStatus());
  EXPECT_EQ(relay_.held, std::set<int>({80}));
  EXPECT_EQ(kernel_.ReadHolds().value(), std::set<int>({80}));
  clock_.Advance(absl::Seconds(2));
  ASSERT_EQ(Run(driver_->RenewHolds()), absl::OkStatus());
  EXPECT_EQ(relay_.held, std::set<int>({80}));
  clock_.Advance(absl::Seconds(1));
  EXPECT_TRUE(kernel_.ReadHolds().value().empty()) << "renewed, it would outlive any daemon";
  ASSERT_EQ(Run(driver_->RenewHolds()), absl::OkStatus());
  EXPECT_TRUE(relay_.held.empty());
  EXPECT_TRUE(kernel_.ReadHolds().value().empty());
}

TEST_F(RouteDriverTest, PortsFallBackToTheirRoutesWhenTheDaemonDied) {
  ASSERT_EQ(Run(driver_->Recover()), absl::OkStatus());
  ASSERT_EQ(Run(driver_->SetHold(kFence, "m1", {80}, absl::Minutes(2))), absl::OkStatus());
  clock_.Advance(absl::Seconds(5));
  EXPECT_TRUE(kernel_.ReadHolds().value().empty());
}

TEST_F(RouteDriverTest, WhatWaitsGoesOnEvenIfTheTableIsGone) {
  ASSERT_EQ(Run(driver_->Recover()), absl::OkStatus());
  ASSERT_EQ(Run(driver_->SetHold(kFence, "m1", {80}, absl::Seconds(9))), absl::OkStatus());
  ASSERT_EQ(kernel_.Remove(), absl::OkStatus());
  EXPECT_EQ(Run(driver_->ReleaseHold(kFence, "m1")), absl::OkStatus());
  EXPECT_TRUE(relay_.held.empty());
}

TEST_F(RouteDriverTest, SaysWhichPortsAreTaken) {
  listeners_.listeners = {{6379, "redis-server (pid 7)"}, {81, "other (pid 8)"}};
  auto conflicts = Run(driver_->CheckPorts({80, 6379, 7401}));
  ASSERT_TRUE(conflicts.ok());
  EXPECT_EQ(*conflicts,
            (std::map<int, std::string>{{6379, "redis-server (pid 7)"}, {7401, "Drover itself"}}));
  EXPECT_FALSE(Run(driver_->CheckPorts({0})).ok());
}

}  // namespace
}  // namespace drover::proxy
