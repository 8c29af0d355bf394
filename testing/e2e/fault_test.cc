// Bad input, and faults that a deploy must survive: it fails with one plain sentence, the app keeps
// running where it was, and running the command again after mending works and loses nothing.
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "testing/e2e/cluster_test_base.h"

namespace drover::e2e {
namespace {

using boost::json::object;

class FaultTest : public ClusterTest {
 protected:
  void Prepare() override {
    cluster_->Deploy({kRedis}, kOnNode1);
    EXPECT_EQ(cluster_->Redis("node1", 6379, {"set", "x", "before"}), "OK");
  }

  // The error is one plain sentence that has `what` in it and ends with `now`: what runs where.
  static void ExpectPlain(const object& result, const std::string& what, const std::string& now) {
    const std::string error(result.at("error").as_string());
    EXPECT_TRUE(absl::StrContains(error, what)) << error;
    EXPECT_TRUE(absl::EndsWith(error, absl::StrCat("; ", now))) << error;
    EXPECT_EQ(error.find(now), error.rfind(now)) << "said twice: " << error;
    EXPECT_EQ(error.find(what), error.rfind(what)) << "said twice: " << error;
    for (const char* word : {"\n", "ipv4:", "UNAVAILABLE", "UNKNOWN", "last error", "rpc"}) {
      EXPECT_FALSE(absl::StrContains(error, word)) << error;
    }
  }
  // The move fails with exit code 1, because of `what`; the app never stopped.
  void ExpectMoveFails(const std::string& what) {
    const std::string container = cluster_->StartOf("node1", "redis-example");
    ExpectPlain(cluster_->Deploy({kRedis}, kOnNode2, 1), what, kAsBefore);
    EXPECT_EQ(cluster_->Redis("node1", 6379, {"get", "x"}), "before");
    EXPECT_EQ(cluster_->StartOf("node1", "redis-example"), container)
        << "it was stopped or made anew";
  }
  // After mending, the same command works.
  void ExpectMoveWorks() {
    cluster_->ExpectNodesReady();
    cluster_->Deploy({kRedis}, kOnNode2);
    EXPECT_EQ(cluster_->Redis("node1", 6379, {"get", "x"}), "before");
  }

  static constexpr char kAsBefore[] = "redis-example runs on node1 as before";
  static inline const App kRedis{"redis-example", 6379, ""};
  static inline const Placement kOnNode1 = {{"node1", {"redis-example"}}, {"node2", {}}};
  static inline const Placement kOnNode2 = {{"node1", {}}, {"node2", {"redis-example"}}};
};

TEST_F(FaultTest, AnErrorInAFileIsNamedByPlaceAndNothingIsContacted) {
  const std::vector<std::string> files = cluster_->WriteFiles({kRedis}, kOnNode2);
  std::ofstream(files[1], std::ios::app) << "    colour: red\n";
  const CommandOutcome outcome =
      cluster_->Drover({"--coordinator", "192.0.2.99:1", "deploy", "--yes", files[0], files[1]});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_TRUE(absl::StrContains(outcome.error_output, "application.yml:")) << outcome.error_output;
  EXPECT_TRUE(absl::StrContains(outcome.error_output, "colour")) << outcome.error_output;
}

TEST_F(FaultTest, AnUnregisteredNodeIsAConfigurationError) {
  const std::vector<std::string> files =
      cluster_->WriteFiles({kRedis}, {{"node1", {}}, {"node7", {"redis-example"}}});
  const CommandOutcome outcome = cluster_->Drover({"deploy", "--yes", files[0], files[1]});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_TRUE(absl::StrContains(outcome.error_output, "node7")) << outcome.error_output;
}

TEST_F(FaultTest, AnUnreachableCoordinatorIsExitCode3) {
  const CommandOutcome outcome = cluster_->Drover({"--coordinator", "127.0.0.1:1", "status"});
  EXPECT_EQ(outcome.exit_code, 3) << outcome.output << outcome.error_output;
}

TEST_F(FaultTest, ADownNodeIsNamed) {
  ASSERT_TRUE(cluster_->lab().Kill("volume@node2", SIGKILL).ok());
  ExpectMoveFails("node2 does not answer");
  ASSERT_TRUE(cluster_->lab().Start("volume@node2").ok());
  ExpectMoveWorks();
}

TEST_F(FaultTest, AMissingImageLeavesTheAppAsItIs) {
  const App broken{"redis-example", 6379,
                   "    image: \"flocker.local/no-such-image:1\"\n"
                   "    volume: {mountpoint: \"/data\"}\n"};
  const object result = cluster_->Deploy({broken}, kOnNode1, 1);
  ExpectPlain(result, "cannot get the image flocker.local/no-such-image:1", kAsBefore);
  EXPECT_EQ(cluster_->Redis("node1", 6379, {"get", "x"}), "before");
  ExpectMoveWorks();
}

TEST_F(FaultTest, ATakenPortIsNamed) {
  ASSERT_TRUE(cluster_->lab()
                  .RunOk("node2", {"sh", "-c",
                                   "redis-server --port 6399 --daemonize yes --save '' --dir /run"})
                  .ok());
  const App taken{"other", 6399, ""};
  const object result =
      cluster_->Deploy({kRedis, taken}, {{"node1", {"redis-example", "other"}}, {"node2", {}}}, 1);
  ExpectPlain(result, "6399", "other was not created and runs nowhere");
  cluster_->lab().RunOk("node2", {"redis-cli", "-p", "6399", "shutdown", "nosave"}).IgnoreError();
  cluster_->Deploy({kRedis, taken}, {{"node1", {"redis-example", "other"}}, {"node2", {}}});
  EXPECT_EQ(cluster_->Redis("node2", 6399, {"ping"}), "PONG");
}

TEST_F(FaultTest, AFullPoolIsNamed) {
  const std::string fill =
      "fallocate -l $(($(df --output=avail -B1 /flocker | tail -1) - 10000000)) /flocker/ballast";
  ASSERT_TRUE(cluster_->lab().RunOk("node2", {"sh", "-c", fill}).ok());
  cluster_->FillRedis("node1", 6379, 20);
  ExpectMoveFails("node2: this node's");
  ASSERT_TRUE(cluster_->lab().RunOk("node2", {"rm", "/flocker/ballast"}).ok());
  ExpectMoveWorks();
}

TEST_F(FaultTest, AStoppedEngineIsNamed) {
  ASSERT_TRUE(cluster_->lab().Kill("docker@node2", SIGKILL).ok());
  ExpectMoveFails("the container engine does not answer");
  const std::string problem(cluster_->Find("nodes", "node2").at("problem").as_string());
  EXPECT_TRUE(absl::StrContains(problem, "the container engine does not answer")) << problem;
  EXPECT_TRUE(absl::StrContains(cluster_->Drover({"doctor"}).output,
                                "Nothing can be started there: the container engine"));
  ASSERT_TRUE(cluster_->lab().Start("docker@node2").ok());
  cluster_->Eventually("the engine's return is known", absl::Seconds(10),
                       [] { return cluster_->Find("nodes", "node2").at("problem").is_null(); });
  ExpectMoveWorks();
}

TEST_F(FaultTest, ARebootedNodeBringsItsAppsAndRoutesBack) {
  ASSERT_TRUE(cluster_->lab().Reboot("node1").ok());
  for (const char* node : {"node1", "node2"}) {
    cluster_->Eventually("the app's return", absl::Seconds(30), [&] {
      return cluster_->Redis(node, 6379, {"get", "x"}) == "before";
    });
  }
  ExpectMoveWorks();
}

}  // namespace
}  // namespace drover::e2e
