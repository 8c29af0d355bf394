// Whole moves over fake nodes: what is where at the end, whatever is lost or crashes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>

#include "services/coordinator/orchestrator/testing/orchestrator_fixture.h"

namespace drover::coordinator {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST_F(OrchestratorTest, MovesThroughAllStepsInOrder) {
  DeployOnNode1();
  cluster_.node1.calls.clear();
  cluster_.node2.calls.clear();
  EXPECT_EQ(MustDeploy(OnNode(2)).error, "");
  ExpectServedBy(cluster_.node2, cluster_.node1);
  EXPECT_THAT(
      cluster_.node1.calls,
      ElementsAre("CheckPorts", "CheckPorts", "LockGroup", "PushRound", "SetHold", "Seal",
                  "PushRound", "ChangeRoutes", "ReleaseHold", "RetireGroup", "RemoveContainer"));
  EXPECT_THAT(cluster_.node2.calls,
              ElementsAre("CheckPorts", "CheckPorts", "ReserveGroup", "EnsureImage",
                          "StageContainer", "SetHold", "Prepare", "Activate", "AwaitReady",
                          "ChangeRoutes", "ReleaseHold", "FinishMigration"));
  EXPECT_EQ(LastMigration().state, MigrationState::kDone);
  EXPECT_EQ(LastMigration().final_bytes, 1000);
  EXPECT_TRUE(LastMigration().interruption.has_value());
  EXPECT_EQ(MustDeploy(OnNode(1)).error, "");
  ExpectServedBy(cluster_.node1, cluster_.node2);
}

TEST_F(OrchestratorTest, ItsPhasesAreInTheOrderInWhichTheyEnded) {
  DeployOnNode1();
  auto take_a_while = [this](const Change&) {
    cluster_.clock.Advance(absl::Milliseconds(1));
    return false;
  };
  cluster_.CrashAfter(take_a_while);
  EXPECT_EQ(MustDeploy(OnNode(2)).error, "");
  std::string phases;
  for (const MigrationPhase& phase : LastMigration().phases) phases += phase.name + " ";
  EXPECT_EQ(phases,
            "admit stage copy hold stop seal delta prepare commit activate ready route retire ");
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

// What a reboot makes of the container, by how often it was asked whether it is ready.
void Reboot(FakeNode& node, std::function<void(int asked, container::v1::Container&)> become) {
  node.before = [&node, become, asked = 0](const std::string& call) mutable {
    if (call != "AwaitReady") return absl::OkStatus();
    container::v1::Container& container = node.containers["redis"];
    container.set_start_id("after-the-reboot");
    become(++asked, container);
    return absl::OkStatus();
  };
}

TEST_F(OrchestratorTest, AnApplicationWhoseMachineWasRebootedIsFollowed) {
  DeployOnNode1();
  // It is made, and until its gate is opened again it is no more than staged.
  Reboot(cluster_.node2, [](int asked, container::v1::Container& container) {
    container.set_container_id(asked == 1 ? "" : "after-the-reboot");
    container.set_state(asked == 1  ? container::v1::CONTAINER_STATE_EXITED
                        : asked < 4 ? container::v1::CONTAINER_STATE_GATED
                                    : container::v1::CONTAINER_STATE_READY);
  });
  EXPECT_EQ(MustDeploy(OnNode(2)).error, "");
  EXPECT_EQ(LastMigration().state, MigrationState::kDone);
  EXPECT_EQ(LastMigration().return_of, MigrationId());
  ExpectServedBy(cluster_.node2, cluster_.node1);
}

TEST_F(OrchestratorTest, AStartThatWasFoundBeforeItsContainerWasMadeIsRoutedTo) {
  DeployOnNode1();
  Reboot(cluster_.node2, [](int asked, container::v1::Container& container) {
    container.set_container_id(asked == 1 ? "" : "after-the-reboot");
    container.set_state(asked == 1 ? container::v1::CONTAINER_STATE_EXITED
                                   : container::v1::CONTAINER_STATE_READY);
  });
  EXPECT_EQ(MustDeploy(OnNode(2)).error, "");
  ExpectServedBy(cluster_.node2, cluster_.node1);
}

TEST_F(OrchestratorTest, OneThatStaysBehindItsGateAfterARebootComesBack) {
  DeployOnNode1();
  Reboot(cluster_.node2, [](int, container::v1::Container& container) {
    container.set_state(container::v1::CONTAINER_STATE_GATED);
  });
  EXPECT_THAT(MustDeploy(OnNode(2)).error, HasSubstr("its gate has not been opened"));
  ExpectServedBy(cluster_.node1, cluster_.node2);
}

TEST_F(OrchestratorTest, AnApplicationThatCouldNotBeStartedIsMoved) {
  DeployOnNode1();
  container::v1::Container& container = cluster_.node1.containers["redis"];
  container.clear_image_digest();
  container.clear_container_id();
  container.set_state(container::v1::CONTAINER_STATE_EXITED);
  EXPECT_EQ(MustDeploy(OnNode(2)).error, "");
}

TEST_F(OrchestratorTest, AVolumeThatNoProgramHasSeenIsFilledWhereItArrives) {
  DeployOnNode1();
  cluster_.node1.groups["redis"].mutable_volumes(0)->set_fresh(true);
  EXPECT_EQ(MustDeploy(OnNode(2)).error, "");
  ExpectServedBy(cluster_.node2, cluster_.node1);
  EXPECT_THAT(cluster_.node2.calls, Contains("StartContainer"));
  EXPECT_FALSE(cluster_.node2.groups["redis"].volumes(0).fresh());
}

// Another one under the same tag might start on the data.
TEST_F(OrchestratorTest, AMoveWaitsUntilItIsKnownWhichImageRuns) {
  DeployOnNode1();
  container::v1::Container& container = cluster_.node1.containers["redis"];
  container.clear_image_digest();
  int looks = 0;
  cluster_.node1.before = [&](const std::string& call) {
    if (call == "ListContainers" && ++looks == 8) container.set_image_digest("sha256:1");
    return absl::OkStatus();
  };
  EXPECT_EQ(MustDeploy(OnNode(2)).error, "");
  EXPECT_GE(looks, 8);
  EXPECT_EQ(cluster_.node2.required_digest, "sha256:1");
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

}  // namespace
}  // namespace drover::coordinator
