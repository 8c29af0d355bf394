// Snapshots, going back to them, clones and deletion on fake nodes, whatever fails.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>

#include "services/common/status/reason.h"
#include "services/coordinator/orchestrator/testing/orchestrator_fixture.h"

namespace drover::coordinator {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

const NodeName kNode1("node1"), kNode2("node2");
const ApplicationName kCopy("copy");

class CopiesTest : public OrchestratorTest {
 protected:
  CopiesTest() { DeployOnNode1(); }

  VolumeOperations& volumes() { return cluster_.orchestrator->volumes; }
  absl::Status Snapshot(const std::string& volume, const std::string& name) {
    return cluster_.Run(volumes().CreateSnapshots(volume, name))->status();
  }
  absl::Status Delete(const std::string& volume) { return *cluster_.Run(volumes().Delete(volume)); }
  absl::StatusOr<DeploymentRecord> RollBackTo(const std::string& volume, const std::string& name) {
    return Finished(cluster_.Run(cluster_.orchestrator->deployments.Create(
        coordinator::RollBack{volume, name}, "user/ann")));
  }
  absl::StatusOr<DeploymentRecord> MakeClone(const NodeName& node,
                                             std::vector<ClonePort> ports = {{6379, 7000}}) {
    coordinator::Clone clone{Redis().name, kCopy, node, std::move(ports)};
    return Finished(
        cluster_.Run(cluster_.orchestrator->deployments.Create(std::move(clone), {}, "user/ann")));
  }
  const ApplicationRecord* Copy() { return cluster_.journal->FindApplication(kCopy); }

 private:
  absl::StatusOr<DeploymentRecord> Finished(std::optional<absl::StatusOr<std::string>> id) {
    if (!id.has_value()) return absl::AbortedError("the coordinator crashed");
    if (!id->ok()) return id->status();
    cluster_.Run(WaitForAll());
    return *cluster_.journal->FindDeployment(**id);
  }
};

TEST_F(CopiesTest, GoesBackToASnapshotAndRunsAgain) {
  ASSERT_EQ(Snapshot("redis", "first"), absl::OkStatus());
  EXPECT_TRUE(absl::IsAlreadyExists(Snapshot("redis", "first")));
  cluster_.node1.calls.clear();
  const absl::StatusOr<DeploymentRecord> record = RollBackTo("redis", "first");
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(record->error, "");
  EXPECT_THAT(cluster_.node1.rolled_back, ElementsAre("first"));
  ExpectServedBy(cluster_.node1, cluster_.node2);
  // Stopped before, started after.
  const std::vector<std::string>& calls = cluster_.node1.calls;
  const auto back = std::find(calls.begin(), calls.end(), "RollBackVolume");
  EXPECT_NE(std::find(calls.begin(), back, "RemoveContainer"), back);
  EXPECT_NE(std::find(back, calls.end(), "StartContainer"), calls.end());
}

TEST_F(CopiesTest, WhatIsStoppedStaysStopped) {
  ASSERT_EQ(Snapshot("redis", "first"), absl::OkStatus());
  EXPECT_EQ(MustDeploy(OnNode(0)).error, "");
  ASSERT_TRUE(RollBackTo("redis", "first").ok());
  EXPECT_THAT(cluster_.node1.rolled_back, ElementsAre("first"));
  EXPECT_THAT(cluster_.node1.containers, IsEmpty());
}

TEST_F(CopiesTest, ARefusedRollBackLeavesTheApplicationRunning) {
  ASSERT_EQ(Snapshot("redis", "first"), absl::OkStatus());
  cluster_.node1.before = [](const std::string& call) {
    return call == "RollBackVolume" ? absl::FailedPreconditionError("it has clones")
                                    : absl::OkStatus();
  };
  const absl::StatusOr<DeploymentRecord> record = RollBackTo("redis", "first");
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_THAT(record->error, HasSubstr("it has clones"));
  ASSERT_THAT(record->actions, SizeIs(2));
  EXPECT_EQ(record->actions[0].state, ActionState::kFailed);
  EXPECT_EQ(record->actions[1].state, ActionState::kDone);
  ExpectServedBy(cluster_.node1, cluster_.node2);
}

TEST_F(CopiesTest, WhatIsHalfPutBackIsNotStarted) {
  ASSERT_EQ(Snapshot("redis", "first"), absl::OkStatus());
  cluster_.node1.before = [](const std::string& call) {
    return call == "RollBackVolume" ? absl::UnavailableError("refused") : absl::OkStatus();
  };
  const absl::StatusOr<DeploymentRecord> record = RollBackTo("redis", "first");
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_THAT(record->error, HasSubstr("how far it was put back is not known"));
  EXPECT_THAT(cluster_.node1.containers, IsEmpty());
  cluster_.node1.before = nullptr;
  EXPECT_EQ(RollBackTo("redis", "first")->error, "");
  ExpectServedBy(cluster_.node1, cluster_.node2);
}

TEST_F(CopiesTest, ARefusalIsDurableBeforeItRunsAgain) {
  ASSERT_EQ(Snapshot("redis", "first"), absl::OkStatus());
  for (int last = 1; last < 30; ++last) {
    SCOPED_TRACE(last);
    bool is_refused = true;
    cluster_.node1.before = [&is_refused](const std::string& call) {
      return call == "RollBackVolume" && is_refused ? absl::FailedPreconditionError("no")
                                                    : absl::OkStatus();
    };
    cluster_.node1.calls.clear();
    int writes = 0;
    cluster_.CrashAfter([&writes, last](const Change&) { return ++writes == last; });
    (void)RollBackTo("redis", "first");
    const bool crashed = cluster_.crashed();
    is_refused = false;
    cluster_.Restart();
    Recover();
    ExpectServedBy(cluster_.node1, cluster_.node2);
    const std::vector<std::string>& calls = cluster_.node1.calls;
    const auto started = std::find(calls.begin(), calls.end(), "StartContainer");
    EXPECT_EQ(std::find(started, calls.end(), "RollBackVolume"), calls.end());
    if (!crashed) return;
  }
  FAIL() << "it never ended";
}

TEST_F(CopiesTest, OnlyWhatIsWhereTheDataIsCanBeGoneBackTo) {
  EXPECT_THAT(std::string(RollBackTo("redis", "first").status().message()),
              HasSubstr("`drover volumes snapshot redis` takes one"));
  ASSERT_EQ(Snapshot("redis", "first"), absl::OkStatus());
  EXPECT_THAT(std::string(RollBackTo("redis", "second").status().message()),
              HasSubstr("there are: first"));
  EXPECT_EQ(MustDeploy(OnNode(2)).error, "");
  cluster_.node2.groups["redis"].mutable_volumes(0)->clear_snapshots();
  const absl::Status elsewhere = RollBackTo("redis", "first").status();
  EXPECT_EQ(ReasonOf(elsewhere), "OTHER_NODE");
  EXPECT_THAT(std::string(elsewhere.message()), HasSubstr("`drover move redis node1`"));
  EXPECT_TRUE(absl::IsNotFound(RollBackTo("other", "first").status()));
}

TEST_F(CopiesTest, NothingIsPutBackOnceItRunsAgainWhereverTheCoordinatorEnds) {
  ASSERT_EQ(Snapshot("redis", "first"), absl::OkStatus());
  for (int last = 1; last < 30; ++last) {
    SCOPED_TRACE(last);
    cluster_.node1.calls.clear();
    cluster_.node1.rolled_back.clear();
    int writes = 0;
    cluster_.CrashAfter([&writes, last](const Change&) { return ++writes == last; });
    (void)RollBackTo("redis", "first");
    const bool crashed = cluster_.crashed();
    cluster_.Restart();
    Recover();
    ExpectServedBy(cluster_.node1, cluster_.node2);
    const std::vector<std::string>& calls = cluster_.node1.calls;
    const auto started = std::find(calls.begin(), calls.end(), "StartContainer");
    EXPECT_EQ(std::find(started, calls.end(), "RollBackVolume"), calls.end());
    const DeploymentRecord& record = *cluster_.journal->deployments().back();
    const bool is_put_back = !cluster_.node1.rolled_back.empty();
    if (record.roll_back.has_value() && !is_put_back) {
      // It had not been stopped yet, and may have served for long since.
      EXPECT_THAT(record.error, HasSubstr("nothing was put back; ask again"));
    } else {
      EXPECT_EQ(record.error, "");
      EXPECT_EQ(record.roll_back.has_value(), is_put_back);
    }
    if (!crashed) return;
  }
  FAIL() << "it never ended";
}

TEST_F(CopiesTest, AClonesNameAndPortsAreItsOwn) {
  const absl::StatusOr<DeploymentRecord> record = MakeClone(NodeName());
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(record->error, "");
  ASSERT_NE(Copy(), nullptr);
  EXPECT_EQ(Copy()->node, kNode1);
  EXPECT_TRUE(Copy()->running);
  EXPECT_TRUE(Copy()->route.has_value());
  ASSERT_THAT(Copy()->spec.ports, SizeIs(1));
  EXPECT_EQ(Copy()->spec.ports[0].external, 7000);
  EXPECT_EQ(Copy()->spec.ports[0].internal, 6379);
  EXPECT_GT(Copy()->generation, cluster_.journal->FindApplication(Redis().name)->generation);
  EXPECT_EQ(cluster_.node1.containers.size(), 2u);
  EXPECT_TRUE(absl::IsAlreadyExists(MakeClone(NodeName()).status()));
}

TEST_F(CopiesTest, ACloneForAnotherNodeIsMovedThere) {
  const absl::StatusOr<DeploymentRecord> record = MakeClone(kNode2);
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(record->error, "");
  ASSERT_NE(Copy(), nullptr);
  EXPECT_EQ(Copy()->node, kNode2);
  EXPECT_TRUE(Copy()->running);
  EXPECT_TRUE(cluster_.node2.containers.contains("copy"));
  EXPECT_TRUE(cluster_.node1.containers.contains("redis"));
  EXPECT_FALSE(cluster_.node1.containers.contains("copy"));
}

TEST_F(CopiesTest, ACloneWhoseAnswerWasLostIsThatClone) {
  int asked = 0;
  cluster_.node1.after = [&asked](const std::string& call) {
    return call == "CloneGroup" && ++asked == 1 ? absl::UnavailableError("reset")
                                                : absl::OkStatus();
  };
  const absl::StatusOr<DeploymentRecord> record = MakeClone(NodeName());
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(record->error, "");
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(Copy()->generation.value(), cluster_.node1.groups["copy"].generation());
}

TEST_F(CopiesTest, AllThatIsWrongWithAClonesPortsIsSaidAtOnce) {
  const absl::Status status = MakeClone(NodeName(), {{80, 81}, {6379, 7400}}).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("has no external port 80"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("are Drover's own"));
  EXPECT_THAT(std::string(MakeClone(NodeName(), {}).status().message()),
              HasSubstr("--port 6379=NEW"));
  EXPECT_THAT(std::string(MakeClone(NodeName(), {{6379, 6379}}).status().message()),
              HasSubstr("port 6379 is redis's"));
  EXPECT_EQ(Copy(), nullptr);
}

TEST_F(CopiesTest, ACloneIsMadeOnceWhereverTheCoordinatorEnds) {
  for (int last = 1; last < 40; ++last) {
    SCOPED_TRACE(last);
    int writes = 0;
    cluster_.CrashAfter([&writes, last](const Change&) { return ++writes == last; });
    (void)MakeClone(kNode2);
    const bool crashed = cluster_.crashed();
    cluster_.Restart();
    Recover();
    EXPECT_TRUE(cluster_.node1.containers.contains("redis"));
    const bool begun = cluster_.journal->deployments().back()->clone.has_value();
    EXPECT_EQ(Copy() != nullptr, begun);
    if (begun) {
      EXPECT_EQ(cluster_.journal->deployments().back()->error, "");
      EXPECT_EQ(Copy()->node, kNode2);
      EXPECT_EQ(Copy()->generation.value(), cluster_.node2.groups["copy"].generation());
      EXPECT_TRUE(cluster_.node2.containers.contains("copy"));
    }
    if (!crashed) return;
    if (begun) {
      EXPECT_EQ(MustDeploy(OnNode(1)).error, "");
      ASSERT_EQ(Delete("copy"), absl::OkStatus());
    }
  }
  FAIL() << "it never ended";
}

TEST_F(CopiesTest, AStoppedApplicationIsDeletedEverywhere) {
  EXPECT_EQ(ReasonOf(Delete("redis")), "RUNNING");
  EXPECT_EQ(ReasonOf(Delete("redis:logs")), "ATTACHED");
  EXPECT_TRUE(absl::IsNotFound(Delete("other")));
  EXPECT_EQ(MustDeploy(OnNode(2)).error, "");
  EXPECT_EQ(MustDeploy(OnNode(0)).error, "");
  cluster_.node1.before = [](const std::string&) { return absl::UnavailableError("refused"); };
  const absl::Status away = Delete("redis");
  EXPECT_TRUE(absl::IsUnavailable(away)) << away;
  EXPECT_THAT(cluster_.node2.groups, SizeIs(1));
  cluster_.node1.before = nullptr;
  ASSERT_EQ(Delete("redis"), absl::OkStatus());
  EXPECT_THAT(cluster_.node1.groups, IsEmpty());
  EXPECT_THAT(cluster_.node2.groups, IsEmpty());
  EXPECT_EQ(cluster_.journal->FindApplication(Redis().name), nullptr);
  // The name is free again, for new data.
  EXPECT_EQ(MustDeploy(OnNode(1)).error, "");
  ExpectServedBy(cluster_.node1, cluster_.node2);
}

TEST_F(CopiesTest, ANameOfTwoThingsDeletesNeither) {
  ApplicationSpec other = Redis();
  other.volumes = {{"data", "/data", 0, ""}};
  EXPECT_EQ(MustDeploy(OnNode(1, other)).error, "");
  EXPECT_EQ(MustDeploy(OnNode(0, other)).error, "");
  EXPECT_EQ(ReasonOf(Delete("redis")), "AMBIGUOUS");
  EXPECT_EQ(cluster_.node1.groups["redis"].volumes_size(), 2);
  EXPECT_EQ(MustDeploy(OnNode(1, other)).error, "");
  ASSERT_EQ(Delete("redis"), absl::OkStatus());
  ASSERT_EQ(cluster_.node1.groups["redis"].volumes_size(), 1);
  EXPECT_EQ(cluster_.node1.groups["redis"].volumes(0).id(), "data");
}

TEST_F(CopiesTest, WhatOnlyADivergedCopyHoldsIsKept) {
  ApplicationSpec more = Redis();
  more.volumes.push_back({"logs", "/logs", 0, ""});
  EXPECT_EQ(MustDeploy(OnNode(1, more)).error, "");
  cluster_.node2.groups["redis"] = cluster_.node1.groups["redis"];
  cluster_.node2.groups["redis"].set_state(volume::v1::GROUP_STATE_DIVERGED);
  EXPECT_EQ(MustDeploy(OnNode(1)).error, "");
  ASSERT_EQ(Delete("redis:logs"), absl::OkStatus());
  EXPECT_EQ(cluster_.node1.groups["redis"].volumes_size(), 1);
  EXPECT_EQ(cluster_.node2.groups["redis"].volumes_size(), 2);
  EXPECT_EQ(MustDeploy(OnNode(0)).error, "");
  EXPECT_THAT(std::string(Delete("redis").message()), HasSubstr("--node node2"));
}

TEST_F(CopiesTest, ADeletionThatBrokeOffIsEndedByARepeat) {
  EXPECT_EQ(MustDeploy(OnNode(2)).error, "");
  EXPECT_EQ(MustDeploy(OnNode(0)).error, "");
  cluster_.node2.before = [](const std::string& call) {
    return call == "DeleteGroup" ? absl::InternalError("no") : absl::OkStatus();
  };
  EXPECT_FALSE(Delete("redis").ok());
  EXPECT_THAT(cluster_.node1.groups, IsEmpty());
  EXPECT_NE(cluster_.journal->FindApplication(Redis().name), nullptr);
  cluster_.node2.before = nullptr;
  ASSERT_EQ(Delete("redis"), absl::OkStatus());
  EXPECT_EQ(cluster_.journal->FindApplication(Redis().name), nullptr);
}

TEST_F(CopiesTest, VolumesComeAndGoWithTheFile) {
  ApplicationSpec more = Redis();
  more.volumes.push_back({"logs", "/logs", 0, ""});
  const DeploymentRecord added = MustDeploy(OnNode(1, more));
  EXPECT_EQ(added.error, "");
  ASSERT_THAT(added.actions, SizeIs(1));
  EXPECT_EQ(added.actions[0].kind, ActionKind::kRestart);
  EXPECT_EQ(added.actions[0].reason, "volume redis:logs added");
  ASSERT_EQ(cluster_.node1.groups["redis"].volumes_size(), 2);
  ExpectServedBy(cluster_.node1, cluster_.node2);
  EXPECT_THAT(MustDeploy(OnNode(1, more)).actions, IsEmpty());
  // Not both at once: what a move carries does not change under way.
  EXPECT_THAT(MustDeploy(OnNode(2)).error, HasSubstr("do one after the other"));
  const DeploymentRecord removed = MustDeploy(OnNode(1));
  EXPECT_EQ(removed.error, "");
  EXPECT_THAT(removed.warnings, Contains(HasSubstr("redis:logs is not in the file any more")));
  EXPECT_TRUE(cluster_.node1.groups["redis"].volumes(1).detached());
  EXPECT_EQ(ReasonOf(Delete("redis")), "RUNNING");
  ASSERT_EQ(Delete("redis:logs"), absl::OkStatus());
  EXPECT_EQ(cluster_.node1.groups["redis"].volumes_size(), 1);
  ExpectServedBy(cluster_.node1, cluster_.node2);
}

TEST_F(CopiesTest, SnapshotsAreDeletedWhereverTheyAre) {
  ASSERT_EQ(Snapshot("redis", "first"), absl::OkStatus());
  EXPECT_EQ(MustDeploy(OnNode(2)).error, "");
  cluster_.node2.groups["redis"].mutable_volumes(0)->clear_snapshots();
  const auto deleted = *cluster_.Run(volumes().DeleteSnapshots("redis", "first"));
  ASSERT_TRUE(deleted.ok()) << deleted.status();
  ASSERT_THAT(*deleted, SizeIs(1));
  EXPECT_EQ(deleted->front().node, kNode1);
  EXPECT_THAT(cluster_.node1.calls, Contains("DeleteSnapshot"));
  EXPECT_THAT(cluster_.node2.calls, Not(Contains("DeleteSnapshot")));
  EXPECT_TRUE(absl::IsNotFound(cluster_.Run(volumes().DeleteSnapshots("redis", "no"))->status()));
}

}  // namespace
}  // namespace drover::coordinator
