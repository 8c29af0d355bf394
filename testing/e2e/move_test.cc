// The user's day S5-S12 and what must hold around it, on each real backend.
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "testing/e2e/cluster_test_base.h"

namespace drover::e2e {
namespace {

using boost::json::object;
using boost::json::value;

class MoveTest : public ClusterTest {};

const App kRedis{"redis-example", 6379, ""};

TEST_F(MoveTest, DataFollowsTheContainerAndEveryNodeAnswers) {
  object result = cluster_->Deploy({kRedis}, {{"node1", {"redis-example"}}, {"node2", {}}});
  EXPECT_TRUE(result.at("changed").as_bool());
  EXPECT_EQ(cluster_->Redis("node1", 6379, {"set", "x", "1"}), "OK");
  EXPECT_EQ(cluster_->Redis("node2", 6379, {"get", "x"}), "1");

  cluster_->Deploy({kRedis}, {{"node1", {}}, {"node2", {"redis-example"}}});
  EXPECT_EQ(cluster_->Redis("node1", 6379, {"get", "x"}), "1");
  EXPECT_EQ(cluster_->Redis("node2", 6379, {"get", "x"}), "1");
  const object migration = cluster_->LastMigration();
  EXPECT_EQ(migration.at("state").as_string(), "DONE");
  EXPECT_EQ(migration.at("source").as_string(), "node1");
  EXPECT_EQ(migration.at("destination").as_string(), "node2");
  EXPECT_GT(migration.at("interruption_ms").to_number<double>(), 0);
}

TEST_F(MoveTest, ANodeRoutesForItselfToo) {
  cluster_->Deploy({kRedis}, {{"node1", {}}, {"node2", {"redis-example"}}});
  for (const char* node : {"node1", "node2"}) {
    for (const char* host : {"127.0.0.1", "node1", "node2"}) {
      auto outcome = cluster_->lab().Run(node, {"redis-cli", "-h", host, "ping"});
      ASSERT_TRUE(outcome.ok());
      EXPECT_EQ(outcome->output, "PONG\n") << "on " << node << " through " << host;
    }
  }
}

TEST_F(MoveTest, BackAndForthFiveTimesLosesNothingAndSendsOnlyChanges) {
  cluster_->Deploy({kRedis}, {{"node1", {"redis-example"}}, {"node2", {}}});
  // 20 MB that do not change: a full copy would show.
  cluster_->FillRedis("node1", 6379, 20);
  cluster_->DroverJson({"move", "redis-example", "node2"});
  for (int trip = 0; trip < 10; ++trip) {
    const std::string key = absl::StrCat("trip", trip);
    EXPECT_EQ(cluster_->Redis("node1", 6379, {"set", key, "written"}), "OK");
    const object migration =
        cluster_->DroverJson({"move", "redis-example", trip % 2 == 0 ? "node1" : "node2"});
    EXPECT_EQ(migration.at("state").as_string(), "DONE");
    EXPECT_LT(migration.at("bulk_bytes").to_number<int64_t>(), 10'000'000) << "trip " << trip;
    for (int earlier = 0; earlier <= trip; ++earlier) {
      EXPECT_EQ(cluster_->Redis("node2", 6379, {"get", absl::StrCat("trip", earlier)}), "written");
    }
  }
}

TEST_F(MoveTest, ADeployThatChangesNothingChangesNothing) {
  const Placement placement = {{"node1", {"redis-example"}}, {"node2", {}}};
  const App app{"redis-example", 6379,
                "    environment: {COLOUR: \"red\"}\n    mem_limit: \"256M\"\n    cpu_shares: 512\n"
                "    links:\n    - {local_port: 80, remote_port: 8080, alias: \"web-app\"}\n"};
  cluster_->Deploy({app}, placement);
  const std::string start = cluster_->StartOf("node1", "redis-example");
  for (int i = 0; i < 10; ++i) {
    const absl::Time begin = absl::Now();
    const object result = cluster_->Deploy({app}, placement);
    EXPECT_LT(absl::Now() - begin, absl::Seconds(2));
    EXPECT_FALSE(result.at("changed").as_bool());
    EXPECT_TRUE(result.at("actions").as_array().empty());
  }
  EXPECT_EQ(cluster_->StartOf("node1", "redis-example"), start);
}

TEST_F(MoveTest, EnvironmentLimitsAndLinksReachTheContainer) {
  const App app{"redis-example", 6379,
                "    environment: {COLOUR: \"red\"}\n    mem_limit: \"256M\"\n    cpu_shares: 512\n"
                "    links:\n    - {local_port: 80, remote_port: 8080, alias: \"web-app\"}\n"};
  cluster_->Deploy({app}, {{"node1", {"redis-example"}}, {"node2", {}}});
  const std::string inspect = *cluster_->lab().RunOk(
      "node1",
      {"docker", "inspect", "-f",
       "{{.HostConfig.Memory}} {{.HostConfig.CpuShares}} {{.HostConfig.RestartPolicy.Name}} "
       "{{.Config.Env}}",
       "drover--redis-example"});
  EXPECT_TRUE(absl::StrContains(inspect, "268435456 512 no")) << inspect;
  EXPECT_TRUE(absl::StrContains(inspect, "COLOUR=red")) << inspect;
  EXPECT_TRUE(absl::StrContains(inspect, "WEB_APP_PORT_80_TCP_PORT=8080")) << inspect;
}

TEST_F(MoveTest, ThreeAppsMoveInOneDeploy) {
  const std::vector<App> apps = {{"one", 7001, ""}, {"two", 7002, ""}, {"three", 7003, ""}};
  cluster_->Deploy(apps, {{"node1", {"one", "two", "three"}}, {"node2", {}}});
  for (const App& app : apps) {
    EXPECT_EQ(cluster_->Redis("node2", app.external_port, {"set", "name", app.name}), "OK");
  }
  const object result = cluster_->Deploy(apps, {{"node1", {}}, {"node2", {"one", "two", "three"}}});
  EXPECT_EQ(result.at("migrations").as_array().size(), 3u);
  for (const App& app : apps) {
    EXPECT_EQ(cluster_->Redis("node1", app.external_port, {"get", "name"}), app.name);
  }
}

TEST_F(MoveTest, AStoppedAppKeepsItsDataAndANodeLeftOutKeepsItFindable) {
  cluster_->Deploy({kRedis}, {{"node1", {"redis-example"}}, {"node2", {}}});
  EXPECT_EQ(cluster_->Redis("node1", 6379, {"set", "kept", "yes"}), "OK");
  cluster_->Deploy({kRedis}, {{"node1", {}}, {"node2", {}}});
  const object application = cluster_->Find("applications", "redis-example");
  EXPECT_EQ(application.at("state").as_string(), "STOPPED");
  EXPECT_TRUE(application.at("node").is_null());
  EXPECT_EQ(cluster_->Find("volumes", "redis-example").at("owner").as_string(), "node1");

  // node1 is not in the file: the data is still found there, and moves.
  cluster_->Deploy({kRedis}, {{"node2", {"redis-example"}}});
  EXPECT_EQ(cluster_->Redis("node1", 6379, {"get", "kept"}), "yes");
}

TEST_F(MoveTest, AContainerThatDiesIsStartedAgainByItsPolicyAndKeepsItsData) {
  const App app{"redis-example", 6379, "    restart_policy: {name: \"always\"}\n"};
  cluster_->Deploy({app}, {{"node1", {"redis-example"}}, {"node2", {}}});
  EXPECT_EQ(cluster_->Redis("node1", 6379, {"set", "before", "death"}), "OK");
  ASSERT_TRUE(cluster_->lab().RunOk("node1", {"docker", "kill", "drover--redis-example"}).ok());
  cluster_->Eventually("the restart", absl::Seconds(20), [&] {
    return cluster_->Redis("node2", 6379, {"get", "before"}) == "death";
  });
}

TEST_F(MoveTest, LogsComeFromWhereTheAppIs) {
  cluster_->Deploy({kRedis}, {{"node1", {}}, {"node2", {"redis-example"}}});
  const CommandOutcome outcome = cluster_->Drover({"logs", "redis-example"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_TRUE(absl::StrContains(outcome.output, "Ready to accept connections")) << outcome.output;
}

}  // namespace
}  // namespace drover::e2e
