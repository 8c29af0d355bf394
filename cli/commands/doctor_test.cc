#include "cli/testing/command_test.h"
#include "services/common/status/reason.h"

namespace drover::cli {
namespace {

using coordinator::v1::AdoptRequest;
using coordinator::v1::AdoptResponse;
using coordinator::v1::CreateMigrationRequest;
using coordinator::v1::DiagnoseRequest;
using coordinator::v1::DiagnoseResponse;
using coordinator::v1::GetClusterStatusRequest;
using coordinator::v1::GetClusterStatusResponse;

constexpr char kFindings[] = R"(
  findings { severity: SEVERITY_ERROR subject: "node2" what: "It does not answer."
             advice: "Look there." }
  findings { severity: SEVERITY_WARNING subject: "web" what: "Nobody knows it."
             advice: "Deploy it." })";

TEST_F(CommandTest, DoctorSaysThatAllIsWell) {
  EXPECT_EQ(Run({"doctor"}), 0);
  EXPECT_EQ(out(), "Everything agrees with the journal.\n");
  EXPECT_EQ(Run({"doctor", "-o", "json"}), 0);
  EXPECT_EQ(out(), "{\n  \"findings\": []\n}\n");
}

TEST_F(CommandTest, DoctorShowsABlockForEachFinding) {
  coordinator_.on_diagnose = [](const DiagnoseRequest&) {
    return FromText<DiagnoseResponse>(kFindings);
  };
  EXPECT_EQ(Run({"doctor"}), 1);
  EXPECT_EQ(out(), R"(ERROR node2
  It does not answer.
  Look there.

WARNING web
  Nobody knows it.
  Deploy it.
)");
  EXPECT_EQ(Run({"doctor", "-o", "yaml"}), 1);
  EXPECT_EQ(out(), R"(findings:
  - severity: ERROR
    subject: node2
    what: "It does not answer."
    advice: "Look there."
  - severity: WARNING
    subject: web
    what: "Nobody knows it."
    advice: "Deploy it."
)");
}

TEST_F(CommandTest, DoctorSaysThatNobodyAnswers) {
  is_connected_ = false;
  coordinator_.on_diagnose = [](const DiagnoseRequest&) {
    return absl::UnavailableError("refused");
  };
  EXPECT_EQ(Run({"doctor"}), 3);
}

TEST_F(CommandTest, AdoptSaysWhatItDidAndWhatIsLeft) {
  coordinator_.on_adopt = [](const AdoptRequest&) {
    return FromText<AdoptResponse>(R"(done: "redis: it is on node2")");
  };
  EXPECT_EQ(Run({"doctor", "--adopt"}), 0);
  EXPECT_EQ(out(), R"(The recovery mode is over; the coordinator goes on from what the nodes have.

Taken over:
  redis: it is on node2
)");
  coordinator_.on_adopt = [](const AdoptRequest&) {
    return FromText<AdoptResponse>(R"(open: "web: nobody knows it")");
  };
  EXPECT_EQ(Run({"doctor", "--adopt"}), 1);
  EXPECT_EQ(out(), R"(The recovery mode is over; the coordinator goes on from what the nodes have.

Left for you:
  web: nobody knows it
)");
  EXPECT_EQ(Run({"doctor", "--adopt", "-o", "json"}), 1);
  EXPECT_EQ(out(), "{\n  \"done\": [],\n  \"open\": [\n    \"web: nobody knows it\"\n  ]\n}\n");
}

TEST_F(CommandTest, AdoptWithoutANodeNeedsAWordAboutTheLoss) {
  EXPECT_EQ(Run({"doctor", "--adopt", "--without", "node2"}), 2);
  EXPECT_EQ(err(),
            "drover: what node2 knows that the coordinator does not will be given up; if that can "
            "come back, wait for it, else say --accept-data-loss\n");
  EXPECT_EQ(connected_to_, "");
  EXPECT_EQ(Run({"doctor", "--without", "node2", "--accept-data-loss"}), 2);
  EXPECT_EQ(Run({"doctor", "--adopt", "--accept-data-loss"}), 2);
  EXPECT_EQ(Run({"doctor", "--adopt", "--yes"}), 2);
}

TEST_F(CommandTest, AdoptGoesOnWithoutTheNamedNodes) {
  std::vector<std::string> left_out;
  coordinator_.on_adopt = [&](const AdoptRequest& request) {
    left_out.assign(request.without_nodes().begin(), request.without_nodes().end());
    return FromText<AdoptResponse>(R"(done: "node2 was left out")");
  };
  const std::vector<std::string> command = {"doctor",    "--adopt", "--without",         "node2",
                                            "--without", "node3",   "--accept-data-loss"};
  EXPECT_EQ(Run(command), 0);
  EXPECT_EQ(left_out, (std::vector<std::string>{"node2", "node3"}));
  EXPECT_EQ(out(), R"(The recovery mode is over; the coordinator goes on from what the nodes have.

Taken over:
  node2 was left out
)");
  std::vector<std::string> as_json = command;
  as_json.insert(as_json.end(), {"-o", "json"});
  EXPECT_EQ(Run(as_json), 0);
  EXPECT_EQ(out(), "{\n  \"done\": [\n    \"node2 was left out\"\n  ],\n  \"open\": []\n}\n");
}

TEST_F(CommandTest, AdoptWithoutANodeAsksForItsNameOnATerminal) {
  int adoptions = 0;
  coordinator_.on_adopt = [&](const AdoptRequest&) {
    ++adoptions;
    return AdoptResponse();
  };
  environment_.in_is_terminal = true;
  answer_ = "yes";
  const std::vector<std::string> one = {"doctor", "--adopt", "--without", "node2",
                                        "--accept-data-loss"};
  EXPECT_EQ(Run(one), 1);
  EXPECT_EQ(err(), R"(The coordinator goes on without node2. What was moved to there or claimed
there, and the coordinator's store has forgotten, is given up where another node says
that it owns the data. If node2 still runs, cut off, there are two writers until it is
heard of again; then its copy is kept as DIVERGED.
Type node2 to go on: drover: nothing was changed
)");
  EXPECT_EQ(adoptions, 0);
  answer_ = "node2";
  EXPECT_EQ(Run(one), 0);
  EXPECT_EQ(adoptions, 1);
  answer_ = "node2 node3";
  EXPECT_EQ(
      Run({"doctor", "--adopt", "--without", "node2", "--without", "node3", "--accept-data-loss"}),
      0);
  answer_ = std::nullopt;
  EXPECT_EQ(Run(one), 1);
  EXPECT_EQ(Run({"doctor", "--adopt", "--without", "node2", "--accept-data-loss", "--yes"}), 0);
  EXPECT_EQ(adoptions, 3);
}

TEST_F(CommandTest, AdoptSaysWhichNodeCannotBeLeftOut) {
  const std::vector<std::string> command = {"doctor", "--adopt", "--without", "node9",
                                            "--accept-data-loss"};
  coordinator_.on_adopt = [](const AdoptRequest&) {
    return StatusWithReason(absl::StatusCode::kInvalidArgument, "UNKNOWN_NODE",
                            "no node `node9` is registered");
  };
  EXPECT_EQ(Run(command), 2);
  coordinator_.on_adopt = [](const AdoptRequest&) {
    return StatusWithReason(absl::StatusCode::kFailedPrecondition, "NODE_ANSWERS",
                            "nothing was adopted, since node2 answers");
  };
  EXPECT_EQ(Run(command), 1);
  EXPECT_EQ(err(), "drover: nothing was adopted, since node2 answers\n");
}

TEST_F(CommandTest, AdoptSaysWhyItWasRefused) {
  coordinator_.on_adopt = [](const AdoptRequest&) {
    return absl::UnavailableError("not every node answers: node2");
  };
  EXPECT_EQ(Run({"doctor", "--adopt"}), 1);
  EXPECT_EQ(err(), "drover: not every node answers: node2\n");
}

TEST_F(CommandTest, StatusSaysThatTheCoordinatorIsInRecoveryMode) {
  coordinator_.on_get_cluster_status = [](const GetClusterStatusRequest&) {
    return FromText<GetClusterStatusResponse>(R"(status { recovery: "its store is old" })");
  };
  EXPECT_EQ(Run({"status"}), 0);
  EXPECT_EQ(out().substr(0, out().find("\n")),
            "RECOVERY MODE: the coordinator changes nothing, since its store is old; run `drover "
            "doctor`.");
}

TEST_F(CommandTest, ARefusedCommandSaysSo) {
  coordinator_.on_create_migration = [](const CreateMigrationRequest&) {
    return StatusWithReason(absl::StatusCode::kFailedPrecondition, "RECOVERY_MODE",
                            "the coordinator is in recovery mode; run `drover doctor`");
  };
  EXPECT_EQ(Run({"move", "redis", "node2"}), 1);
  EXPECT_EQ(err(), "drover: the coordinator is in recovery mode; run `drover doctor`\n");
}

}  // namespace
}  // namespace drover::cli
