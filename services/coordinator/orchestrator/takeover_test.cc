// Nodes that are lost, claimed from, and come back, over fake nodes.
#include "services/coordinator/orchestrator/takeover.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/coordinator/orchestrator/testing/fake_cluster.h"

namespace drover::coordinator {
namespace {

using container::v1::CONTAINER_STATE_READY;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using volume::v1::GROUP_STATE_DIVERGED;
using volume::v1::GROUP_STATE_OWNED;

const ApplicationName kRedis("redis");
const NodeName kNode1("node1");
const NodeName kNode2("node2");

DesiredState OnNode(int node) {
  ApplicationSpec spec;
  spec.name = kRedis;
  spec.image = "redis:7";
  spec.ports = {{6379, 6379}};
  spec.volumes = {{"", "/data", 0, ""}};
  DesiredState desired;
  desired.applications = {spec};
  desired.nodes = {{"node1", {}, ""}, {"node2", {}, ""}};
  desired.nodes[node - 1].applications = {kRedis};
  return desired;
}

class TakeoverTest : public ::testing::Test {
 protected:
  TakeoverTest() {
    cluster_.RegisterNodes();
    // Now node1 keeps a copy, and node2 serves.
    EXPECT_EQ(cluster_.Deploy(OnNode(1))->error, "");
    EXPECT_EQ(cluster_.Deploy(OnNode(2))->error, "");
  }

  static void Lose(FakeNode& node) {
    node.before = [](const std::string&) { return absl::UnavailableError("no answer"); };
  }
  static void BringBack(FakeNode& node) { node.before = nullptr; }

  absl::Status Claim(const NodeName& node) {
    return *cluster_.Run(cluster_.orchestrator->takeover.Claim(kRedis, node, "user/ann"));
  }
  void Reconcile() {
    auto reconcile = [this]() -> Task<bool> {
      co_await cluster_.orchestrator->reconciler.Reconcile();
      co_return true;
    };
    cluster_.Run(reconcile());
  }
  // The copy that node1 had before the last move, which the fake forgets when one is aborted.
  void RestoreCopyOnNode1() {
    volume::v1::VolumeGroup& copy = cluster_.node1.groups["redis"];
    copy = cluster_.node2.groups["redis"];
    copy.clear_migration();
    copy.set_state(volume::v1::GROUP_STATE_RETIRED);
  }
  const ApplicationRecord& Record() { return *cluster_.journal->FindApplication(kRedis); }

  void ExpectServedBy(FakeNode& node) {
    EXPECT_EQ(node.groups["redis"].state(), GROUP_STATE_OWNED);
    EXPECT_EQ(node.containers["redis"].state(), CONTAINER_STATE_READY);
    EXPECT_EQ(Record().node, NodeName(node.name));
    EXPECT_EQ(Record().generation.value(), node.groups["redis"].generation());
    ASSERT_EQ(node.routes.routes_size(), 1);
    EXPECT_EQ(node.routes.routes(0).local().container_id(),
              node.containers["redis"].container_id());
  }

  FakeCluster cluster_;
};

TEST_F(TakeoverTest, ALostNodesApplicationRunsWhereItsCopyIs) {
  Lose(cluster_.node2);
  EXPECT_TRUE(Claim(kNode1).ok());
  ExpectServedBy(cluster_.node1);
  EXPECT_GT(cluster_.node1.groups["redis"].generation(),
            cluster_.node2.groups["redis"].generation());
}

TEST_F(TakeoverTest, WhetherAClaimWouldBeRefusedIsSaidWithoutIt) {
  const auto check = [this](const NodeName& node) {
    return *cluster_.Run(cluster_.orchestrator->takeover.CheckMayClaim(kRedis, node));
  };
  EXPECT_EQ(ReasonOf(check(kNode2)), "ALREADY_OWNER");
  EXPECT_THAT(std::string(check(kNode1).message()), HasSubstr("node2 answers and owns"));
  cluster_.node2.containers.clear();
  EXPECT_TRUE(check(kNode2).ok()) << "it would be started";
  Lose(cluster_.node2);
  cluster_.node1.calls.clear();
  EXPECT_TRUE(check(kNode1).ok());
  EXPECT_THAT(cluster_.node1.calls, Not(Contains("ClaimGroup")));
  EXPECT_EQ(Record().node, kNode2);
}

TEST_F(TakeoverTest, TheOldOwnerKeepsWhatItHasAndRunsNothing) {
  Lose(cluster_.node2);
  EXPECT_TRUE(Claim(kNode1).ok());
  BringBack(cluster_.node2);
  Reconcile();
  EXPECT_EQ(cluster_.node2.groups["redis"].state(), GROUP_STATE_DIVERGED);
  EXPECT_THAT(cluster_.node2.containers, IsEmpty());
  EXPECT_EQ(cluster_.node2.routes.routes(0).remote().address(), cluster_.node1.address);
  ExpectServedBy(cluster_.node1);
  cluster_.node2.calls.clear();
  Reconcile();
  EXPECT_THAT(cluster_.node2.calls, IsEmpty()) << "once";
}

TEST_F(TakeoverTest, TheContainerGoesAlsoWhenTheCoordinatorDiesInBetween) {
  Lose(cluster_.node2);
  EXPECT_TRUE(Claim(kNode1).ok());
  cluster_.node2.before = [](const std::string& call) {
    return call == "RemoveContainer" ? absl::UnavailableError("no answer") : absl::OkStatus();
  };
  Reconcile();
  EXPECT_THAT(cluster_.node2.containers, Not(IsEmpty()));
  cluster_.Restart();
  BringBack(cluster_.node2);
  Reconcile();
  EXPECT_THAT(cluster_.node2.containers, IsEmpty());
}

TEST_F(TakeoverTest, AnOwnerThatAnswersIsNotRobbed) {
  const absl::Status status = Claim(kNode1);
  EXPECT_THAT(std::string(status.message()), HasSubstr("`drover move redis node1` loses nothing"));
  EXPECT_THAT(cluster_.node1.calls, Not(Contains("ClaimGroup")));
}

TEST_F(TakeoverTest, AClaimWhoseAnswerWasLostIsRepeated) {
  Lose(cluster_.node2);
  cluster_.node1.after = [](const std::string& call) {
    return call == "ClaimGroup" ? absl::UnavailableError("the connection was cut")
                                : absl::OkStatus();
  };
  EXPECT_THAT(std::string(Claim(kNode1).message()), HasSubstr("claiming it again does no harm"));
  EXPECT_EQ(Record().node, kNode2);
  cluster_.node1.after = nullptr;
  EXPECT_TRUE(Claim(kNode1).ok());
  ExpectServedBy(cluster_.node1);
}

TEST_F(TakeoverTest, AClaimThatBrokeOffIsEndedForTheOwnerThatCameBack) {
  Lose(cluster_.node2);
  cluster_.node1.after = [](const std::string& call) {
    return call == "ClaimGroup" ? absl::UnavailableError("the connection was cut")
                                : absl::OkStatus();
  };
  EXPECT_FALSE(Claim(kNode1).ok());
  cluster_.node1.after = nullptr;
  BringBack(cluster_.node2);
  EXPECT_TRUE(Claim(kNode2).ok());
  ExpectServedBy(cluster_.node2);
  Reconcile();
  EXPECT_EQ(cluster_.node1.groups["redis"].state(), GROUP_STATE_DIVERGED);
}

TEST_F(TakeoverTest, AClaimedApplicationThatDidNotStartIsStartedByTheSameCommand) {
  Lose(cluster_.node2);
  cluster_.node1.before = [](const std::string& call) {
    return call == "EnsureImage" ? absl::NotFoundError("no such image") : absl::OkStatus();
  };
  EXPECT_FALSE(Claim(kNode1).ok());
  cluster_.node1.before = nullptr;
  EXPECT_TRUE(Claim(kNode1).ok());
  ExpectServedBy(cluster_.node1);
}

TEST_F(TakeoverTest, AMoveToALostNodeIsGivenUpForWhatItsSourceStillHas) {
  // node2's data goes to node1, which is lost right after COMMIT.
  FakeNode& destination = cluster_.node1;
  destination.before = [&](const std::string& call) {
    if (call == "Activate") Lose(destination);
    return call == "Activate" ? absl::UnavailableError("no answer") : absl::OkStatus();
  };
  auto deploy = [this]() -> Task<bool> {
    const MigrationOptions options;
    absl::StatusOr<std::string> id =
        co_await cluster_.orchestrator->deployments.Create(OnNode(1), "", options, "user/ann");
    while (cluster_.journal->migrations().size() < 2 ||
           cluster_.journal->migrations().back()->state != MigrationState::kCommitted) {
      co_await cluster_.journal->changed().Wait(cluster_.journal->changed().count());
    }
    co_return id.ok();
  };
  ASSERT_TRUE(*cluster_.Run(deploy()));
  ASSERT_TRUE(Claim(kNode2).ok());
  ExpectServedBy(cluster_.node2);
  const MigrationRecord& move = *cluster_.journal->migrations().back();
  EXPECT_EQ(move.state, MigrationState::kDone);
  EXPECT_EQ(move.error, "given up by user/ann: node1 did not come back");
  EXPECT_THAT(cluster_.node2.holds, IsEmpty());
  // It comes back with what had arrived, and takes part in moves again.
  BringBack(cluster_.node1);
  EXPECT_EQ(cluster_.node1.groups["redis"].migration(), move.id.value());
  Reconcile();
  EXPECT_THAT(cluster_.node1.groups, IsEmpty());
}

TEST_F(TakeoverTest, AnAbortedMoveIsNotFinishedAtTheOldOwner) {
  // A move from node2 to node1 is aborted, and node2 does not hear of it any more.
  cluster_.node2.before = [this](const std::string& call) {
    if (call == "PushRound") Lose(cluster_.node2);
    return call == "PushRound" ? absl::ResourceExhaustedError("the pool is full")
                               : absl::OkStatus();
  };
  EXPECT_NE(cluster_.Deploy(OnNode(1))->error, "");
  ASSERT_TRUE(cluster_.journal->migrations().back()->source_pending);
  RestoreCopyOnNode1();
  ASSERT_TRUE(Claim(kNode1).ok());
  EXPECT_FALSE(cluster_.journal->migrations().back()->source_pending);
  BringBack(cluster_.node2);
  cluster_.node2.calls.clear();
  Reconcile();
  EXPECT_THAT(cluster_.node2.calls, Not(Contains("StartContainer")));
  EXPECT_EQ(cluster_.node2.groups["redis"].state(), GROUP_STATE_DIVERGED);
}

TEST_F(TakeoverTest, AMoveFromANodeThatIsLostAfterTheSealIsGivenUp) {
  cluster_.node1.before = [this](const std::string& call) {
    if (call != "Prepare") return absl::OkStatus();
    Lose(cluster_.node2);
    return absl::ResourceExhaustedError("the pool is full");
  };
  auto deploy = [this]() -> Task<bool> {
    const MigrationOptions options;
    absl::StatusOr<std::string> id =
        co_await cluster_.orchestrator->deployments.Create(OnNode(1), "", options, "user/ann");
    while (cluster_.journal->migrations().size() < 2 ||
           cluster_.journal->migrations().back()->state != MigrationState::kAborting) {
      co_await cluster_.journal->changed().Wait(cluster_.journal->changed().count());
    }
    co_return id.ok();
  };
  ASSERT_TRUE(*cluster_.Run(deploy()));
  const absl::Status claimed = Claim(kNode1);
  ASSERT_TRUE(claimed.ok()) << claimed;
  ExpectServedBy(cluster_.node1);
  EXPECT_EQ(cluster_.journal->migrations().back()->state, MigrationState::kAborted);
  EXPECT_THAT(cluster_.journal->migrations().back()->error,
              HasSubstr("given up by user/ann: node2 did not come back"));
}

TEST_F(TakeoverTest, ANodeThatWasAwayHearsWhatIsStillItsOwn) {
  cluster_.node2.groups["redis"].set_doubt(volume::v1::OWNERSHIP_DOUBT_AWAITS_COORDINATOR);
  Reconcile();
  EXPECT_EQ(cluster_.node2.groups["redis"].doubt(), volume::v1::OWNERSHIP_DOUBT_UNSPECIFIED);
}

TEST_F(TakeoverTest, OnlyADivergedCopyIsDeleted) {
  auto remove = [this](const NodeName& node) {
    return *cluster_.Run(cluster_.orchestrator->takeover.DeleteDiverged(kRedis, node));
  };
  EXPECT_TRUE(absl::IsFailedPrecondition(remove(kNode1)));
  EXPECT_TRUE(absl::IsFailedPrecondition(remove(kNode2)));
  cluster_.node1.groups["redis"].set_state(GROUP_STATE_DIVERGED);
  EXPECT_TRUE(remove(kNode1).ok());
  EXPECT_THAT(cluster_.node1.groups, IsEmpty());
}

}  // namespace
}  // namespace drover::coordinator
