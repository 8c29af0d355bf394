// Whole deployments and moves over fake nodes: what is where at the end, whatever fails or crashes.
#include "services/coordinator/orchestrator/orchestrator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/post.hpp>

#include "services/common/status/reason.h"
#include "services/coordinator/orchestrator/testing/fake_cluster.h"

namespace drover::coordinator {
namespace {

using container::v1::CONTAINER_STATE_READY;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using volume::v1::GROUP_STATE_OWNED;
using volume::v1::GROUP_STATE_RETIRED;

ApplicationSpec Redis(int external_port = 6379) {
  ApplicationSpec spec;
  spec.name = ApplicationName("redis");
  spec.image = "redis:7";
  spec.ports = {{6379, external_port}};
  spec.volumes = {{"", "/data", 0, ""}};
  return spec;
}

DesiredState OnNode(int node, ApplicationSpec spec = Redis()) {
  DesiredState desired;
  desired.applications = {spec};
  desired.nodes = {{"node1", {}, ""}, {"node2", {}, ""}};
  if (node > 0) desired.nodes[node - 1].applications = {spec.name};
  return desired;
}

// Whole or as a change.
bool TellsRoutes(const std::string& call) {
  return call == "ApplyRoutes" || call == "ChangeRoutes";
}

class OrchestratorTest : public ::testing::Test {
 protected:
  OrchestratorTest() { cluster_.RegisterNodes(); }

  DeploymentRecord MustDeploy(DesiredState desired) {
    absl::StatusOr<DeploymentRecord> record = cluster_.Deploy(std::move(desired));
    EXPECT_TRUE(record.ok()) << record.status();
    return record.ok() ? *record : DeploymentRecord();
  }
  void DeployOnNode1() { EXPECT_EQ(MustDeploy(OnNode(1)).error, ""); }

  // The application runs on `here` only, is routed to it from both nodes, and nothing else is left.
  void ExpectServedBy(FakeNode& here, FakeNode& there) {
    ASSERT_TRUE(here.groups.contains("redis"));
    EXPECT_EQ(here.groups["redis"].state(), GROUP_STATE_OWNED);
    EXPECT_EQ(here.groups["redis"].migration(), "");
    ASSERT_TRUE(here.containers.contains("redis"));
    EXPECT_EQ(here.containers["redis"].state(), CONTAINER_STATE_READY);
    EXPECT_FALSE(there.containers.contains("redis"));
    if (there.groups.contains("redis")) {
      EXPECT_EQ(there.groups["redis"].state(), GROUP_STATE_RETIRED);
      EXPECT_EQ(there.groups["redis"].migration(), "");
    }
    for (FakeNode* node : {&here, &there}) {
      EXPECT_THAT(node->holds, IsEmpty());
      EXPECT_EQ(node->routes.revision(), cluster_.journal->route_revision());
      ASSERT_EQ(node->routes.routes_size(), 1);
    }
    EXPECT_EQ(here.routes.routes(0).local().container_id(),
              here.containers["redis"].container_id());
    EXPECT_EQ(there.routes.routes(0).remote().address(), here.address);
    const ApplicationRecord& record = *cluster_.journal->FindApplication(Redis().name);
    EXPECT_EQ(record.node, NodeName(here.name));
    EXPECT_EQ(record.generation.value(), here.groups["redis"].generation());
    EXPECT_TRUE(record.running);
  }

  const MigrationRecord& LastMigration() { return *cluster_.journal->migrations().back(); }

  // Goes on with what was under way until every move has ended.
  void Recover() {
    cluster_.orchestrator->Recover();
    cluster_.Run(WaitForAll());
  }
  Task<bool> WaitForAll() {
    while (true) {
      const uint64_t seen = cluster_.journal->changed().count();
      bool ended = true;
      for (const MigrationRecord* migration : cluster_.journal->migrations()) {
        ended &= IsTerminal(migration->state) && !migration->source_pending &&
                 !migration->destination_pending &&
                 cluster_.orchestrator->migrations.FindDriver(migration->id) == nullptr;
      }
      for (const DeploymentRecord* deployment : cluster_.journal->deployments()) {
        ended &= deployment->state != DeploymentState::kRunning;
      }
      if (ended) co_return true;
      co_await cluster_.journal->changed().Wait(seen);
    }
  }

  void Reconcile() {
    auto reconcile = [this]() -> Task<bool> {
      co_await cluster_.orchestrator->reconciler.Reconcile();
      co_return true;
    };
    cluster_.Run(reconcile());
  }
  Task<void> NextChange() {
    co_await cluster_.journal->changed().Wait(cluster_.journal->changed().count());
  }

  FakeCluster cluster_;
};

TEST_F(OrchestratorTest, CreatesANewApplication) {
  DeployOnNode1();
  ExpectServedBy(cluster_.node1, cluster_.node2);
  EXPECT_THAT(cluster_.node1.calls, ElementsAre("CheckPorts", "EnsureImage", "CreateGroup",
                                                "StartContainer", "AwaitReady", "ApplyRoutes"));
}

TEST_F(OrchestratorTest, ADeploymentThatChangesNothingTouchesNothing) {
  DeployOnNode1();
  cluster_.node1.calls.clear();
  cluster_.node2.calls.clear();
  const DeploymentRecord again = MustDeploy(OnNode(1));
  EXPECT_EQ(again.state, DeploymentState::kDone);
  EXPECT_THAT(again.actions, IsEmpty());
  EXPECT_THAT(cluster_.node1.calls, IsEmpty());
  EXPECT_THAT(cluster_.node2.calls, IsEmpty());
}

TEST_F(OrchestratorTest, MovesThroughAllStepsInOrder) {
  DeployOnNode1();
  cluster_.node1.calls.clear();
  cluster_.node2.calls.clear();
  EXPECT_EQ(MustDeploy(OnNode(2)).error, "");
  ExpectServedBy(cluster_.node2, cluster_.node1);
  EXPECT_THAT(cluster_.node1.calls,
              ElementsAre("CheckPorts", "LockGroup", "PushRound", "SetHold", "Seal", "PushRound",
                          "ChangeRoutes", "ReleaseHold", "RetireGroup", "RemoveContainer"));
  EXPECT_THAT(cluster_.node2.calls,
              ElementsAre("CheckPorts", "ReserveGroup", "EnsureImage", "StageContainer", "SetHold",
                          "Prepare", "Activate", "AwaitReady", "ChangeRoutes", "ReleaseHold",
                          "FinishMigration"));
  EXPECT_EQ(LastMigration().state, MigrationState::kDone);
  EXPECT_EQ(LastMigration().final_bytes, 1000);
  EXPECT_TRUE(LastMigration().interruption.has_value());
  EXPECT_EQ(MustDeploy(OnNode(1)).error, "");
  ExpectServedBy(cluster_.node1, cluster_.node2);
}

TEST_F(OrchestratorTest, StopKeepsTheDataAndALaterPlacementMovesIt) {
  DeployOnNode1();
  EXPECT_EQ(MustDeploy(OnNode(0)).error, "");
  EXPECT_THAT(cluster_.node1.containers, IsEmpty());
  EXPECT_EQ(cluster_.node1.groups["redis"].state(), GROUP_STATE_OWNED);
  EXPECT_EQ(cluster_.node2.routes.routes_size(), 0);
  EXPECT_EQ(MustDeploy(OnNode(2)).error, "");
  ExpectServedBy(cluster_.node2, cluster_.node1);
  EXPECT_THAT(cluster_.node2.calls, Not(::testing::Contains("CreateGroup")));
  EXPECT_FALSE(LastMigration().interruption.has_value());
}

TEST_F(OrchestratorTest, AChangedImageIsOneHeldRestart) {
  DeployOnNode1();
  cluster_.node1.calls.clear();
  ApplicationSpec changed = Redis();
  changed.image = "redis:8";
  EXPECT_EQ(MustDeploy(OnNode(1, changed)).error, "");
  ExpectServedBy(cluster_.node1, cluster_.node2);
  EXPECT_EQ(cluster_.node1.containers["redis"].image(), "redis:8");
  EXPECT_THAT(cluster_.node1.calls, ElementsAre("EnsureImage", "SetHold", "StartContainer",
                                                "AwaitReady", "ChangeRoutes", "ReleaseHold"));
}

TEST_F(OrchestratorTest, AMissingImageLeavesTheApplicationRunning) {
  DeployOnNode1();
  cluster_.node1.before = [](const std::string& call) {
    return call == "EnsureImage" ? absl::NotFoundError("redis:8 is in no registry")
                                 : absl::OkStatus();
  };
  ApplicationSpec changed = Redis();
  changed.image = "redis:8";
  EXPECT_EQ(MustDeploy(OnNode(1, changed)).error,
            "node1: redis:8 is in no registry; redis runs on node1 as before");
  ExpectServedBy(cluster_.node1, cluster_.node2);
}

TEST_F(OrchestratorTest, PortsAndSizesChangeWithoutARestart) {
  DeployOnNode1();
  cluster_.node1.calls.clear();
  ApplicationSpec changed = Redis(7000);
  changed.volumes[0].maximum_size_bytes = 1 << 20;
  EXPECT_EQ(MustDeploy(OnNode(1, changed)).error, "");
  EXPECT_EQ(cluster_.node1.routes.routes(0).external_port(), 7000);
  EXPECT_THAT(cluster_.node1.calls, ElementsAre("ResizeVolume", "CheckPorts", "ChangeRoutes"));
}

TEST_F(OrchestratorTest, ATakenPortIsRefusedBeforeAnythingIsMade) {
  cluster_.node2.taken_ports = {6379};
  EXPECT_THAT(MustDeploy(OnNode(1)).error, HasSubstr("port 6379 is taken on node2"));
  EXPECT_THAT(cluster_.node1.groups, IsEmpty());
}

TEST_F(OrchestratorTest, AnApplicationThatCouldNotBeMadeIsNowhere) {
  cluster_.node1.before = [](const std::string& call) {
    return call == "CreateGroup" ? absl::ResourceExhaustedError("the pool is full")
                                 : absl::OkStatus();
  };
  EXPECT_EQ(MustDeploy(OnNode(1)).error,
            "node1: the pool is full; redis was not created and runs nowhere");
  EXPECT_EQ(cluster_.journal->FindApplication(Redis().name), nullptr);
  EXPECT_TRUE(cluster_.Run(cluster_.orchestrator->registry.Remove(NodeName("node1")))->ok());
}

TEST_F(OrchestratorTest, OneFailureDoesNotStopTheOthers) {
  DeployOnNode1();
  ApplicationSpec other = Redis(7000);
  other.name = ApplicationName("other");
  other.image = "missing";
  DesiredState desired = OnNode(2);
  desired.applications.push_back(other);
  desired.nodes[0].applications = {other.name};
  cluster_.node1.before = [](const std::string& call) {
    return call == "EnsureImage" ? absl::NotFoundError("no image") : absl::OkStatus();
  };
  const DeploymentRecord record = MustDeploy(desired);
  EXPECT_EQ(record.state, DeploymentState::kFailed);
  EXPECT_THAT(record.error, HasSubstr("node1: no image; other was not created"));
  ExpectServedBy(cluster_.node2, cluster_.node1);
}

TEST_F(OrchestratorTest, AnApplicationThatDoesNotGetReadyReturnsOnce) {
  DeployOnNode1();
  cluster_.node2.exits = [](const std::string&) { return true; };
  const DeploymentRecord record = MustDeploy(OnNode(2));
  EXPECT_EQ(record.error,
            "redis did not get ready on node2: it ended with exit code 1; it goes back to "
            "node1, where it runs again");
  ExpectServedBy(cluster_.node1, cluster_.node2);
  ASSERT_EQ(cluster_.journal->migrations().size(), 2u);
  const MigrationRecord& first = *cluster_.journal->migrations()[0];
  EXPECT_EQ(first.state, MigrationState::kDone);
  EXPECT_EQ(first.returned_by, LastMigration().id);
  EXPECT_GT(LastMigration().generation, first.generation);
}

TEST_F(OrchestratorTest, ANodeThatComesBackGetsTheRoutes) {
  cluster_.node2.before = [](const std::string& call) {
    return TellsRoutes(call) ? absl::UnavailableError("gone") : absl::OkStatus();
  };
  DeployOnNode1();
  EXPECT_LT(cluster_.node2.routes.revision(), cluster_.node1.routes.revision());
  cluster_.node2.before = nullptr;
  Reconcile();
  ExpectServedBy(cluster_.node1, cluster_.node2);
}

TEST_F(OrchestratorTest, RoutesFollowAContainerThatWasStartedAnew) {
  DeployOnNode1();
  cluster_.node1.containers["redis"].set_container_id("another");
  Reconcile();
  ExpectServedBy(cluster_.node1, cluster_.node2);
}

TEST_F(OrchestratorTest, ANodeThatHangsDelaysNothingOfTheOthers) {
  DeployOnNode1();
  // An aborted move that node2 missed, and now hangs on.
  bool gone = false;
  cluster_.node2.before = [&gone](const std::string& call) {
    gone |= call == "StageContainer";
    return gone ? absl::UnavailableError("connection refused") : absl::OkStatus();
  };
  EXPECT_NE(MustDeploy(OnNode(2)).error, "");
  cluster_.node2.before = nullptr;
  cluster_.node2.hangs = {"AbortMigration"};
  auto run_a_while = [this]() -> Task<bool> {
    cluster_.orchestrator->background.Spawn("rounds", cluster_.orchestrator->reconciler.Run());
    while (cluster_.node2.hanging == 0) co_await NextChange();
    cluster_.node1.containers["redis"].set_container_id("another");
    while (cluster_.node1.routes.routes(0).local().container_id() != "another") {
      co_await NextChange();
    }
    co_return true;
  };
  EXPECT_TRUE(*cluster_.Run(run_a_while()));
  EXPECT_TRUE(LastMigration().destination_pending);
}

TEST_F(OrchestratorTest, ARefusedRouteIsSaidAndEndsTheMove) {
  DeployOnNode1();
  const int64_t before = cluster_.node1.routes.revision();
  cluster_.node1.before = [](const std::string& call) {
    if (!TellsRoutes(call)) return absl::OkStatus();
    return StatusWithReason(absl::StatusCode::kUnavailable, "KERNEL", "the kernel said no");
  };
  EXPECT_EQ(MustDeploy(OnNode(2)).error,
            "redis runs on node2, but not every node leads to it: node1 refused its routes: the "
            "kernel said no");
  EXPECT_EQ(LastMigration().state, MigrationState::kDone);
  EXPECT_EQ(cluster_.node1.routes.revision(), before);
  EXPECT_EQ(cluster_.journal->FindApplication(Redis().name)->problem, "");
  cluster_.node1.before = nullptr;
  Reconcile();
  ExpectServedBy(cluster_.node2, cluster_.node1);
}

TEST_F(OrchestratorTest, ARouteThatIsRefusedOnceIsTriedAgain) {
  DeployOnNode1();
  cluster_.node1.before = [first = true](const std::string& call) mutable {
    if (!TellsRoutes(call) || !std::exchange(first, false)) return absl::OkStatus();
    return StatusWithReason(absl::StatusCode::kUnavailable, "KERNEL", "the kernel said no");
  };
  EXPECT_EQ(MustDeploy(OnNode(2)).error, "");
  ExpectServedBy(cluster_.node2, cluster_.node1);
}

TEST_F(OrchestratorTest, AnAbortedMoveIsNotStoppedByARouteThatIsRefused) {
  DeployOnNode1();
  cluster_.node2.before = [](const std::string& call) {
    if (call == "Prepare") return absl::ResourceExhaustedError("the pool is full");
    return TellsRoutes(call) ? absl::InvalidArgumentError("no") : absl::OkStatus();
  };
  EXPECT_EQ(MustDeploy(OnNode(2)).error,
            "node2: the pool is full; redis runs on node1, but not every node leads to it: node2 "
            "refused its routes: no");
}

class FailedRestartTest : public OrchestratorTest {
 protected:
  FailedRestartTest() {
    DeployOnNode1();
    changed_.image = "redis:8";
  }
  std::optional<RouteTarget> Route() {
    return cluster_.journal->FindApplication(Redis().name)->route;
  }
  ApplicationSpec changed_ = Redis();
};

TEST_F(FailedRestartTest, AnOrderThatIsNotAnsweredIsRepeated) {
  int lost = 0;
  cluster_.node1.after = [&lost](const std::string& call) {
    return call == "StartContainer" && ++lost < 4 ? absl::UnavailableError("restarting")
                                                  : absl::OkStatus();
  };
  EXPECT_EQ(MustDeploy(OnNode(1, changed_)).error, "");
  ExpectServedBy(cluster_.node1, cluster_.node2);
}

TEST_F(FailedRestartTest, WhatMayStillServeKeepsItsRoute) {
  const std::optional<RouteTarget> before = Route();
  bool gone = false;
  cluster_.node1.before = [&gone](const std::string& call) {
    gone |= call == "StartContainer";
    return gone ? absl::UnavailableError("connection refused") : absl::OkStatus();
  };
  EXPECT_EQ(MustDeploy(OnNode(1, changed_)).error,
            "node1: connection refused; whether redis serves is not known; its data is on node1");
  EXPECT_EQ(Route(), before);
}

TEST_F(FailedRestartTest, WhatStillServesIsSaidToServe) {
  const std::optional<RouteTarget> before = Route();
  cluster_.node1.before = [](const std::string& call) {
    return call == "StartContainer" ? absl::AbortedError("it is being stopped by somebody else")
                                    : absl::OkStatus();
  };
  EXPECT_EQ(MustDeploy(OnNode(1, changed_)).error,
            "node1: it is being stopped by somebody else; redis runs on node1 as before");
  EXPECT_EQ(Route(), before);
}

TEST_F(FailedRestartTest, WhatHasEndedLosesItsRoute) {
  cluster_.node1.before = [this](const std::string& call) {
    if (call != "StartContainer") return absl::OkStatus();
    cluster_.node1.containers.clear();
    return absl::InternalError("no program of that name");
  };
  EXPECT_EQ(MustDeploy(OnNode(1, changed_)).error,
            "node1: no program of that name; redis does not serve; its data is on node1");
  EXPECT_FALSE(Route().has_value());
}

TEST_F(OrchestratorTest, AHoldLastsAsLongAsTheSeal) {
  DeployOnNode1();
  int seals = 0;
  cluster_.node1.before = [&](const std::string& call) {
    if (call == "SetHold" && seals == 0) cluster_.clock.Advance(absl::Seconds(25));
    if (call != "Seal" || ++seals > 1) return absl::OkStatus();
    // A seal that takes its time, and a round of the reconciler that comes by.
    cluster_.clock.Advance(absl::Seconds(15));
    cluster_.orchestrator->background.Spawn("a round",
                                            cluster_.orchestrator->reconciler.Reconcile());
    return absl::UnavailableError("no answer yet");
  };
  EXPECT_EQ(MustDeploy(OnNode(2)).error, "");
  EXPECT_EQ(std::count(cluster_.node2.calls.begin(), cluster_.node2.calls.end(), "SetHold"), 2);
  ExpectServedBy(cluster_.node2, cluster_.node1);
}

// Every call before COMMIT, refused for good: the move is aborted and the source serves as before.
struct FailingCall {
  const char* node;
  const char* call;
};
class FailingCallTest : public OrchestratorTest,
                        public ::testing::WithParamInterface<FailingCall> {};

TEST_P(FailingCallTest, AbortsAndTheSourceServes) {
  DeployOnNode1();
  FakeNode& node = std::string(GetParam().node) == "node1" ? cluster_.node1 : cluster_.node2;
  node.before = [](const std::string& call) {
    return call == GetParam().call ? absl::ResourceExhaustedError("the pool is full")
                                   : absl::OkStatus();
  };
  const DeploymentRecord record = MustDeploy(OnNode(2));
  EXPECT_THAT(record.error, HasSubstr("the pool is full; redis runs on node1 as before"));
  EXPECT_EQ(LastMigration().state, MigrationState::kAborted);
  node.before = nullptr;
  ExpectServedBy(cluster_.node1, cluster_.node2);
  EXPECT_THAT(cluster_.node2.groups, IsEmpty());
  EXPECT_EQ(MustDeploy(OnNode(2)).error, "");
  ExpectServedBy(cluster_.node2, cluster_.node1);
}

INSTANTIATE_TEST_SUITE_P(
    Calls, FailingCallTest,
    ::testing::Values(FailingCall{"node1", "LockGroup"}, FailingCall{"node2", "ReserveGroup"},
                      FailingCall{"node2", "EnsureImage"}, FailingCall{"node2", "StageContainer"},
                      FailingCall{"node1", "PushRound"}, FailingCall{"node1", "Seal"},
                      FailingCall{"node2", "Prepare"}),
    [](const auto& info) { return std::string(info.param.call); });

// Every call of a move, with its answer lost once: it is repeated, and the move gets through.
class LostAnswerTest : public OrchestratorTest,
                       public ::testing::WithParamInterface<const char*> {};

TEST_P(LostAnswerTest, IsAskedAgain) {
  DeployOnNode1();
  int lost = 0;
  auto lose_once = [&lost](const std::string& call) {
    if (call != GetParam() || lost++ > 0) return absl::OkStatus();
    return absl::UnavailableError("the connection was cut");
  };
  cluster_.node1.after = cluster_.node2.after = lose_once;
  EXPECT_EQ(MustDeploy(OnNode(2)).error, "");
  EXPECT_GT(lost, 0);
  cluster_.node1.after = cluster_.node2.after = nullptr;
  Reconcile();
  ExpectServedBy(cluster_.node2, cluster_.node1);
}

INSTANTIATE_TEST_SUITE_P(Calls, LostAnswerTest,
                         ::testing::Values("LockGroup", "ReserveGroup", "EnsureImage",
                                           "StageContainer", "PushRound", "Seal", "Prepare",
                                           "Activate", "AwaitReady", "ChangeRoutes", "RetireGroup",
                                           "RemoveContainer", "FinishMigration"),
                         [](const auto& info) { return std::string(info.param); });

TEST_F(OrchestratorTest, AnApplicationThatWasStartedAnewMeanwhileIsFollowed) {
  DeployOnNode1();
  int lost = 0;
  // Carried out, but not answered; until it is asked for again the application has ended and was
  // started by its container service, under another start id.
  cluster_.node2.after = [this, &lost](const std::string& call) {
    if (call != "Activate" || lost++ > 0) return absl::OkStatus();
    cluster_.node2.containers["redis"].set_start_id("another-start");
    cluster_.node2.containers["redis"].set_container_id("another-container");
    return absl::UnavailableError("the connection was cut");
  };
  EXPECT_EQ(MustDeploy(OnNode(2)).error, "");
  EXPECT_EQ(LastMigration().container_id, ContainerId("another-container"));
  ExpectServedBy(cluster_.node2, cluster_.node1);
}

TEST_F(OrchestratorTest, AHoldThatCameTooLateIsReleased) {
  DeployOnNode1();
  EXPECT_EQ(MustDeploy(OnNode(2)).error, "");
  cluster_.node1.holds[LastMigration().id.value()] = {6379};
  // Not of a move: its operation releases it.
  cluster_.node1.holds["restart-redis"] = {6380};
  Reconcile();
  EXPECT_THAT(cluster_.node1.holds,
              ElementsAre(::testing::Pair("restart-redis", ElementsAre(6380))));
}

TEST_F(OrchestratorTest, AMoveIsNotBegunWithoutKnowingWhetherTheApplicationRuns) {
  DeployOnNode1();
  int looks = 0;
  cluster_.node1.before = [&looks](const std::string& call) {
    // The first is the plan's.
    return call == "ListContainers" && ++looks == 2 ? absl::UnavailableError("connection refused")
                                                    : absl::OkStatus();
  };
  EXPECT_THAT(MustDeploy(OnNode(2)).error, HasSubstr("connection refused"));
  EXPECT_THAT(cluster_.journal->migrations(), IsEmpty());
  ExpectServedBy(cluster_.node1, cluster_.node2);
}

TEST_F(OrchestratorTest, ANodeIsLeftAlthoughItsProxyIsAway) {
  DeployOnNode1();
  cluster_.node1.before = [](const std::string& call) {
    return call == "GetRoutes" ? absl::UnavailableError("connection refused") : absl::OkStatus();
  };
  MustDeploy(OnNode(2));
  ASSERT_THAT(cluster_.journal->migrations(), SizeIs(1));
  EXPECT_EQ(cluster_.journal->migrations()[0]->state, MigrationState::kDone);
  ExpectServedBy(cluster_.node2, cluster_.node1);
}

// An abort after the seal, and the source refuses to start the application again.
class FailedStartAfterAbortTest : public OrchestratorTest {
 protected:
  FailedStartAfterAbortTest() {
    DeployOnNode1();
    cluster_.node2.before = [](const std::string& call) {
      return call == "Prepare" ? absl::ResourceExhaustedError("the pool is full")
                               : absl::OkStatus();
    };
    cluster_.node1.before = [this](const std::string& call) {
      if (call != "StartContainer") return absl::OkStatus();
      ++asked_;
      return --failures_ >= 0 ? absl::FailedPreconditionError("the gate was lost")
                              : absl::OkStatus();
    };
  }
  void Abort(int failures) {
    failures_ = failures;
    MustDeploy(OnNode(2));
    ASSERT_EQ(LastMigration().state, MigrationState::kAborted);
  }
  const ApplicationRecord& Application() {
    return *cluster_.journal->FindApplication(Redis().name);
  }

  static constexpr int kForEver = 1'000'000;
  int failures_ = 0;
  int asked_ = 0;
};

TEST_F(FailedStartAfterAbortTest, OneFailureIsGotOver) {
  Abort(1);
  EXPECT_THAT(LastMigration().error, HasSubstr("redis runs on node1 as before"));
  EXPECT_FALSE(LastMigration().start_pending);
  ExpectServedBy(cluster_.node1, cluster_.node2);
}

TEST_F(FailedStartAfterAbortTest, IsTriedUntilItIsDone) {
  Abort(kForEver);
  EXPECT_TRUE(LastMigration().start_pending);
  EXPECT_THAT(Application().problem, HasSubstr("could not be started again"));
  cluster_.Restart();
  // The first round gets to know the nodes.
  Reconcile();
  Reconcile();
  EXPECT_TRUE(LastMigration().start_pending);
  EXPECT_EQ(Application().problem,
            "redis could not be started on node1, which is still being tried: the gate was lost");
  failures_ = 0;
  Reconcile();
  EXPECT_FALSE(LastMigration().start_pending);
  EXPECT_EQ(Application().problem, "");
  // Its route follows it.
  Reconcile();
  ExpectServedBy(cluster_.node1, cluster_.node2);
}

TEST_F(FailedStartAfterAbortTest, IsNotTriedOnceItIsStopped) {
  Abort(kForEver);
  MustDeploy(OnNode(0));
  asked_ = 0;
  Reconcile();
  EXPECT_EQ(asked_, 0);
  EXPECT_FALSE(LastMigration().start_pending);
  EXPECT_EQ(Application().problem, "");
}

TEST_F(FailedStartAfterAbortTest, IsNotTriedWhereItWasMovedAwayFrom) {
  Abort(kForEver);
  cluster_.node2.before = nullptr;
  EXPECT_EQ(MustDeploy(OnNode(2)).error, "");
  asked_ = 0;
  Reconcile();
  EXPECT_EQ(asked_, 0);
  EXPECT_FALSE(cluster_.journal->migrations().front()->start_pending);
}

TEST_F(FailedStartAfterAbortTest, WhatWasStartedAndEndedIsNotStartedOverAndOver) {
  cluster_.node1.exits = [](const std::string&) { return true; };
  Abort(0);
  EXPECT_EQ(asked_, 1);
  EXPECT_FALSE(LastMigration().start_pending);
  EXPECT_THAT(LastMigration().error, HasSubstr("redis was started again on node1, with its data, "
                                               "but did not get ready: it ended with exit code 1"));
}

TEST_F(OrchestratorTest, AnAbortStartsWhatWasAboutToBeRestarted) {
  ApplicationSpec spec = Redis();
  spec.restart_policy.mode = RestartMode::kAlways;
  EXPECT_EQ(MustDeploy(OnNode(1, spec)).error, "");
  // It has just ended, and its container service waits a moment before it starts it again.
  cluster_.node1.containers["redis"].set_state(container::v1::CONTAINER_STATE_EXITED);
  cluster_.node2.before = [](const std::string& call) {
    return call == "Prepare" ? absl::FailedPreconditionError("no") : absl::OkStatus();
  };
  EXPECT_THAT(MustDeploy(OnNode(2, spec)).error, HasSubstr("redis runs on node1 as before"));
  ExpectServedBy(cluster_.node1, cluster_.node2);
}

TEST_F(OrchestratorTest, ADestinationThatIsGoneForGoodAbortsTheMoveAndIsCleanedUpLater) {
  DeployOnNode1();
  bool gone = false;
  cluster_.node2.before = [&gone](const std::string& call) {
    gone |= call == "StageContainer";
    return gone ? absl::UnavailableError("connection refused") : absl::OkStatus();
  };
  EXPECT_THAT(MustDeploy(OnNode(2)).error, HasSubstr("redis runs on node1 as before"));
  EXPECT_TRUE(LastMigration().destination_pending);
  cluster_.node2.before = nullptr;
  Reconcile();
  EXPECT_FALSE(LastMigration().destination_pending);
  EXPECT_THAT(cluster_.node2.groups, IsEmpty());
  ExpectServedBy(cluster_.node1, cluster_.node2);
}

TEST_F(OrchestratorTest, AMoveWaitsForTheEndOfAnAbortedOneToReachTheNode) {
  DeployOnNode1();
  int refusals = 2;
  cluster_.node2.before = [&refusals](const std::string& call) {
    if (call != "ReserveGroup" || refusals-- <= 0) return absl::OkStatus();
    return StatusWithReason(absl::StatusCode::kAborted, "GROUP_LOCKED", "an older move holds it");
  };
  EXPECT_EQ(MustDeploy(OnNode(2)).error, "");
  ExpectServedBy(cluster_.node2, cluster_.node1);
}

TEST_F(OrchestratorTest, AGateThatIsLostAfterCommitIsReplaced) {
  DeployOnNode1();
  cluster_.node2.before = [this, first = true](const std::string& call) mutable {
    if (call == "Activate" && std::exchange(first, false)) cluster_.node2.containers.clear();
    return absl::OkStatus();
  };
  EXPECT_EQ(MustDeploy(OnNode(2)).error, "");
  ExpectServedBy(cluster_.node2, cluster_.node1);
}

// The coordinator dies right after each record; the next one finishes what the journal says.
class CrashTest : public OrchestratorTest, public ::testing::WithParamInterface<MigrationState> {};

TEST_P(CrashTest, TheNextCoordinatorFinishes) {
  DeployOnNode1();
  cluster_.CrashAfter([](const Change& change) {
    return !change.migrations.empty() && change.migrations[0].state == GetParam();
  });
  EXPECT_FALSE(cluster_.Deploy(OnNode(2)).ok());
  EXPECT_TRUE(cluster_.crashed());
  cluster_.Restart();
  Recover();
  EXPECT_EQ(LastMigration().state, MigrationState::kDone) << LastMigration().error;
  EXPECT_EQ(cluster_.journal->deployments().back()->error, "");
  EXPECT_EQ(cluster_.journal->fence().epoch(), 2);
  ExpectServedBy(cluster_.node2, cluster_.node1);
}

INSTANTIATE_TEST_SUITE_P(States, CrashTest,
                         ::testing::Values(MigrationState::kRequested, MigrationState::kAdmitted,
                                           MigrationState::kCopying, MigrationState::kCopied,
                                           MigrationState::kQuiescing, MigrationState::kSealed,
                                           MigrationState::kPrepared, MigrationState::kCommitted,
                                           MigrationState::kActive, MigrationState::kRouted,
                                           MigrationState::kRetired, MigrationState::kDone),
                         [](const auto& info) {
                           return std::string(MigrationStateName(info.param));
                         });

TEST_F(OrchestratorTest, TheInterruptionBeganWithTheFirstSealOfAll) {
  DeployOnNode1();
  cluster_.CrashAfter([](const Change& change) {
    return !change.migrations.empty() && change.migrations[0].state == MigrationState::kQuiescing;
  });
  EXPECT_FALSE(cluster_.Deploy(OnNode(2)).ok());
  cluster_.clock.Advance(absl::Hours(100));
  cluster_.Restart();
  Recover();
  EXPECT_GE(*LastMigration().interruption, absl::Hours(100));
}

TEST_F(OrchestratorTest, AnAbortThatIsCutOffIsFinished) {
  DeployOnNode1();
  cluster_.node2.before = [](const std::string& call) {
    return call == "Prepare" ? absl::ResourceExhaustedError("full") : absl::OkStatus();
  };
  cluster_.CrashAfter([](const Change& change) {
    return !change.migrations.empty() && change.migrations[0].state == MigrationState::kAborting;
  });
  EXPECT_FALSE(cluster_.Deploy(OnNode(2)).ok());
  cluster_.Restart();
  Recover();
  EXPECT_EQ(LastMigration().state, MigrationState::kAborted);
  ExpectServedBy(cluster_.node1, cluster_.node2);
}

TEST_F(OrchestratorTest, ACancelEndsTheCopyAndTheSourceServes) {
  DeployOnNode1();
  // The copy does not end; it is cancelled while it is tried again.
  int pushes = 0;
  cluster_.node1.before = [&](const std::string& call) {
    if (call != "PushRound") return absl::OkStatus();
    if (++pushes == 2) {
      cluster_.orchestrator->background.Spawn(
          "the cancellation", [](FakeCluster& cluster) -> Task<void> {
            const MigrationId id = cluster.journal->migrations().back()->id;
            absl::Status cancelled =
                co_await cluster.orchestrator->migrations.Cancel(id, std::string("user/ann"));
            EXPECT_TRUE(cancelled.ok()) << cancelled;
          }(cluster_));
    }
    return absl::UnavailableError("no answer");
  };
  EXPECT_THAT(MustDeploy(OnNode(2)).error, HasSubstr("cancelled by user/ann"));
  EXPECT_EQ(LastMigration().state, MigrationState::kAborted);
  ExpectServedBy(cluster_.node1, cluster_.node2);
}

TEST_F(OrchestratorTest, ACancelEndsThePullOfAnImage) {
  DeployOnNode1();
  cluster_.node2.hangs = {"EnsureImage"};
  auto deploy_and_cancel = [this]() -> Task<absl::Status> {
    MigrationOptions options;
    (void)co_await cluster_.orchestrator->deployments.Create(OnNode(2), "", options, "ann");
    while (cluster_.journal->migrations().empty() ||
           LastMigration().state != MigrationState::kAdmitted) {
      co_await NextChange();
    }
    auto executor = co_await boost::asio::this_coro::executor;
    while (cluster_.node2.hanging == 0) {
      co_await boost::asio::post(executor, boost::asio::use_awaitable);
    }
    co_return co_await cluster_.orchestrator->migrations.Cancel(LastMigration().id, "user/ann");
  };
  EXPECT_EQ(*cluster_.Run(deploy_and_cancel()), absl::OkStatus());
  cluster_.Run(WaitForAll());
  EXPECT_EQ(LastMigration().error, "cancelled by user/ann; redis runs on node1 as before");
  ExpectServedBy(cluster_.node1, cluster_.node2);
}

TEST_F(OrchestratorTest, ASecondDeploymentIsRefusedWhileOneIsUnderWay) {
  DeployOnNode1();
  auto both = [this]() -> Task<absl::Status> {
    MigrationOptions options;
    (void)co_await cluster_.orchestrator->deployments.Create(OnNode(2), "", options, "ann");
    auto second = co_await cluster_.orchestrator->deployments.Create(OnNode(2), "", options, "bob");
    co_return second.status();
  };
  EXPECT_EQ(cluster_.Run(both())->code(), absl::StatusCode::kAborted);
}

TEST_F(OrchestratorTest, AStopEndsBackgroundWorkAndTheNextStartGoesOn) {
  DeployOnNode1();
  // The move hangs on an unanswered copy when the daemon is stopped.
  cluster_.node1.before = [](const std::string& call) {
    return call == "RetireGroup" ? absl::UnavailableError("no answer") : absl::OkStatus();
  };
  auto begin_and_stop = [this]() -> Task<bool> {
    MigrationOptions options;
    (void)co_await cluster_.orchestrator->deployments.Create(OnNode(2), "", options, "ann");
    while (cluster_.journal->migrations().empty() ||
           LastMigration().state != MigrationState::kRouted) {
      co_await cluster_.journal->changed().Wait(cluster_.journal->changed().count());
    }
    co_await cluster_.orchestrator->Stop();
    co_return true;
  };
  EXPECT_TRUE(cluster_.Run(begin_and_stop()).has_value());
  cluster_.node1.before = nullptr;
  cluster_.Restart();
  Recover();
  EXPECT_EQ(LastMigration().state, MigrationState::kDone);
  ExpectServedBy(cluster_.node2, cluster_.node1);
}

TEST_F(OrchestratorTest, TheSourceOfAnUnfinishedMoveStays) {
  DeployOnNode1();
  bool dead = false;
  cluster_.node1.before = [&dead](const std::string& call) {
    dead |= call == "RetireGroup";
    return dead ? absl::UnavailableError("connection refused") : absl::OkStatus();
  };
  auto begin_and_remove = [this]() -> Task<absl::Status> {
    MigrationOptions options;
    (void)co_await cluster_.orchestrator->deployments.Create(OnNode(2), "", options, "ann");
    while (cluster_.journal->migrations().empty() ||
           LastMigration().state != MigrationState::kRouted) {
      co_await cluster_.journal->changed().Wait(cluster_.journal->changed().count());
    }
    co_return co_await cluster_.orchestrator->registry.Remove(NodeName("node1"));
  };
  const absl::Status refused = *cluster_.Run(begin_and_remove());
  EXPECT_THAT(refused.message(), HasSubstr("node1 is needed by migration " +
                                           LastMigration().id.value() + " of redis"));
  dead = false;
  cluster_.node1.before = nullptr;
  cluster_.Run(WaitForAll());
  ExpectServedBy(cluster_.node2, cluster_.node1);
  EXPECT_TRUE(cluster_.Run(cluster_.orchestrator->registry.Remove(NodeName("node1")))->ok());
}

TEST_F(OrchestratorTest, NodesAreRegisteredOnceAndLeaveOnlyEmpty) {
  auto add = [this](const char* name, const char* address) {
    return cluster_.Run(cluster_.orchestrator->registry.Add(NodeName(name), address))
        ->status()
        .code();
  };
  auto remove = [this](const char* name) {
    return cluster_.Run(cluster_.orchestrator->registry.Remove(NodeName(name)))->code();
  };
  EXPECT_EQ(add("node1", "192.0.2.1"), absl::StatusCode::kOk);
  EXPECT_EQ(add("node1", "192.0.2.9"), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(add("node3", "192.0.2.1"), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(add("bad name", "192.0.2.9"), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(add("node3", "192.0.2.9:7401"), absl::StatusCode::kInvalidArgument);
  DeployOnNode1();
  EXPECT_EQ(remove("node1"), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(remove("node2"), absl::StatusCode::kOk);
  EXPECT_EQ(remove("node2"), absl::StatusCode::kNotFound);
  cluster_.node2.before = [](const std::string&) { return absl::UnavailableError("refused"); };
  EXPECT_EQ(add("node2", "192.0.2.2"), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace drover::coordinator
