// What deployments make of fake nodes, whatever fails.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "services/common/status/reason.h"
#include "services/coordinator/orchestrator/testing/orchestrator_fixture.h"

namespace drover::coordinator {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using volume::v1::GROUP_STATE_OWNED;

TEST_F(OrchestratorTest, CreatesANewApplication) {
  DeployOnNode1();
  ExpectServedBy(cluster_.node1, cluster_.node2);
  EXPECT_THAT(cluster_.node1.calls,
              ElementsAre("CheckPorts", "CheckPorts", "EnsureImage", "CreateGroup",
                          "StartContainer", "AwaitReady", "ApplyRoutes"));
}

TEST_F(OrchestratorTest, SaysInTheEndWhatANewApplicationDoesNotKeep) {
  cluster_.node1.unkept_paths = {"/cache"};
  const DeploymentRecord record = MustDeploy(OnNode(1));
  EXPECT_EQ(record.error, "");
  EXPECT_THAT(record.warnings, ElementsAre(HasSubstr("what redis writes to /cache is lost")));
  // Said once.
  EXPECT_THAT(MustDeploy(OnNode(1)).warnings, IsEmpty());
}

TEST_F(OrchestratorTest, SaysItAlsoOfWhatDidNotGetReady) {
  cluster_.node1.unkept_paths = {"/cache"};
  cluster_.node1.before = [](const std::string& call) {
    return call == "AwaitReady" ? StatusWithReason(absl::StatusCode::kDeadlineExceeded, "NOT_READY",
                                                   "nothing answers")
                                : absl::OkStatus();
  };
  const DeploymentRecord record = MustDeploy(OnNode(1));
  EXPECT_EQ(record.state, DeploymentState::kFailed);
  EXPECT_THAT(record.warnings, ElementsAre(HasSubstr("what redis writes to /cache is lost")));
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

TEST_F(OrchestratorTest, TheNextRestartIsPredictedByWhatTheLastOnesTook) {
  DeployOnNode1();
  cluster_.node1.after = [this](const std::string& call) {
    if (call == "StartContainer") cluster_.clock.Advance(absl::Milliseconds(1234));
    return absl::OkStatus();
  };
  ApplicationSpec changed = Redis();
  changed.image = "redis:8";
  const Action first = MustDeploy(OnNode(1, changed)).actions.at(0);
  ASSERT_TRUE(first.prediction.has_value());
  EXPECT_EQ(first.prediction->measured, 0);
  EXPECT_EQ(first.interruption, absl::Milliseconds(1234));
  changed.image = "redis:9";
  const Action second = MustDeploy(OnNode(1, changed)).actions.at(0);
  ASSERT_TRUE(second.prediction.has_value());
  EXPECT_EQ(second.prediction->measured, 1);
  EXPECT_EQ(second.prediction->expected, absl::Milliseconds(1234));
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

TEST_F(OrchestratorTest, NewVolumesAreSaidWhereTheImageIsChecked) {
  DeployOnNode1();
  EXPECT_THAT(cluster_.node1.mountpoints, ElementsAre("/data"));
  ApplicationSpec spec = Redis();
  spec.volumes.push_back({"logs", "/logs", 0, ""});
  EXPECT_EQ(MustDeploy(OnNode(1, spec)).error, "");
  EXPECT_THAT(cluster_.node1.mountpoints, ElementsAre("/data", "/logs"));
}

TEST_F(OrchestratorTest, APlanThatTheClusterHasOvertakenIsNotCarriedOut) {
  DeployOnNode1();
  const std::string fingerprint = MustPlan(OnNode(2)).fingerprint;
  EXPECT_EQ(MustDeploy(OnNode(2)).error, "");
  cluster_.node1.calls.clear();
  cluster_.node2.calls.clear();
  const absl::StatusOr<std::string> begun = *cluster_.Run(
      cluster_.orchestrator->deployments.Create(OnNode(2), fingerprint, {}, "user/ann"));
  EXPECT_EQ(ReasonOf(begun.status()), "PLAN_CHANGED");
  EXPECT_THAT(cluster_.node1.calls, IsEmpty());
  EXPECT_THAT(cluster_.node2.calls, IsEmpty());
  ExpectServedBy(cluster_.node2, cluster_.node1);
}

TEST_F(OrchestratorTest, APlanNamesAPortThatIsTaken) {
  cluster_.node2.taken_ports = {6379};
  const Plan plan = MustPlan(OnNode(1));
  ASSERT_THAT(plan.actions, SizeIs(1));
  EXPECT_THAT(plan.actions[0].error, HasSubstr("port 6379 is taken on node2"));
  // Once it is free, that is another plan.
  cluster_.node2.taken_ports.clear();
  EXPECT_NE(MustPlan(OnNode(1)).fingerprint, plan.fingerprint);
}

TEST_F(OrchestratorTest, SettingsChangeWithoutARestart) {
  DeployOnNode1();
  const std::string start = cluster_.node1.containers["redis"].start_id();
  cluster_.node1.calls.clear();
  ApplicationSpec changed = Redis(7000);
  changed.restart_policy.mode = RestartMode::kAlways;
  EXPECT_EQ(MustDeploy(OnNode(1, changed)).error, "");
  ExpectServedBy(cluster_.node1, cluster_.node2);
  EXPECT_EQ(cluster_.node1.containers["redis"].start_id(), start);
  EXPECT_THAT(cluster_.node1.calls, ElementsAre("CheckPorts", "CheckPorts", "StartContainer",
                                                "AwaitReady", "ChangeRoutes"));
  EXPECT_THAT(MustDeploy(OnNode(1, changed)).actions, IsEmpty());
}

TEST_F(OrchestratorTest, ARestartedCoordinatorGoesOnWithAllOfAnApplicationsActions) {
  DeployOnNode1();
  cluster_.CrashAfter([](const Change& change) { return !change.deployments.empty(); });
  ApplicationSpec changed = Redis();
  changed.restart_policy.mode = RestartMode::kAlways;
  changed.volumes[0].maximum_size_bytes = 1 << 30;
  EXPECT_FALSE(cluster_.Deploy(OnNode(1, changed)).ok());
  ASSERT_TRUE(cluster_.crashed());
  cluster_.Restart();
  Recover();
  const DeploymentRecord& record = *cluster_.journal->deployments().back();
  EXPECT_EQ(record.state, DeploymentState::kDone) << record.error;
  EXPECT_THAT(record.actions, SizeIs(2));
  EXPECT_THAT(MustDeploy(OnNode(1, changed)).actions, IsEmpty());
}

TEST_F(OrchestratorTest, PortsAndSizesChangeWithoutARestart) {
  DeployOnNode1();
  cluster_.node1.calls.clear();
  ApplicationSpec changed = Redis(7000);
  changed.volumes[0].maximum_size_bytes = 1 << 20;
  EXPECT_EQ(MustDeploy(OnNode(1, changed)).error, "");
  EXPECT_EQ(cluster_.node1.routes.routes(0).external_port(), 7000);
  EXPECT_THAT(cluster_.node1.calls,
              ElementsAre("CheckPorts", "ResizeVolume", "CheckPorts", "ChangeRoutes"));
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

class InterruptedDeploymentTest : public OrchestratorTest {
 protected:
  // A move and a resize, of which the coordinator sees only the move's beginning.
  void BeginAndCrash() {
    DeployOnNode1();
    ApplicationSpec larger = Redis();
    larger.volumes[0].maximum_size_bytes = 1 << 30;
    DesiredState desired = OnNode(2, larger);
    desired.nodes[1].node = "two.example";
    cluster_.hosts.known = {{"two.example", {"192.0.2.2"}}};
    cluster_.CrashAfter([](const Change& change) { return !change.migrations.empty(); });
    EXPECT_FALSE(cluster_.Deploy(desired).ok());
    cluster_.Restart();
  }
  const DeploymentRecord& Last() { return *cluster_.journal->deployments().back(); }
};

TEST_F(InterruptedDeploymentTest, DoesNotRepeatAMoveThatFailed) {
  cluster_.node2.before = [](const std::string& call) {
    return call == "EnsureImage" ? absl::NotFoundError("no image") : absl::OkStatus();
  };
  BeginAndCrash();
  Recover();
  EXPECT_THAT(cluster_.journal->migrations(), SizeIs(1));
  EXPECT_EQ(Last().state, DeploymentState::kFailed);
  ASSERT_THAT(Last().actions, SizeIs(2));
  EXPECT_EQ(Last().actions[1].state, ActionState::kFailed);
  EXPECT_EQ(Last().actions[1].error, Last().actions[0].error);
}

TEST_F(InterruptedDeploymentTest, GoesOnWithoutANameService) {
  BeginAndCrash();
  cluster_.hosts.known.clear();
  Recover();
  EXPECT_EQ(Last().error, "");
  EXPECT_EQ(cluster_.node2.groups["redis"].volumes(0).maximum_size_bytes(), 1 << 30);
  ExpectServedBy(cluster_.node2, cluster_.node1);
}

class DependentsTest : public OrchestratorTest {
 protected:
  // `web` on node1, which depends on redis on node2.
  DesiredState WebAndRedis() {
    ApplicationSpec web = Redis(7000);
    web.name = ApplicationName("web");
    web.depends_on = {Redis().name};
    DesiredState desired = OnNode(2);
    desired.applications.push_back(web);
    desired.nodes[0].applications = {web.name};
    return desired;
  }
};

TEST_F(DependentsTest, StartWhenWhatTheyDependOnIsReady) {
  int checked = 0;
  cluster_.node1.before = [this, &checked](const std::string& call) {
    if (call != "CreateGroup") return absl::OkStatus();
    ++checked;
    EXPECT_EQ(cluster_.node2.containers["redis"].state(), container::v1::CONTAINER_STATE_READY);
    return absl::OkStatus();
  };
  EXPECT_EQ(MustDeploy(WebAndRedis()).error, "");
  EXPECT_EQ(checked, 1);
  EXPECT_TRUE(cluster_.node1.containers.contains("web"));
}

TEST_F(DependentsTest, AreLeftAsTheyAreIfItFails) {
  cluster_.node2.before = [](const std::string& call) {
    return call == "EnsureImage" ? absl::NotFoundError("no image") : absl::OkStatus();
  };
  const DeploymentRecord record = MustDeploy(WebAndRedis());
  EXPECT_THAT(record.error, HasSubstr("node2: no image; redis was not created"));
  EXPECT_THAT(record.error, HasSubstr("web was left as it is: redis, which it depends on"));
  EXPECT_THAT(cluster_.node1.groups, IsEmpty());
  EXPECT_THAT(cluster_.node1.calls, Not(::testing::Contains("EnsureImage")));
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
