// volumes claim, snapshot, snapshots, rollback, delete.
#include <gmock/gmock.h>

#include "cli/testing/command_test.h"
#include "services/common/status/reason.h"

namespace drover::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using coordinator::v1::ClaimVolumesRequest;
using coordinator::v1::ClaimVolumesResponse;
using coordinator::v1::CreateRollBackRequest;
using coordinator::v1::CreateRollBackResponse;
using coordinator::v1::CreateSnapshotsRequest;
using coordinator::v1::CreateSnapshotsResponse;
using coordinator::v1::DeleteDivergedVolumesRequest;
using coordinator::v1::DeleteSnapshotsRequest;
using coordinator::v1::DeleteVolumesRequest;
using coordinator::v1::ListSnapshotsRequest;
using coordinator::v1::ListSnapshotsResponse;
using coordinator::v1::WatchDeploymentRequest;
using coordinator::v1::WatchDeploymentResponse;

class VolumesTest : public CommandTest {
 protected:
  VolumesTest() {
    coordinator_.on_create_roll_back = [this](const CreateRollBackRequest& request) {
      asked_.push_back("rollback " + request.roll_back().volume() + " to " +
                       request.roll_back().snapshot());
      return FromText<CreateRollBackResponse>(R"(deployment { name: "deployments/d1" })");
    };
    coordinator_.on_delete_snapshots = [this](const DeleteSnapshotsRequest& request) {
      asked_.push_back("snapshot " + request.volume() + " " + request.snapshot());
      return coordinator::v1::DeleteSnapshotsResponse();
    };
    coordinator_.on_delete_volumes = [this](const DeleteVolumesRequest& request) {
      asked_.push_back("volumes " + request.volume());
      return coordinator::v1::DeleteVolumesResponse();
    };
    coordinator_.on_delete_diverged_volumes = [this](const DeleteDivergedVolumesRequest& request) {
      asked_.push_back("diverged " + request.volume() + " on " + request.node());
      return coordinator::v1::DeleteDivergedVolumesResponse();
    };
  }
  // It is over at once.
  void SetResult(const std::string& deployment) {
    coordinator_.on_watch_deployment = [deployment](const WatchDeploymentRequest&) {
      return FromText<WatchDeploymentResponse>("deployment { " + deployment + "}");
    };
  }

  std::vector<std::string> asked_;
};

TEST_F(VolumesTest, ASnapshotHasTheNameThatIsGiven) {
  CreateSnapshotsRequest asked;
  coordinator_.on_create_snapshots = [&asked](const CreateSnapshotsRequest& request) {
    asked = request;
    return FromText<CreateSnapshotsResponse>(
        R"(snapshots { volume: "redis" name: "before" node: "node1" create_time { seconds: 60 } })");
  };
  EXPECT_EQ(Run({"volumes", "snapshot", "redis@before"}), 0) << err();
  EXPECT_EQ(asked.volume(), "redis");
  EXPECT_EQ(asked.snapshot(), "before");
  EXPECT_EQ(out(), "Snapshot redis@before is taken on node1.\n");
  EXPECT_EQ(Run({"volumes", "snapshot", "redis@before", "-o", "json"}), 0);
  EXPECT_EQ(out(), R"({
  "snapshots": [
    {
      "volume": "redis",
      "name": "before",
      "node": "node1",
      "create_time": "1970-01-01T00:01:00+00:00"
    }
  ]
}
)");
  // Else that of the moment.
  EXPECT_EQ(Run({"volumes", "snapshot", "redis:logs"}), 0) << err();
  EXPECT_EQ(asked.volume(), "redis:logs");
  EXPECT_EQ(asked.snapshot().size(), std::string("20261129-102030").size());
  coordinator_.on_create_snapshots =
      [](const CreateSnapshotsRequest&) -> absl::StatusOr<CreateSnapshotsResponse> {
    return absl::AlreadyExistsError("there is a snapshot before of redis already");
  };
  EXPECT_EQ(Run({"volumes", "snapshot", "redis@before"}), 1);
  EXPECT_EQ(err(), "drover: there is a snapshot before of redis already\n");
}

TEST_F(VolumesTest, SnapshotsAreListedWithThoseWhoDoNotAnswer) {
  coordinator_.on_list_snapshots = [](const ListSnapshotsRequest&) {
    return FromText<ListSnapshotsResponse>(R"(
        snapshots { volume: "redis" name: "before" node: "node1" create_time { seconds: 60 } }
        unreachable_nodes: "node3")");
  };
  EXPECT_EQ(Run({"volumes", "snapshots"}), 0) << err();
  EXPECT_THAT(out(), HasSubstr("VOLUME  SNAPSHOT  NODE   TAKEN\nredis   before    node1  "));
  EXPECT_THAT(out(), HasSubstr("node3 does not answer and may keep others.\n"));
  EXPECT_EQ(Run({"volumes", "snapshots", "-o", "json"}), 0);
  EXPECT_THAT(out(), HasSubstr("\"unreachable_nodes\": [\n    \"node3\"\n  ]"));
  coordinator_.on_list_snapshots = nullptr;
  EXPECT_EQ(Run({"volumes", "snapshots"}), 0);
  EXPECT_EQ(out(), "No snapshots.\n");
}

TEST_F(VolumesTest, ARollBackIsConfirmedAndFollowed) {
  SetResult(R"(state: DEPLOYMENT_STATE_DONE actions { kind: ACTION_KIND_ROLL_BACK
      application: "redis" to: "node1" reason: "to snapshot before" state: ACTION_STATE_DONE })");
  EXPECT_EQ(Run({"volumes", "rollback", "redis"}), 2);
  EXPECT_THAT(err(), HasSubstr("say redis@NAME"));
  environment_.in_is_terminal = true;
  answer_ = "no";
  EXPECT_EQ(Run({"volumes", "rollback", "redis@before"}), 1);
  EXPECT_THAT(err(), HasSubstr("What was written since is gone"));
  EXPECT_THAT(asked_, IsEmpty());
  answer_ = "redis";
  EXPECT_EQ(Run({"volumes", "rollback", "redis@before"}), 0) << err();
  EXPECT_EQ(Run({"volumes", "rollback", "redis@before", "--yes", "-o", "json"}), 0) << err();
  EXPECT_THAT(asked_, ElementsAre("rollback redis to before", "rollback redis to before"));
  EXPECT_THAT(out(), HasSubstr("\"changed\": true"));
  EXPECT_EQ(Run({"volumes", "rollback", "redis@before", "--yes"}), 0);
  EXPECT_THAT(out(), HasSubstr("done    put redis back to snapshot before\n"));
  SetResult(R"(state: DEPLOYMENT_STATE_FAILED error: "redis runs on node1 as before")");
  EXPECT_EQ(Run({"volumes", "rollback", "redis@before", "--yes"}), 1);
  EXPECT_THAT(err(), HasSubstr("redis runs on node1 as before"));
}

TEST_F(VolumesTest, DeletingSaysWhatGoes) {
  EXPECT_EQ(Run({"volumes", "delete", "redis@before"}), 0) << err();
  EXPECT_EQ(out(), "Deleted: snapshot redis@before.\n");
  EXPECT_EQ(Run({"volumes", "delete", "redis", "--node", "node1"}), 0) << err();
  EXPECT_EQ(out(), "Deleted: the DIVERGED copy of redis on node1.\n");
  EXPECT_EQ(Run({"volumes", "delete", "redis", "-o", "json"}), 0) << err();
  EXPECT_EQ(out(), "{\n  \"changed\": true\n}\n");
  EXPECT_THAT(asked_,
              ElementsAre("snapshot redis before", "diverged redis on node1", "volumes redis"));
  EXPECT_EQ(Run({"volumes", "delete", "redis@before", "--node", "node1"}), 2);
  // As of a variable that is empty.
  for (const char* empty : {"redis@", "redis:", "", "@before", "redis:@before"}) {
    EXPECT_EQ(Run({"volumes", "delete", empty, "--yes"}), 2) << empty;
  }
  environment_.in_is_terminal = true;
  answer_ = "no";
  EXPECT_EQ(Run({"volumes", "delete", "redis"}), 1);
  EXPECT_THAT(err(), HasSubstr("redis, with its data and its snapshots on every node, for good"));
  EXPECT_EQ(asked_.size(), 3u);
  coordinator_.on_delete_volumes =
      [](const DeleteVolumesRequest&) -> absl::StatusOr<coordinator::v1::DeleteVolumesResponse> {
    return absl::FailedPreconditionError("redis is to run on node1");
  };
  EXPECT_EQ(Run({"volumes", "delete", "redis", "--yes"}), 1);
  EXPECT_EQ(err(), "drover: redis is to run on node1\n");
}

TEST_F(VolumesTest, AClaimWantsTheLossAccepted) {
  coordinator_.on_claim_volumes = [this](const ClaimVolumesRequest& request) {
    if (!request.validate_only()) {
      asked_.push_back("claim " + request.volume() + " on " + request.node());
    }
    return FromText<ClaimVolumesResponse>(
        R"(volumes { name: "redis" owner: "nodes/node2" generation: 4 state: GROUP_STATE_OWNED })");
  };
  EXPECT_EQ(Run({"volumes", "claim", "redis", "--node", "node2"}), 2);
  EXPECT_THAT(err(), HasSubstr("--accept-data-loss"));
  EXPECT_THAT(asked_, IsEmpty());
  const std::vector<std::string> claim = {"volumes", "claim", "redis",
                                          "--node",  "node2", "--accept-data-loss"};
  EXPECT_EQ(Run(claim), 0) << err();
  EXPECT_THAT(out(), HasSubstr("redis   node2  OWNED"));
  std::vector<std::string> as_json = claim;
  as_json.insert(as_json.end(), {"-o", "json"});
  EXPECT_EQ(Run(as_json), 0);
  EXPECT_THAT(out(), HasSubstr("\"changed\": true,\n  \"volumes\": [\n"));
  environment_.in_is_terminal = true;
  answer_ = "yes";
  EXPECT_EQ(Run(claim), 1);
  EXPECT_EQ(asked_.size(), 2u);
  answer_ = "redis";
  EXPECT_EQ(Run(claim), 0);
  coordinator_.on_claim_volumes =
      [](const ClaimVolumesRequest&) -> absl::StatusOr<ClaimVolumesResponse> {
    return StatusWithReason(absl::StatusCode::kFailedPrecondition, "ALREADY_OWNER",
                            "node2 owns redis already");
  };
  EXPECT_EQ(Run(as_json), 0);
  EXPECT_THAT(out(), HasSubstr("\"changed\": false"));
}

}  // namespace
}  // namespace drover::cli
