// Bad input, and faults that a deploy must survive: it fails with one plain sentence, the app keeps
// running where it was, and running the command again after mending works and loses nothing.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <future>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "testing/e2e/cluster.h"

namespace drover::e2e {
namespace {

using boost::json::object;

class FaultTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (geteuid() == 0) cluster_ = std::make_unique<Cluster>(lab::Backend::kBtrfs, 2);
  }
  static void TearDownTestSuite() { cluster_.reset(); }
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root: namespaces, mounts and container engines";
    cluster_->Deploy({kRedis}, kOnNode1);
    EXPECT_EQ(cluster_->Redis("node1", 6379, {"set", "x", "before"}), "OK");
  }
  void TearDown() override {
    if (cluster_ != nullptr) cluster_->ExpectAgreement();
  }

  // The move fails with exit code 1 and `words` in its error; the app never stopped for good.
  void ExpectMoveFails(const std::string& words) {
    const object result = cluster_->Deploy({kRedis}, kOnNode2, 1);
    const std::string error(result.at("error").as_string());
    EXPECT_TRUE(absl::StrContains(error, words)) << error;
    EXPECT_EQ(cluster_->Redis("node1", 6379, {"get", "x"}), "before");
  }
  // After mending, the same command works.
  void ExpectMoveWorks() {
    cluster_->ExpectNodesReady();
    cluster_->Deploy({kRedis}, kOnNode2);
    EXPECT_EQ(cluster_->Redis("node1", 6379, {"get", "x"}), "before");
  }

  static inline const App kRedis{"redis-example", 6379, ""};
  static inline const Placement kOnNode1 = {{"node1", {"redis-example"}}, {"node2", {}}};
  static inline const Placement kOnNode2 = {{"node1", {}}, {"node2", {"redis-example"}}};
  static std::unique_ptr<Cluster> cluster_;
};
std::unique_ptr<Cluster> FaultTest::cluster_;

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
  ExpectMoveFails("node2");
  ASSERT_TRUE(cluster_->lab().Start("volume@node2").ok());
  ExpectMoveWorks();
}

TEST_F(FaultTest, AMissingImageLeavesTheAppAsItIs) {
  const App broken{"redis-example", 6379,
                   "    image: \"192.0.2.10:5000/no-such-image:1\"\n"
                   "    volume: {mountpoint: \"/data\"}\n"};
  const object result = cluster_->Deploy({broken}, kOnNode1, 1);
  EXPECT_TRUE(absl::StrContains(std::string(result.at("error").as_string()), "no-such-image"));
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
  EXPECT_TRUE(absl::StrContains(std::string(result.at("error").as_string()), "6399"));
  cluster_->lab().RunOk("node2", {"redis-cli", "-p", "6399", "shutdown", "nosave"}).IgnoreError();
  cluster_->Deploy({kRedis, taken}, {{"node1", {"redis-example", "other"}}, {"node2", {}}});
  EXPECT_EQ(cluster_->Redis("node2", 6399, {"ping"}), "PONG");
}

TEST_F(FaultTest, AFullPoolIsNamed) {
  ASSERT_TRUE(cluster_->lab()
                  .RunOk("node2", {"sh", "-c",
                                   "fallocate -l $(($(df --output=avail -B1 /flocker | tail -1) - "
                                   "40000000)) /flocker/ballast-of-the-test"})
                  .ok());
  cluster_->FillRedis("node1", 6379, 50);
  ExpectMoveFails("node2");
  ASSERT_TRUE(cluster_->lab().RunOk("node2", {"rm", "/flocker/ballast-of-the-test"}).ok());
  ExpectMoveWorks();
}

TEST_F(FaultTest, AStoppedEngineIsNamed) {
  ASSERT_TRUE(cluster_->lab().Kill("docker@node2", SIGKILL).ok());
  ExpectMoveFails("node2");
  ASSERT_TRUE(cluster_->lab().Start("docker@node2").ok());
  ExpectMoveWorks();
}

TEST_F(FaultTest, ADaemonKilledInAMoveEndsInOneOfTheTwoStates) {
  for (const char* daemon : {"coordinator", "volume@node1", "volume@node2", "container@node1",
                             "container@node2", "proxy@node1"}) {
    const std::vector<std::string> files = cluster_->WriteFiles({kRedis}, kOnNode2);
    // The move runs while the daemon is killed; whatever it answers, the journal ends it.
    auto move = std::async(std::launch::async, [&] {
      return cluster_->Drover({"deploy", "--yes", files[0], files[1]});
    });
    cluster_->Eventually("the move", absl::Seconds(20), [&] {
      const CommandOutcome list = cluster_->Drover({"migrations", "list"});
      return absl::StrContains(list.output, "COP") || absl::StrContains(list.output, "SEALED") ||
             move.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    });
    ASSERT_TRUE(cluster_->lab().Kill(daemon, SIGKILL).ok()) << daemon;
    ASSERT_TRUE(cluster_->lab().Start(daemon).ok()) << daemon;
    move.get();
    cluster_->Eventually(absl::StrCat("the end of the move after killing ", daemon),
                         absl::Seconds(30), [&] {
                           const object status = cluster_->DroverJson({"status"});
                           return status.at("migrations").as_array().empty() &&
                                  cluster_->Redis("node2", 6379, {"get", "x"}) == "before";
                         });
    cluster_->ExpectAgreement();
    cluster_->Deploy({kRedis}, kOnNode1);
    EXPECT_EQ(cluster_->Redis("node2", 6379, {"get", "x"}), "before") << daemon;
  }
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
