#include <gmock/gmock.h>

#include "cli/testing/command_test.h"

namespace drover::cli {
namespace {

using ::testing::HasSubstr;

using coordinator::v1::CreateCloneRequest;
using coordinator::v1::CreateCloneResponse;
using coordinator::v1::WatchDeploymentRequest;
using coordinator::v1::WatchDeploymentResponse;

class CloneTest : public CommandTest {
 protected:
  CloneTest() {
    coordinator_.on_create_clone = [this](const CreateCloneRequest& request) {
      cloned_ = request;
      return FromText<CreateCloneResponse>(R"(deployment { name: "deployments/d1" })");
    };
  }
  // It is over at once.
  void SetResult(const std::string& deployment) {
    coordinator_.on_watch_deployment = [deployment](const WatchDeploymentRequest&) {
      return FromText<WatchDeploymentResponse>("deployment { " + deployment + "}");
    };
  }

  CreateCloneRequest cloned_;
};

TEST_F(CloneTest, ACloneIsAskedForAndFollowed) {
  SetResult(R"(state: DEPLOYMENT_STATE_DONE
      actions { kind: ACTION_KIND_CLONE application: "copy" to: "node1"
                reason: "of redis as it is now" state: ACTION_STATE_DONE }
      actions { kind: ACTION_KIND_START application: "copy" to: "node1" state: ACTION_STATE_DONE })");
  EXPECT_EQ(Run({"clone", "redis", "copy", "--node", "node2", "--port", "6379=6380", "--port",
                 "80=81", "--bandwidth", "5MB"}),
            0)
      << err();
  EXPECT_EQ(cloned_.clone().source(), "redis");
  EXPECT_EQ(cloned_.clone().clone(), "copy");
  EXPECT_EQ(cloned_.clone().node(), "node2");
  ASSERT_EQ(cloned_.clone().ports_size(), 2);
  EXPECT_EQ(cloned_.clone().ports(1).clone_external(), 81);
  EXPECT_EQ(cloned_.options().bandwidth_bytes_per_second(), 5 << 20);
  EXPECT_THAT(out(), HasSubstr("done    make copy on node1, a copy of redis as it is now\n"
                               "done    start copy on node1\n"));
  EXPECT_EQ(Run({"clone", "redis", "copy", "-o", "json"}), 0);
  EXPECT_THAT(out(), HasSubstr("\"kind\": \"CLONE\",\n      \"application\": \"copy\""));
}

TEST_F(CloneTest, ACloneThatIsWrittenWronglyIsNotAskedFor) {
  EXPECT_EQ(Run({"clone", "redis", "copy", "--port", "6379"}), 2);
  EXPECT_THAT(err(), HasSubstr("say EXTERNAL=NEW"));
  EXPECT_EQ(Run({"clone", "redis", "-copy/"}), 2);
  EXPECT_EQ(Run({"clone", "redis"}), 2);
  EXPECT_EQ(cloned_.clone().source(), "");
  coordinator_.on_create_clone =
      [](const CreateCloneRequest&) -> absl::StatusOr<CreateCloneResponse> {
    return absl::InvalidArgumentError("external port 6379 is redis's");
  };
  EXPECT_EQ(Run({"clone", "redis", "copy"}), 2);
  EXPECT_THAT(err(), HasSubstr("external port 6379 is redis's"));
}

}  // namespace
}  // namespace drover::cli
