// drover deployments: coming back to what was begun.
#include <gmock/gmock.h>

#include "cli/testing/command_test.h"

namespace drover::cli {
namespace {

using coordinator::v1::GetDeploymentRequest;
using coordinator::v1::GetDeploymentResponse;
using coordinator::v1::ListDeploymentsRequest;
using coordinator::v1::ListDeploymentsResponse;
using coordinator::v1::WatchDeploymentRequest;
using coordinator::v1::WatchDeploymentResponse;
using ::testing::HasSubstr;

constexpr char kBegun[] = R"(name: "deployments/d1" create_time { seconds: 1700000000 }
    command: "drain node1" requested_by: "spiffe://home/user/ann" total_actions: 3 done_actions: 1
    actions { kind: ACTION_KIND_MOVE application: "redis" from: "node1" to: "node2"
              state: ACTION_STATE_DONE }
    actions { kind: ACTION_KIND_MOVE application: "db" from: "node1" to: "node3"
              state: ACTION_STATE_RUNNING }
    actions { kind: ACTION_KIND_STOP application: "web" from: "node1"
              state: ACTION_STATE_PENDING } )";
constexpr char kRunning[] = "state: DEPLOYMENT_STATE_RUNNING ";
constexpr char kFailed[] = R"(state: DEPLOYMENT_STATE_FAILED end_time { seconds: 1700000100 }
    error: "node3 is full; db runs on node1 as before" )";

class DeploymentsTest : public CommandTest {
 protected:
  void SetDeployment(const std::string& state) {
    const std::string one = std::string(kBegun) + state;
    coordinator_.on_get_deployment = [one](const GetDeploymentRequest& request) {
      EXPECT_EQ(request.name(), "d1");
      return FromText<GetDeploymentResponse>("deployment { " + one + "}");
    };
    coordinator_.on_list_deployments = [one](const ListDeploymentsRequest&) {
      return FromText<ListDeploymentsResponse>("deployments { " + one + "}");
    };
  }
  void SetResult(const std::string& state) {
    coordinator_.on_watch_deployment = [state](const WatchDeploymentRequest& request) {
      EXPECT_EQ(request.name(), "deployments/d1");
      return FromText<WatchDeploymentResponse>("deployment { " + std::string(kBegun) + state + "}");
    };
  }
  static std::string Local(int64_t seconds) {
    return absl::FormatTime("%Y-%m-%d %H:%M:%S", absl::FromUnixSeconds(seconds),
                            absl::LocalTimeZone());
  }
};

TEST_F(DeploymentsTest, ListSaysHowFarEachIs) {
  SetDeployment(kRunning);
  EXPECT_EQ(Run({"deployments", "list"}), 0) << err();
  EXPECT_EQ(out(),
            "DEPLOYMENT  STATE    BEGUN                ENDED  DONE    WHAT\n"
            "d1          RUNNING  " +
                Local(1700000000) + "  -      1 of 3  drain node1\n");
  SetDeployment(kFailed);
  EXPECT_EQ(Run({"deployments", "list", "-o", "yaml"}), 0) << err();
  EXPECT_EQ(out(), R"(deployments:
  - name: d1
    command: "drain node1"
    requested_by: "spiffe://home/user/ann"
    state: FAILED
    create_time: "2023-11-14T22:13:20+00:00"
    end_time: "2023-11-14T22:15:00+00:00"
    done_actions: 1
    total_actions: 3
    error: "node3 is full; db runs on node1 as before"
)");
}

TEST_F(DeploymentsTest, ShowSaysWhatBecomesOfEachAction) {
  SetDeployment(kRunning);
  EXPECT_EQ(Run({"deployments", "show", "d1"}), 0) << err();
  EXPECT_EQ(out(),
            "Deployment:  d1\n"
            "What:        drain node1, asked for by spiffe://home/user/ann\n"
            "State:       RUNNING\nBegun:       " +
                Local(1700000000) +
                "\ndone    move redis from node1 to node2\n"
                "begun   move db from node1 to node3\n"
                "waits   stop web on node1\n");
  SetDeployment(kFailed);
  EXPECT_EQ(Run({"deployments", "show", "d1"}), 0) << err();
  EXPECT_THAT(out(), HasSubstr("Ended:       " + Local(1700000100) +
                               "\nError:       node3 is full; db runs on node1 as before\n"
                               "done    move redis from node1 to node2\n"
                               "failed  move db from node1 to node3\n"
                               "failed  stop web on node1\n"));
  EXPECT_EQ(Run({"deployments", "show", "d1", "-o", "json"}), 0) << err();
  EXPECT_THAT(out(), HasSubstr("\"state\": \"FAILED\",\n"));
}

TEST_F(DeploymentsTest, WhileItGoesOnEachFailureIsSaidBesideItsAction) {
  coordinator_.on_get_deployment = [](const GetDeploymentRequest&) {
    return FromText<GetDeploymentResponse>(R"(deployment { state: DEPLOYMENT_STATE_RUNNING
        actions { kind: ACTION_KIND_MOVE application: "db" from: "node1" to: "node3"
                  state: ACTION_STATE_FAILED error: "node3 is full" migration: "migrations/7" } })");
  };
  EXPECT_EQ(Run({"deployments", "show", "d1"}), 0) << err();
  EXPECT_THAT(out(), HasSubstr("failed  move db from node1 to node3: node3 is full\n"));
  EXPECT_EQ(Run({"deployments", "show", "d1", "-o", "json"}), 0) << err();
  EXPECT_THAT(out(), HasSubstr("\"state\": \"FAILED\",\n      \"migration\": \"7\",\n"
                               "      \"error\": \"node3 is full\"\n"));
}

TEST_F(DeploymentsTest, WatchEndsAsTheCommandThatBeganIt) {
  SetDeployment(kRunning);
  SetResult("state: DEPLOYMENT_STATE_DONE warnings: \"web is stopped\"");
  EXPECT_EQ(Run({"deployments", "watch", "d1"}), 0) << err();
  EXPECT_THAT(out(), HasSubstr("done    move redis from node1 to node2\n"));
  EXPECT_THAT(out(), HasSubstr("warning: web is stopped\n"));
  SetResult(kFailed);
  EXPECT_EQ(Run({"deployments", "watch", "d1", "-o", "json"}), 1);
  EXPECT_THAT(out(), HasSubstr("{\n  \"changed\": true,\n  \"actions\": ["));
  EXPECT_THAT(err(), HasSubstr("drover: node3 is full; db runs on node1 as before\n"));
}

TEST_F(DeploymentsTest, OneThatNobodyKnowsIsSaid) {
  coordinator_.on_get_deployment =
      [](const GetDeploymentRequest&) -> absl::StatusOr<GetDeploymentResponse> {
    return absl::NotFoundError("there is no deployment d7");
  };
  for (const char* command : {"show", "watch"}) {
    EXPECT_EQ(Run({"deployments", command, "d7"}), 1);
    EXPECT_EQ(err(), "drover: there is no deployment d7\n");
    EXPECT_EQ(out(), "");
  }
  EXPECT_EQ(Run({"deployments", "list"}), 0);
  EXPECT_EQ(out(), "No deployments.\n");
}

}  // namespace
}  // namespace drover::cli
