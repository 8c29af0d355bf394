// A machine is lost, or its disk comes back from an older time: what an operator does then, and
// what the machine may not do when it is there again.
#include <gtest/gtest.h>
#include <signal.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "testing/e2e/cluster_test_base.h"

namespace drover::e2e {
namespace {

using boost::json::object;

class TakeoverTest : public ClusterTest {
 protected:
  void Prepare() override {
    cluster_->Deploy({kRedis}, {{"node1", {"redis-example"}}, {"node2", {}}});
  }
  // What was given up stays where it is, so the nodes do not agree.
  void CleanUp() override {}

  std::string Set(const std::string& node, const std::string& value) {
    return cluster_->Redis(node, 6379, {"set", "x", value});
  }
  std::string Get(const std::string& node) { return cluster_->Redis(node, 6379, {"get", "x"}); }
  void Must(const absl::Status& status) { ASSERT_TRUE(status.ok()) << status; }
  // On a machine, by its shell.
  void Sh(const std::string& machine, const std::string& script) {
    auto done = cluster_->lab().RunOk(machine, {"sh", "-ec", script});
    ASSERT_TRUE(done.ok()) << done.status();
  }
  std::string StateOfCopyOn(const std::string& node) {
    const object volume = cluster_->Find("volumes", "redis-example");
    for (const auto& copy : volume.at("copies").as_array()) {
      if (copy.at("node").as_string() != node) continue;
      return std::string(copy.at("state").as_string());
    }
    return "";
  }

  static inline const App kRedis{"redis-example", 6379, "    restart_policy: {name: \"always\"}\n"};
  static inline const std::vector<std::string> kClaimOnNode1 = {
      "volumes", "claim", "redis-example", "--node", "node1", "--accept-data-loss"};
};

TEST_F(TakeoverTest, ALostMachinesApplicationGoesOnElsewhereAndTheMachineComesBackHarmless) {
  EXPECT_EQ(Set("node1", "in the copy"), "OK");
  cluster_->DroverJson({"move", "redis-example", "node2"});
  EXPECT_EQ(Set("node2", "only on node2"), "OK");
  EXPECT_EQ(cluster_->Drover(kClaimOnNode1).exit_code, 1) << "its owner answers";

  Must(cluster_->lab().Partition("node2", "", lab::Direction::kBoth));
  std::vector<std::string> careless = kClaimOnNode1;
  careless.pop_back();
  EXPECT_EQ(cluster_->Drover(careless).exit_code, 2);
  const object claimed = cluster_->DroverJson(kClaimOnNode1);
  EXPECT_EQ(claimed.at("volumes").at(0).at("owner").as_string(), "node1");
  EXPECT_EQ(Get("node1"), "in the copy");
  EXPECT_EQ(Set("node1", "after the claim"), "OK");

  Must(cluster_->lab().Reboot("node2"));
  Must(cluster_->lab().Heal());
  cluster_->Eventually("DIVERGED", absl::Seconds(30),
                       [&] { return StateOfCopyOn("node2") == "DIVERGED"; });
  cluster_->ExpectNodesReady();
  EXPECT_EQ(Get("node2"), "after the claim") << "node2 leads to node1";
  cluster_->Eventually("no container on node2", absl::Seconds(10), [&] {
    const auto containers = cluster_->lab().RunOk("node2", {"docker", "ps", "-aq"});
    return containers.ok() && containers->empty();
  });

  const CommandOutcome refused = cluster_->Drover({"move", "redis-example", "node2"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_TRUE(absl::StrContains(refused.error_output, "diverged copy")) << refused.error_output;
  cluster_->DroverJson({"volumes", "delete", "redis-example", "--node", "node2"});
  cluster_->DroverJson({"move", "redis-example", "node2"});
  EXPECT_EQ(Get("node1"), "after the claim");
  cluster_->ExpectAgreement();
}

TEST_F(TakeoverTest, AMachineThatWasOnlyCutOffEndsItsWriterWhenItIsHeardOfAgain) {
  EXPECT_EQ(Set("node1", "in the copy"), "OK");
  cluster_->DroverJson({"move", "redis-example", "node2"});
  Must(cluster_->lab().Partition("node2", "", lab::Direction::kBoth));
  cluster_->DroverJson(kClaimOnNode1);
  EXPECT_EQ(Set("node1", "after the claim"), "OK");
  Must(cluster_->lab().Heal());
  cluster_->Eventually("no container on node2", absl::Seconds(30), [&] {
    const auto containers = cluster_->lab().RunOk("node2", {"docker", "ps", "-aq"});
    return containers.ok() && containers->empty();
  });
  EXPECT_EQ(StateOfCopyOn("node2"), "DIVERGED");
  EXPECT_EQ(Get("node2"), "after the claim");
  EXPECT_EQ(Get("node1"), "after the claim");
  cluster_->DroverJson({"volumes", "delete", "redis-example", "--node", "node2"});
  cluster_->ExpectAgreement();
}

}  // namespace
}  // namespace drover::e2e
