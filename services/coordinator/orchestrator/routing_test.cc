// Routes and the nodes that get them, which may hang or refuse.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "services/coordinator/orchestrator/testing/orchestrator_fixture.h"

namespace drover::coordinator {
namespace {

// Whole or as a change.
bool TellsRoutes(const std::string& call) {
  return call == "ApplyRoutes" || call == "ChangeRoutes";
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

}  // namespace
}  // namespace drover::coordinator
