#include <signal.h>

#include "cli/testing/command_test.h"
#include "services/common/status/reason.h"

namespace drover::cli {
namespace {

using coordinator::v1::CreateDrainRequest;
using coordinator::v1::CreateDrainResponse;
using coordinator::v1::ListNodesRequest;
using coordinator::v1::ListNodesResponse;
using coordinator::v1::PlanDrainRequest;
using coordinator::v1::PlanDrainResponse;
using coordinator::v1::SetCordonedRequest;
using coordinator::v1::SetCordonedResponse;
using coordinator::v1::WatchDeploymentRequest;
using coordinator::v1::WatchDeploymentResponse;

constexpr char kMove[] =
    R"(kind: ACTION_KIND_MOVE application: "redis" from: "node1" to: "node2" )";
constexpr char kCordoned[] =
    "Node node1 is cordoned: it gets no applications until `drover uncordon node1`, which brings "
    "back with --restore what was moved away.\n";
constexpr char kBlocked[] = R"(kind: ACTION_KIND_MOVE application: "big" from: "node1"
    state: ACTION_STATE_FAILED error: "no node can take big; big runs on node1 as before" )";

class DrainTest : public CommandTest {
 protected:
  DrainTest() {
    SetPlan("");
    SetResult("state: DEPLOYMENT_STATE_DONE");
    coordinator_.on_create_drain = [this](const CreateDrainRequest& request) {
      created_.push_back(request);
      return FromText<CreateDrainResponse>(
          R"(deployment { name: "deployments/d1" } node: "node1")");
    };
    coordinator_.on_set_cordoned = [](const SetCordonedRequest& request) {
      SetCordonedResponse response;
      response.mutable_node()->set_name("nodes/" + request.node());
      response.mutable_node()->set_cordoned(request.cordoned());
      return response;
    };
  }

  void SetPlan(const std::string& plan) {
    coordinator_.on_plan_drain = [this, plan](const PlanDrainRequest& request) {
      planned_.push_back(request.drain());
      return FromText<PlanDrainResponse>("plan { fingerprint: \"f\" " + plan + "}");
    };
  }
  // It is over at once.
  void SetResult(const std::string& deployment) {
    coordinator_.on_watch_deployment = [deployment](const WatchDeploymentRequest&) {
      return FromText<WatchDeploymentResponse>("deployment { " + deployment + "}");
    };
  }

  std::vector<coordinator::v1::Drain> planned_;
  std::vector<CreateDrainRequest> created_;
};

TEST_F(DrainTest, ShowsThePlanAndCarriesItOut) {
  SetPlan(std::string("actions { ") + kMove + "bytes: 1048576 }");
  SetResult(std::string("state: DEPLOYMENT_STATE_DONE actions { ") + kMove +
            "state: ACTION_STATE_DONE }");
  EXPECT_EQ(Run({"drain", "node1", "--to", "node2,node3", "--parallel", "2", "--bandwidth", "5MB"}),
            0)
      << err();
  EXPECT_EQ(out(), std::string("PLAN  APPLICATION  FROM   TO     DATA     INTERRUPTION  WHY\n"
                               "MOVE  redis        node1  node2  1.0 MiB  -             -\n"
                               "move redis from node1 to node2: done\n"
                               "done    move redis from node1 to node2\n") +
                       kCordoned);
  ASSERT_EQ(created_.size(), 1);
  EXPECT_EQ(created_[0].drain().node(), "node1");
  EXPECT_EQ(created_[0].drain().destinations_size(), 2);
  EXPECT_EQ(created_[0].drain().destinations(1), "node3");
  EXPECT_EQ(created_[0].drain().parallel(), 2);
  EXPECT_FALSE(created_[0].drain().restore());
  EXPECT_EQ(created_[0].fingerprint(), "f");
  EXPECT_EQ(created_[0].options().bandwidth_bytes_per_second(), 5 << 20);
}

TEST_F(DrainTest, NamesWhatCannotGoAnywhereAndFailsInTheEnd) {
  SetPlan(std::string("actions { ") + kMove + "} actions { " + kBlocked + "}");
  SetResult(
      std::string("state: DEPLOYMENT_STATE_FAILED error: \"no node can take big\" actions { ") +
      kMove + "state: ACTION_STATE_DONE } actions { " + kBlocked + "}");
  EXPECT_EQ(Run({"drain", "node1"}), 1);
  EXPECT_NE(
      out().find("MOVE  big          node1  -      -     -             not possible: no node can "
                 "take big; big runs on\n" +
                 std::string(53, ' ') + "node1 as before\n"),
      std::string::npos)
      << out();
  EXPECT_NE(out().find(std::string("failed  move big from node1\n") + kCordoned), std::string::npos)
      << out();
  EXPECT_EQ(err(), "drover: no node can take big\n");
  EXPECT_EQ(created_.size(), 1);
  EXPECT_EQ(created_[0].drain().parallel(), 4);
}

TEST_F(DrainTest, AnEmptyNodeIsCordonedAllTheSame) {
  EXPECT_EQ(Run({"drain", "node1"}), 0) << err();
  EXPECT_EQ(out(), std::string("Nothing that runs is on node1.\n") + kCordoned);
  EXPECT_EQ(created_.size(), 1);
}

TEST_F(DrainTest, GivesProgramsOneDocument) {
  SetPlan(std::string("actions { ") + kMove + "}");
  SetResult(std::string("state: DEPLOYMENT_STATE_DONE actions { ") + kMove +
            "state: ACTION_STATE_DONE }");
  EXPECT_EQ(Run({"drain", "node1", "-o", "json"}), 0) << err();
  EXPECT_EQ(out(), R"({
  "changed": true,
  "actions": [
    {
      "kind": "MOVE",
      "application": "redis",
      "from": "node1",
      "to": "node2",
      "reason": null,
      "bytes": 0,
      "predicted_ms": null,
      "predicted_p95_ms": null,
      "prediction_measured": null,
      "interruption_ms": null,
      "state": "DONE",
      "migration": null,
      "error": null
    }
  ],
  "migrations": [],
  "warnings": [],
  "error": null
}
)");
}

TEST_F(DrainTest, DryRunChangesNothing) {
  SetPlan(std::string("actions { ") + kBlocked + "} warnings: \"idle is stopped\"");
  EXPECT_EQ(Run({"drain", "node1", "--dry-run"}), 1);
  EXPECT_NE(out().find("warning: idle is stopped\n"), std::string::npos) << out();
  EXPECT_EQ(err(), "drover: no node can take big; big runs on node1 as before\n");
  SetPlan("problems: \"node1 does not answer\"");
  EXPECT_EQ(Run({"drain", "node1", "--dry-run"}), 1);
  EXPECT_EQ(err(), "drover: node1 does not answer\n");
  EXPECT_TRUE(created_.empty());
}

TEST_F(DrainTest, SaysThatThePlanIsOutOfDate) {
  coordinator_.on_create_drain =
      [](const CreateDrainRequest&) -> absl::StatusOr<CreateDrainResponse> {
    return StatusWithReason(absl::StatusCode::kFailedPrecondition, "PLAN_CHANGED", "x");
  };
  EXPECT_EQ(Run({"drain", "node1"}), 1);
  EXPECT_NE(err().find("the cluster changed after the plan was made, so nothing was done"),
            std::string::npos)
      << err();
}

TEST_F(DrainTest, ARefusedOneSaysThatTheCordonIsAsItWas) {
  coordinator_.on_create_drain =
      [](const CreateDrainRequest&) -> absl::StatusOr<CreateDrainResponse> {
    return absl::AbortedError("deployment d0 of ann is under way; wait for its end");
  };
  EXPECT_EQ(Run({"drain", "node1"}), 1);
  EXPECT_EQ(out().find("is cordoned"), std::string::npos) << out();
  EXPECT_EQ(err(),
            "drover: nothing was changed, the cordon of node1 included: deployment d0 of ann is "
            "under way; wait for its end\n");
}

TEST_F(DrainTest, WhatIsLeftWithCtrlCSaysThatTheNodeIsCordoned) {
  int watches = 0;
  coordinator_.on_watch_deployment =
      [&](const WatchDeploymentRequest&) -> absl::StatusOr<WatchDeploymentResponse> {
    if (watches++ == 0) raise(SIGINT);
    return FromText<WatchDeploymentResponse>("deployment { state: DEPLOYMENT_STATE_RUNNING }");
  };
  TimerSleeper sleeper;  // Gives the loop a chance to see the signal, and is cancelled by it.
  environment_.sleeper = &sleeper;
  EXPECT_EQ(Run({"drain", "node1"}), 130);
  EXPECT_NE(err().find(std::string("cancel ID`.\n") + kCordoned +
                       "Without --restore that ends the drain as well"),
            std::string::npos)
      << err();
}

TEST_F(DrainTest, TheLastLineSaysWhatBecameOfTheCordon) {
  SetResult("state: DEPLOYMENT_STATE_FAILED error: \"node1 was uncordoned\"");
  coordinator_.on_list_nodes = [](const ListNodesRequest&) {
    return FromText<ListNodesResponse>(R"(nodes { name: "nodes/node1" address: "192.0.2.11" })");
  };
  for (const char* name : {"node1", "192.0.2.11", "one.example"}) {
    EXPECT_EQ(Run({"drain", name}), 1);
    EXPECT_EQ(err(), "drover: node1 was uncordoned\n");
    EXPECT_NE(out().find("\nNode node1 takes applications again.\n"), std::string::npos) << out();
  }
}

TEST_F(DrainTest, AnUnregisteredNodeIsUsage) {
  coordinator_.on_plan_drain = [](const PlanDrainRequest&) -> absl::StatusOr<PlanDrainResponse> {
    return StatusWithReason(absl::StatusCode::kInvalidArgument, "UNKNOWN_NODE", "no node x");
  };
  EXPECT_EQ(Run({"drain", "x"}), 2);
  EXPECT_EQ(err(), "drover: no node x\n");
}

TEST_F(DrainTest, RefusesWrongOptions) {
  EXPECT_EQ(Run({"drain"}), 2);
  EXPECT_EQ(Run({"drain", "node1", "--parallel", "0"}), 2);
  EXPECT_EQ(Run({"uncordon", "node1", "--bandwidth", "5MB"}), 2);
  EXPECT_NE(err().find("--restore"), std::string::npos) << err();
  EXPECT_EQ(Run({"drain", "node1", "--dry-run", "--max-downtime", "500ms"}), 2);
  EXPECT_NE(err().find("--dry-run makes none"), std::string::npos) << err();
  EXPECT_EQ(connected_to_, "");
}

TEST_F(DrainTest, CordonsAndUncordons) {
  EXPECT_EQ(Run({"cordon", "node1"}), 0) << err();
  EXPECT_EQ(out(), "Node node1 gets no further applications.\n");
  EXPECT_EQ(Run({"uncordon", "node1"}), 0) << err();
  EXPECT_EQ(out(), "Node node1 takes applications again.\n");
  EXPECT_EQ(Run({"cordon", "node1", "-o", "json"}), 0) << err();
  EXPECT_EQ(out(), "{\n  \"node\": \"node1\",\n  \"cordoned\": true\n}\n");
  EXPECT_TRUE(created_.empty());
}

TEST_F(DrainTest, UncordonBringsBackWhatWasDrained) {
  EXPECT_EQ(Run({"uncordon", "node1", "--restore"}), 0) << err();
  EXPECT_EQ(out(),
            "Nothing has to be moved back to node1.\nNode node1 takes applications again.\n");
  ASSERT_EQ(created_.size(), 1);
  EXPECT_TRUE(created_[0].drain().restore());
}

TEST_F(DrainTest, ACordonThatFailsIsSaid) {
  coordinator_.on_set_cordoned =
      [](const SetCordonedRequest&) -> absl::StatusOr<SetCordonedResponse> {
    return absl::NotFoundError("no node x is registered");
  };
  EXPECT_EQ(Run({"cordon", "x"}), 1);
  EXPECT_EQ(err(), "drover: no node x is registered\n");
}

}  // namespace
}  // namespace drover::cli
