// What drains make of fake nodes, whatever fails.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <string>
#include <utility>

#include "services/coordinator/orchestrator/testing/orchestrator_fixture.h"

namespace drover::coordinator {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const NodeName kNode1("node1");

class DrainsTest : public OrchestratorTest {
 protected:
  DrainsTest() { DeployOnNode1(); }

  DeploymentRecord MustDrain(Drain drain, MigrationOptions options = {}) {
    absl::StatusOr<std::string> id = Begin(std::move(drain), options);
    EXPECT_TRUE(id.ok()) << id.status();
    if (!id.ok()) return {};
    cluster_.Run(WaitForAll());
    return *cluster_.journal->FindDeployment(*id);
  }
  absl::StatusOr<std::string> Begin(Drain drain, MigrationOptions options = {}) {
    return *cluster_.Run(
        cluster_.orchestrator->deployments.Create(std::move(drain), "", options, "user/ann"));
  }
  Task<bool> WaitForDeployment(std::string id) {
    while (cluster_.journal->FindDeployment(id)->state == DeploymentState::kRunning) {
      co_await NextChange();
    }
    co_return true;
  }
  bool IsCordoned(const NodeName& node) { return cluster_.journal->nodes().at(node).cordoned; }
  void SetCordonedDuringTheFirstMove(NodeName node, bool cordoned) {
    auto set = [this, node, cordoned]() -> Task<void> {
      (void)co_await cluster_.orchestrator->registry.SetCordoned(node, cordoned,
                                                                 cluster_.clock.Now());
    };
    cluster_.node2.before = [this, set, is_done = false](const std::string& call) mutable {
      if (call != "Activate" || std::exchange(is_done, true)) return absl::OkStatus();
      boost::asio::co_spawn(cluster_.executor(), set, boost::asio::detached);
      return absl::OkStatus();
    };
  }
  // `count` applications beside redis, on node1.
  void DeployMore(int count) {
    DesiredState desired = OnNode(1);
    for (int i = 0; i < count; ++i) {
      ApplicationSpec spec = Redis(7000 + i);
      spec.name = ApplicationName("app" + std::to_string(i));
      desired.nodes[0].applications.push_back(spec.name);
      desired.applications.push_back(std::move(spec));
    }
    EXPECT_EQ(MustDeploy(desired).error, "");
  }
};

TEST_F(DrainsTest, EmptiesTheNodeAndCordonsIt) {
  EXPECT_EQ(MustDrain({kNode1}).error, "");
  ExpectServedBy(cluster_.node2, cluster_.node1);
  EXPECT_TRUE(IsCordoned(kNode1));
  EXPECT_THAT(MustDeploy(OnNode(1)).error, HasSubstr("node1 is cordoned"));
  ExpectServedBy(cluster_.node2, cluster_.node1);
}

TEST_F(DrainsTest, RestoresWhatItMovedAway) {
  MustDrain({kNode1});
  const DeploymentRecord back = MustDrain({.node = kNode1, .restore = true});
  EXPECT_EQ(back.error, "");
  EXPECT_FALSE(IsCordoned(kNode1));
  ExpectServedBy(cluster_.node1, cluster_.node2);
  // There is nothing left to bring back.
  EXPECT_THAT(MustDrain({.node = kNode1, .restore = true}).actions, IsEmpty());
}

TEST_F(DrainsTest, NodesAreMeantByTheirAddressesToo) {
  EXPECT_EQ(MustDrain({NodeName("192.0.2.1"), {NodeName("192.0.2.2")}}).error, "");
  ExpectServedBy(cluster_.node2, cluster_.node1);
  EXPECT_TRUE(IsCordoned(kNode1));
  EXPECT_EQ(Begin({NodeName("node9")}).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(DrainsTest, WhatCannotBeMovedRunsOn) {
  cluster_.node2.before = [](const std::string& call) {
    return call == "EnsureImage" ? absl::NotFoundError("no image") : absl::OkStatus();
  };
  const DeploymentRecord record = MustDrain({kNode1});
  EXPECT_EQ(record.state, DeploymentState::kFailed);
  EXPECT_THAT(record.error, HasSubstr("no image"));
  ExpectServedBy(cluster_.node1, cluster_.node2);
  EXPECT_TRUE(IsCordoned(kNode1));
}

TEST_F(DrainsTest, ANodeThatDoesNotAnswerIsCordonedAtLeast) {
  cluster_.node1.before = [](const std::string&) { return absl::UnavailableError("refused"); };
  const DeploymentRecord record = MustDrain({kNode1});
  EXPECT_EQ(record.state, DeploymentState::kFailed);
  EXPECT_THAT(record.error, HasSubstr("node1 does not answer"));
  EXPECT_TRUE(IsCordoned(kNode1));
}

TEST_F(DrainsTest, WhatStandsStillAfterItsCutoverIsLeftToItself) {
  bool is_away = true;
  cluster_.node1.before = [&is_away](const std::string& call) {
    return is_away && call == "RetireGroup" ? absl::UnavailableError("it does not answer")
                                            : absl::OkStatus();
  };
  const absl::StatusOr<std::string> id = Begin({kNode1});
  ASSERT_TRUE(id.ok()) << id.status();
  cluster_.Run(WaitForDeployment(*id));
  const DeploymentRecord drained = *cluster_.journal->FindDeployment(*id);
  EXPECT_EQ(drained.state, DeploymentState::kDone) << drained.error;
  ASSERT_THAT(drained.warnings, SizeIs(1));
  EXPECT_THAT(drained.warnings[0],
              HasSubstr("redis runs on node2; what is left to do is waiting (node1: it does not "
                        "answer) and goes on by itself"));
  const MigrationDriver* driver = cluster_.orchestrator->migrations.FindDriver(LastMigration().id);
  ASSERT_NE(driver, nullptr);
  EXPECT_EQ(driver->waiting_for(), "node1: it does not answer");
  // Others are not kept from their work.
  EXPECT_EQ(MustDeploy({}).error, "");
  is_away = false;
  cluster_.Run(WaitForAll());
  ExpectServedBy(cluster_.node2, cluster_.node1);
}

TEST_F(DrainsTest, WhatStandsStillBeforeItRunsFailsAndIsBroughtBackIfItEndsWell) {
  bool is_away = true;
  cluster_.node2.before = [&is_away](const std::string& call) {
    return is_away && call == "Activate" ? absl::UnavailableError("it does not answer")
                                         : absl::OkStatus();
  };
  const absl::StatusOr<std::string> id = Begin({kNode1});
  ASSERT_TRUE(id.ok()) << id.status();
  cluster_.Run(WaitForDeployment(*id));
  EXPECT_THAT(cluster_.journal->FindDeployment(*id)->error,
              HasSubstr("the data of redis is on node2 now; its start there is waiting (node2: it "
                        "does not answer)"));
  is_away = false;
  cluster_.Run(WaitForAll());
  ExpectServedBy(cluster_.node2, cluster_.node1);
  EXPECT_EQ(MustDrain({.node = kNode1, .restore = true}).error, "");
  ExpectServedBy(cluster_.node1, cluster_.node2);
}

TEST_F(DrainsTest, ItsPlanNamesAPortThatIsTaken) {
  cluster_.node2.taken_ports = {6379};
  const absl::StatusOr<DrainPlan> made =
      *cluster_.Run(cluster_.orchestrator->planner.MakePlan(Drain{kNode1}));
  ASSERT_TRUE(made.ok()) << made.status();
  ASSERT_THAT(made->plan.actions, SizeIs(1));
  EXPECT_THAT(made->plan.actions[0].error, HasSubstr("port 6379 is taken on node2"));
  const DeploymentRecord record = MustDrain({kNode1});
  EXPECT_THAT(record.error, HasSubstr("port 6379 is taken on node2"));
  EXPECT_THAT(cluster_.journal->migrations(), IsEmpty());
  ExpectServedBy(cluster_.node1, cluster_.node2);
}

TEST_F(DrainsTest, MovesSoManyAtATime) {
  DeployMore(4);
  size_t most = 0;
  cluster_.node2.before = [this, &most](const std::string&) {
    size_t moving = 0;
    for (const MigrationRecord* record : cluster_.journal->migrations()) {
      moving += IsTerminal(record->state) ? 0 : 1;
    }
    most = std::max(most, moving);
    return absl::OkStatus();
  };
  const DeploymentRecord record = MustDrain({.node = kNode1, .parallel = 2});
  EXPECT_EQ(record.error, "");
  EXPECT_THAT(record.actions, SizeIs(5));
  EXPECT_EQ(most, 2);
  EXPECT_THAT(cluster_.node1.containers, IsEmpty());
}

TEST_F(DrainsTest, ItsMovesShareTheBandwidth) {
  DeployMore(2);
  MigrationOptions options;
  options.bandwidth_bytes_per_second = 3000;
  EXPECT_EQ(MustDrain({.node = kNode1, .parallel = 8}, options).options.bandwidth_bytes_per_second,
            1000);
  EXPECT_EQ(LastMigration().options.bandwidth_bytes_per_second, 1000);
}

TEST_F(DrainsTest, WhatSomebodyElseMovesMeanwhileIsNoFailure) {
  DeployMore(1);
  // While the first is moved, the second one is moved by hand.
  bool moved = false;
  cluster_.node2.before = [this, &moved](const std::string& call) {
    if (call != "Activate" || std::exchange(moved, true)) return absl::OkStatus();
    const DeploymentRecord& drain = *cluster_.journal->deployments().back();
    const ApplicationName second = drain.actions[1].application;
    ApplicationRecord record = *cluster_.journal->FindApplication(second);
    record.node = NodeName("node2");
    Change change;
    change.applications = {record};
    boost::asio::co_spawn(cluster_.executor(), cluster_.journal->Commit(std::move(change)),
                          boost::asio::detached);
    return absl::OkStatus();
  };
  const DeploymentRecord record = MustDrain({.node = kNode1, .parallel = 1});
  ASSERT_TRUE(moved);
  EXPECT_EQ(record.error, "");
  ASSERT_THAT(record.actions, SizeIs(2));
  EXPECT_EQ(record.actions[1].state, ActionState::kDone);
  EXPECT_EQ(record.actions[1].reason, "somebody else has moved it meanwhile");
  EXPECT_TRUE(record.actions[1].migration.empty());
}

TEST_F(DrainsTest, ACordonCountsAlsoAfterThePlan) {
  DeployMore(1);
  SetCordonedDuringTheFirstMove(NodeName("node2"), true);
  const DeploymentRecord record = MustDrain({.node = kNode1, .parallel = 1});
  EXPECT_THAT(record.error, HasSubstr("node2 is cordoned"));
  EXPECT_THAT(cluster_.node1.containers, SizeIs(1));
  EXPECT_THAT(cluster_.node2.containers, SizeIs(1));
}

TEST_F(DrainsTest, WhoUncordonsTheNodeEndsIt) {
  DeployMore(2);
  SetCordonedDuringTheFirstMove(kNode1, false);
  const DeploymentRecord record = MustDrain({.node = kNode1, .parallel = 1});
  EXPECT_EQ(record.state, DeploymentState::kFailed);
  ASSERT_THAT(record.actions, SizeIs(3));
  EXPECT_EQ(record.actions[0].state, ActionState::kDone);
  EXPECT_EQ(record.error, record.actions[1].application.value() + ", " +
                              record.actions[2].application.value() +
                              ": node1 was uncordoned, which ended its drain");
  EXPECT_THAT(cluster_.node1.containers, SizeIs(2));
}

TEST_F(DrainsTest, WhatWasToBeMovedIsNamedIfTheNodeIsAwayAfterARestart) {
  DeployMore(1);
  cluster_.CrashAfter([](const Change& change) { return !change.deployments.empty(); });
  (void)cluster_.Run(cluster_.orchestrator->deployments.Create(Drain{.node = kNode1}, "", {}, "u"));
  ASSERT_TRUE(cluster_.crashed());
  cluster_.Restart();
  cluster_.node1.before = [](const std::string&) { return absl::UnavailableError("refused"); };
  Recover();
  const DeploymentRecord& record = *cluster_.journal->deployments().back();
  EXPECT_EQ(record.state, DeploymentState::kFailed);
  ASSERT_THAT(record.actions, SizeIs(2));
  EXPECT_THAT(record.actions[0].error, HasSubstr("node1 does not answer"));
}

TEST_F(DrainsTest, GoesOnAfterARestartOfTheCoordinator) {
  DeployMore(2);
  cluster_.CrashAfter([](const Change& change) {
    for (const MigrationRecord& record : change.migrations) {
      if (record.state == MigrationState::kSealed) return true;
    }
    return false;
  });
  (void)cluster_.Run(cluster_.orchestrator->deployments.Create(Drain{.node = kNode1, .parallel = 1},
                                                               "", {}, "user/ann"));
  cluster_.Run(WaitForAll());
  ASSERT_TRUE(cluster_.crashed());
  cluster_.Restart();
  Recover();
  const DeploymentRecord& record = *cluster_.journal->deployments().back();
  EXPECT_EQ(record.error, "");
  EXPECT_THAT(cluster_.node1.containers, IsEmpty());
  EXPECT_THAT(cluster_.node2.containers, SizeIs(3));
  EXPECT_TRUE(IsCordoned(kNode1));
}

TEST_F(DrainsTest, ACordonIsDurable) {
  auto set = [this](bool cordoned) {
    return cluster_
        .Run(cluster_.orchestrator->registry.SetCordoned(kNode1, cordoned, cluster_.clock.Now()))
        ->ok();
  };
  EXPECT_TRUE(set(true));
  cluster_.Restart();
  EXPECT_TRUE(IsCordoned(kNode1));
  EXPECT_TRUE(set(false));
  EXPECT_TRUE(set(false));
  EXPECT_FALSE(IsCordoned(kNode1));
  const auto unknown = cluster_.Run(
      cluster_.orchestrator->registry.SetCordoned(NodeName("node9"), true, cluster_.clock.Now()));
  EXPECT_EQ(unknown->status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace drover::coordinator
