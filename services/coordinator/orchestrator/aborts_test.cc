// Moves over fake nodes that are given up: the source serves as before.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <string>

#include "services/coordinator/orchestrator/testing/orchestrator_fixture.h"

namespace drover::coordinator {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Whole or as a change.
bool TellsRoutes(const std::string& call) {
  return call == "ApplyRoutes" || call == "ChangeRoutes";
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

TEST_F(OrchestratorTest, ItIsNoProblemAnyMoreOnceItIsReady) {
  DeployOnNode1();
  cluster_.node1.exits = cluster_.node2.exits = [](const std::string&) { return true; };
  MustDeploy(OnNode(2));
  const auto problem = [this] { return cluster_.journal->FindApplication(Redis().name)->problem; };
  EXPECT_THAT(problem(), HasSubstr("did not get ready on node1"));
  Reconcile();
  EXPECT_THAT(problem(), HasSubstr("did not get ready on node1"));
  cluster_.node1.containers["redis"].set_state(container::v1::CONTAINER_STATE_READY);
  Reconcile();
  EXPECT_EQ(problem(), "");
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
  // It is the move's problem, not the application's.
  EXPECT_EQ(cluster_.journal->FindApplication(Redis().name)->problem, "");
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
  container::v1::EnsureImageResponse pulling;
  pulling.set_activity("pulling redis:7");
  for (int i = 1; i <= 1000; ++i) {
    pulling.set_done_bytes(i << 20);
    cluster_.node2.image_progress.push_back(pulling);
  }
  const NodeOperations& operations = cluster_.orchestrator->node_operations;
  auto deploy_and_cancel = [this, &operations]() -> Task<absl::Status> {
    const uint64_t before = cluster_.journal->changed().count();
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
    const ImageProgress* progress = operations.FindImageProgress(Redis().name);
    EXPECT_TRUE(progress != nullptr && progress->activity == "pulling redis:7" &&
                progress->done_bytes == 1000 << 20);
    // All at one time: who watches is told of the first one.
    EXPECT_LT(cluster_.journal->changed().count(), before + 20);
    co_return co_await cluster_.orchestrator->migrations.Cancel(LastMigration().id, "user/ann");
  };
  EXPECT_EQ(*cluster_.Run(deploy_and_cancel()), absl::OkStatus());
  cluster_.Run(WaitForAll());
  EXPECT_EQ(LastMigration().error, "cancelled by user/ann; redis runs on node1 as before");
  EXPECT_EQ(operations.FindImageProgress(Redis().name), nullptr);
  ExpectServedBy(cluster_.node1, cluster_.node2);
}

}  // namespace
}  // namespace drover::coordinator
