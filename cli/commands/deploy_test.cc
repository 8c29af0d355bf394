#include <signal.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "cli/testing/command_test.h"
#include "services/common/status/reason.h"

namespace drover::cli {
namespace {

using coordinator::v1::CreateDeploymentRequest;
using coordinator::v1::CreateDeploymentResponse;
using coordinator::v1::PlanDeploymentRequest;
using coordinator::v1::PlanDeploymentResponse;
using coordinator::v1::WatchDeploymentRequest;
using coordinator::v1::WatchDeploymentResponse;

constexpr char kMove[] = R"(kind: ACTION_KIND_MOVE application: "redis" from: "nodes/node1"
                            to: "nodes/node2" )";

class DeployTest : public CommandTest {
 protected:
  DeployTest() {
    std::string pattern = testing::TempDir() + "/deployXXXXXX";
    folder_ = mkdtemp(pattern.data());
    Write("dep.yml", "version: 1\nnodes: {node2: [redis]}\n");
    Write("app.yml", "version: 1\napplications: {redis: {image: redis}}\n");
    SetPlan("");
    coordinator_.on_create_deployment = [this](const CreateDeploymentRequest& request) {
      created_.push_back(request);
      return FromText<CreateDeploymentResponse>(R"(deployment { name: "deployments/d1" })");
    };
  }
  ~DeployTest() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& name, const std::string& content) {
    std::ofstream(folder_ + "/" + name) << content;
  }
  void SetPlan(const std::string& actions) {
    coordinator_.on_plan_deployment = [actions](const PlanDeploymentRequest&) {
      return FromText<PlanDeploymentResponse>("plan { fingerprint: \"f\" " + actions + "}");
    };
  }
  // The deployment is over at once.
  void SetResult(const std::string& deployment) {
    coordinator_.on_watch_deployment = [deployment](const WatchDeploymentRequest& request) {
      EXPECT_EQ(request.name(), "deployments/d1");
      return FromText<WatchDeploymentResponse>("deployment { " + deployment + "}");
    };
  }
  int Deploy(std::vector<std::string> options = {}) {
    std::vector<std::string> arguments = {"deploy", folder_ + "/dep.yml", folder_ + "/app.yml"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return Run(arguments);
  }

  std::string folder_;
  std::vector<CreateDeploymentRequest> created_;
};

TEST_F(DeployTest, SaysThatThereIsNothingToDo) {
  EXPECT_EQ(Deploy(), 0) << err();
  EXPECT_EQ(out(), "Nothing to do: the cluster is as the two files ask.\n");
  EXPECT_TRUE(created_.empty());
  EXPECT_EQ(Deploy({"-o", "json"}), 0);
  EXPECT_EQ(out(),
            "{\n  \"changed\": false,\n  \"actions\": [],\n  \"migrations\": [],\n"
            "  \"warnings\": [],\n  \"error\": null\n}\n");
}

TEST_F(DeployTest, FailsIfAListedNodeDoesNotAnswerAlthoughThereIsNothingToDo) {
  SetPlan("problems: \"node2 does not answer (refused), so what runs there is not known\"");
  constexpr char kError[] =
      "the nodes that answer are as the two files ask, but node2 does not answer (refused), so "
      "what "
      "runs there is not known";
  EXPECT_EQ(Deploy(), 1);
  EXPECT_EQ(out(), "");
  EXPECT_EQ(err(), std::string("drover: ") + kError + "\n");
  EXPECT_EQ(Deploy({"-o", "json"}), 1);
  EXPECT_NE(out().find(std::string("  \"error\": \"") + kError + "\"\n"), std::string::npos)
      << out();
  EXPECT_EQ(Deploy({"--dry-run"}), 1);
  EXPECT_TRUE(created_.empty());
}

TEST_F(DeployTest, PlanSaysWhatWouldFail) {
  SetPlan(std::string("actions { ") + kMove +
          R"(state: ACTION_STATE_FAILED error: "node2 is full; redis runs on node1 as before" })");
  EXPECT_EQ(Deploy({"--dry-run"}), 1);
  EXPECT_NE(out().find("not possible: node2 is full"), std::string::npos) << out();
  EXPECT_EQ(err(), "drover: node2 is full; redis runs on node1 as before\n");
}

TEST_F(DeployTest, ContactsNobodyWithABadFile) {
  Write("app.yml", "version: 1\napplications: {redis: {image: 5}}\n");
  EXPECT_EQ(Deploy(), 2);
  EXPECT_EQ(err(), folder_ +
                       "/app.yml:2:31: applications.redis.image: YAML reads 5 as a number, but a "
                       "string is wanted here; quote it: \"5\"\n");
  EXPECT_EQ(connected_to_, "");
}

TEST_F(DeployTest, NamesAFileThatIsMissing) {
  EXPECT_EQ(Run({"deploy", folder_ + "/none.yml", folder_ + "/app.yml"}), 2);
  EXPECT_EQ(err(), folder_ + "/none.yml: cannot be read: No such file or directory\n");
}

TEST_F(DeployTest, CarriesOutThePlanItShowed) {
  SetPlan(std::string("actions { ") + kMove +
          R"(bytes: 1048576 reason: "placed on node2"
             predicted_interruption { nanos: 700000000 } prediction_measured: 3 })");
  SetResult(std::string("state: DEPLOYMENT_STATE_DONE actions { ") + kMove +
            R"(state: ACTION_STATE_DONE migration: "migrations/7" }
               migrations { name: "migrations/7" application: "redis" source: "node1"
                            destination: "node2" state: MIGRATION_STATE_DONE rounds: 2
                            bulk_bytes: 1048576 final_bytes: 512
                            interruption { nanos: 812000000 } })");
  EXPECT_EQ(Deploy({"--max-downtime", "1m1.5s", "--bandwidth", "5MB"}), 0) << err();
  EXPECT_EQ(out(),
            "PLAN  APPLICATION  FROM   TO     DATA     INTERRUPTION  WHY\n"
            "MOVE  redis        node1  node2  1.0 MiB  about 700 ms  placed on node2\n"
            "move redis from node1 to node2: done\n"
            "done    redis moved from node1 to node2: 1.0 MiB copied in 2 rounds while it ran, 512 "
            "B while it was stopped; interrupted for 812 ms\n");
  ASSERT_EQ(created_.size(), 1);
  EXPECT_EQ(created_[0].fingerprint(), "f");
  EXPECT_EQ(created_[0].options().max_downtime().seconds(), 61);
  EXPECT_EQ(created_[0].options().max_downtime().nanos(), 500'000'000);
  EXPECT_EQ(created_[0].options().bandwidth_bytes_per_second(), 5 << 20);
  EXPECT_EQ(created_[0].desired().applications(0).image(), "redis:latest");
  EXPECT_EQ(created_[0].desired().nodes(0).location(), folder_ + "/dep.yml:2:9");
}

TEST_F(DeployTest, SaysWhatARestartIsExpectedToTakeAndTook) {
  constexpr char kRestart[] = R"(actions { kind: ACTION_KIND_RESTART application: "redis"
      to: "node1" reason: "image changed" predicted_interruption { nanos: 800000000 }
      predicted_interruption_p95 { seconds: 1 nanos: 750000000 } )";
  SetPlan(absl::StrCat(kRestart, "}"));
  SetResult(absl::StrCat("state: DEPLOYMENT_STATE_DONE ", kRestart,
                         "state: ACTION_STATE_DONE interruption { nanos: 712000000 } }"));
  EXPECT_EQ(Deploy({}), 0) << err();
  EXPECT_EQ(out(),
            "PLAN     APPLICATION  FROM  TO     DATA  INTERRUPTION    WHY\n"
            "RESTART  redis        -     node1  -     assumed 800 ms  image changed\n"
            "restart redis on node1: done\n"
            "done    restart redis on node1; interrupted for 712 ms\n");
  EXPECT_EQ(Deploy({"-o", "json"}), 0) << err();
  for (const char* member : {R"("predicted_ms": 800,)", R"("predicted_p95_ms": 1750,)",
                             R"("prediction_measured": 0,)", R"("interruption_ms": 712,)"}) {
    EXPECT_NE(out().find(member), std::string::npos) << member << "\n" << out();
  }
}

TEST_F(DeployTest, GivesProgramsOneDocument) {
  SetPlan(std::string("actions { ") + kMove + "}");
  SetResult(std::string("state: DEPLOYMENT_STATE_FAILED error: \"node2 is full\" actions { ") +
            kMove + R"(state: ACTION_STATE_FAILED error: "pool full" })");
  EXPECT_EQ(Deploy({"-o", "json"}), 1);
  EXPECT_EQ(out(), R"({
  "changed": false,
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
      "state": "FAILED",
      "migration": null,
      "error": "pool full"
    }
  ],
  "migrations": [],
  "warnings": [],
  "error": "node2 is full"
}
)");
  EXPECT_NE(err().find("drover: node2 is full\n"), std::string::npos) << err();
}

TEST_F(DeployTest, SaysOnceWhyItFailed) {
  SetPlan(std::string("actions { ") + kMove + "}");
  SetResult(std::string("state: DEPLOYMENT_STATE_FAILED error: \"node2 is full\" actions { ") +
            kMove + R"(state: ACTION_STATE_FAILED error: "node2 is full" })");
  EXPECT_EQ(Deploy(), 1);
  EXPECT_NE(out().find("failed  move redis from node1 to node2\n"), std::string::npos) << out();
  EXPECT_EQ(out().find("full"), std::string::npos) << out();
  EXPECT_EQ(err(), "drover: node2 is full\n");
}

TEST_F(DeployTest, AMoveFromWhoKnowsWhereHasNoEmptyName) {
  const std::string move = R"(kind: ACTION_KIND_MOVE application: "redis" to: "node1" )";
  SetPlan("actions { " + move + "}");
  SetResult("state: DEPLOYMENT_STATE_FAILED error: \"redis is busy\" actions { " + move +
            R"(state: ACTION_STATE_FAILED error: "redis is busy" })");
  EXPECT_EQ(Deploy(), 1);
  EXPECT_NE(out().find("failed  move redis to node1\n"), std::string::npos) << out();
}

TEST_F(DeployTest, DryRunChangesNothing) {
  SetPlan(std::string("actions { ") + kMove + "} warnings: \"/cache stays behind\"");
  EXPECT_EQ(Deploy({"--dry-run"}), 0);
  EXPECT_NE(out().find("warning: /cache stays behind\n"), std::string::npos) << out();
  EXPECT_EQ(Run({"plan", folder_ + "/app.yml", folder_ + "/dep.yml"}), 0);
  EXPECT_NE(out().find("MOVE  redis"), std::string::npos) << out();
  EXPECT_TRUE(created_.empty());
}

TEST_F(DeployTest, ADryRunTakesNoLimits) {
  using Words = std::vector<std::string>;
  for (const Words& limit : {Words{"--max-downtime", "500ms"}, Words{"--bandwidth", "5MB"}}) {
    EXPECT_EQ(Deploy({"--dry-run", limit[0], limit[1]}), 2);
    EXPECT_EQ(err().rfind("drover: --max-downtime and --bandwidth are for moves that are made", 0),
              0)
        << err();
  }
  EXPECT_EQ(connected_to_, "");
}

TEST_F(DeployTest, AsksOnATerminalBeforeItStopsSomething) {
  SetPlan(R"(actions { kind: ACTION_KIND_STOP application: "redis" from: "node1" })");
  SetResult("state: DEPLOYMENT_STATE_DONE");
  environment_.in_is_terminal = true;
  answer_ = "n";
  EXPECT_EQ(Deploy(), 1);
  EXPECT_TRUE(created_.empty());
  answer_ = "y";
  EXPECT_EQ(Deploy(), 0);
  EXPECT_EQ(created_.size(), 1);
  answer_ = std::nullopt;
  EXPECT_EQ(Deploy({"--yes"}), 0);
  environment_.in_is_terminal = false;
  EXPECT_EQ(Deploy(), 0);
  EXPECT_EQ(created_.size(), 3);
}

TEST_F(DeployTest, SaysThatThePlanIsOutOfDate) {
  SetPlan(std::string("actions { ") + kMove + "}");
  coordinator_.on_create_deployment =
      [](const CreateDeploymentRequest&) -> absl::StatusOr<CreateDeploymentResponse> {
    return StatusWithReason(absl::StatusCode::kFailedPrecondition, "PLAN_CHANGED", "x");
  };
  EXPECT_EQ(Deploy(), 1);
  EXPECT_EQ(err(),
            "drover: the cluster changed after the plan was made, so nothing was done; run the "
            "command again to see the new plan\n");
}

TEST_F(DeployTest, CallsAnUnregisteredNodeUsage) {
  coordinator_.on_plan_deployment =
      [](const PlanDeploymentRequest&) -> absl::StatusOr<PlanDeploymentResponse> {
    return StatusWithReason(absl::StatusCode::kInvalidArgument, "UNKNOWN_NODE",
                            "dep.yml:2:9: nodes.node2: no such node");
  };
  EXPECT_EQ(Deploy(), 2);
  EXPECT_EQ(err(), "drover: dep.yml:2:9: nodes.node2: no such node\n");
}

TEST_F(DeployTest, SaysWhatToCheckWithoutACoordinator) {
  is_connected_ = false;
  coordinator_.on_plan_deployment =
      [](const PlanDeploymentRequest&) -> absl::StatusOr<PlanDeploymentResponse> {
    return absl::UnavailableError("Connection refused");
  };
  EXPECT_EQ(Deploy(), 3);
  EXPECT_EQ(err(),
            "drover: cannot reach the coordinator at lab:7400; check that drover-coordinator runs "
            "there and that --coordinator is the right address (Connection refused)\n");
}

TEST_F(DeployTest, FollowsThroughARestartOfTheCoordinator) {
  SetPlan(std::string("actions { ") + kMove + "}");
  int watches = 0;
  coordinator_.on_watch_deployment =
      [&](const WatchDeploymentRequest&) -> absl::StatusOr<WatchDeploymentResponse> {
    is_connected_ = ++watches > 2;
    // One that is stopped in order cancels what it has not answered.
    if (watches == 1) return absl::CancelledError("the call was cancelled");
    if (!is_connected_) return absl::UnavailableError("Socket closed");
    return FromText<WatchDeploymentResponse>("deployment { state: DEPLOYMENT_STATE_DONE }");
  };
  EXPECT_EQ(Deploy(), 0);
  EXPECT_EQ(err(),
            "drover: lost the coordinator; what was begun goes on, trying to reach it again\n");
  EXPECT_EQ(sleeper_.sleeps, 2);
}

TEST_F(DeployTest, IsPatientInEachOutageAnew) {
  SetPlan(std::string("actions { ") + kMove + "}");
  int watches = 0;
  coordinator_.on_watch_deployment =
      [&](const WatchDeploymentRequest&) -> absl::StatusOr<WatchDeploymentResponse> {
    ++watches;
    is_connected_ = watches % 100 == 0;  // Two outages of 50 s each.
    if (!is_connected_) return absl::UnavailableError("Socket closed");
    return FromText<WatchDeploymentResponse>(watches == 100
                                                 ? "deployment { state: DEPLOYMENT_STATE_RUNNING }"
                                                 : "deployment { state: DEPLOYMENT_STATE_DONE }");
  };
  EXPECT_EQ(Deploy(), 0) << err();
  EXPECT_EQ(watches, 200);
}

TEST_F(DeployTest, GivesUpAfterAMinuteWithoutAnAnswer) {
  SetPlan(std::string("actions { ") + kMove + "}");
  coordinator_.on_watch_deployment =
      [&](const WatchDeploymentRequest&) -> absl::StatusOr<WatchDeploymentResponse> {
    is_connected_ = false;
    return absl::UnavailableError("Socket closed");
  };
  EXPECT_EQ(Deploy(), 3);
  EXPECT_EQ(sleeper_.sleeps, 120);
}

TEST_F(DeployTest, CtrlCDetaches) {
  SetPlan(std::string("actions { ") + kMove + "}");
  int watches = 0;
  coordinator_.on_watch_deployment =
      [&](const WatchDeploymentRequest&) -> absl::StatusOr<WatchDeploymentResponse> {
    if (watches++ == 0) raise(SIGINT);
    return FromText<WatchDeploymentResponse>("deployment { state: DEPLOYMENT_STATE_RUNNING }");
  };
  TimerSleeper sleeper;  // Gives the loop a chance to see the signal, and is cancelled by it.
  environment_.sleeper = &sleeper;
  EXPECT_EQ(Deploy(), 130);
  EXPECT_NE(
      err().find("The deployment goes on. Come back with `drover deployments watch d1`; undo a "),
      std::string::npos)
      << err();
}

}  // namespace
}  // namespace drover::cli
