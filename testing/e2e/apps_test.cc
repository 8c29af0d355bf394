// Apps as people have them: from a Compose file, from an image that is in no registry, and linked
// to each other. Each moves.
#include <gtest/gtest.h>

#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "testing/e2e/cluster_test_base.h"

namespace drover::e2e {
namespace {

class AppsTest : public ClusterTest {
 protected:
  std::string RunOk(const std::string& machine, const std::vector<std::string>& command) {
    absl::StatusOr<std::string> output = cluster_->lab().RunOk(machine, command);
    EXPECT_TRUE(output.ok()) << output.status();
    return std::string(absl::StripTrailingAsciiWhitespace(output.value_or("")));
  }
  std::string ImageId(const std::string& node, const std::string& image) {
    return RunOk(node, {"docker", "image", "inspect", "-f", "{{.Id}}", image});
  }

  // What the container of `app` on `node` gets from the Redis it is linked to.
  std::string ThroughLink(const std::string& node, const std::string& app) {
    return RunOk(node, {"docker", "exec", absl::StrCat("drover--", app), "sh", "-c",
                        "redis-cli -h $DB_PORT_6379_TCP_ADDR -p $DB_PORT_6379_TCP_PORT get who"});
  }
};

TEST_F(AppsTest, AComposeFileStartsInOrderAndMoves) {
  const std::string folder = testing::TempDir();
  const std::string applications = folder + "/compose.yml", deployment = folder + "/nodes.yml";
  std::ofstream(applications) << absl::StrReplaceAll(R"(
services:
  front:
    image: REDIS
    ports: ["6390:6379"]
    depends_on: {back: {condition: service_healthy}}
  back:
    image: REDIS
    ports: ["6391:6379"]
    volumes: ["data:/data"]
    healthcheck: {test: [CMD, redis-cli, ping], timeout: 2s}
volumes: {data: }
)",
                                                     {{"REDIS", cluster_->redis_image()}});
  const auto deploy = [&](const std::string& nodes) {
    std::ofstream(deployment) << "version: 1\nnodes: " << nodes << "\n";
    cluster_->DroverJson({"deploy", deployment, applications});
  };
  deploy("{node1: [front, back], node2: []}");
  const std::string started =
      RunOk("node1", {"docker", "inspect", "-f", "{{.State.StartedAt}}", "drover--back"});
  const std::string created =
      RunOk("node1", {"docker", "inspect", "-f", "{{.Created}}", "drover--front"});
  EXPECT_LT(started, created);
  EXPECT_EQ(cluster_->Redis("node2", 6391, {"set", "who", "back"}), "OK");
  deploy("{node1: [], node2: [front, back]}");
  EXPECT_EQ(cluster_->Redis("node1", 6391, {"get", "who"}), "back");
  EXPECT_EQ(cluster_->Redis("node1", 6390, {"ping"}), "PONG");
  deploy("{node1: [], node2: []}");
}

TEST_F(AppsTest, AnImageThatIsInNoRegistryComesFromTheNodeThatHasIt) {
  const std::string image = "home-made:1";
  const std::string import = absl::StrReplaceAll(
      "docker create --name source REDIS && docker export source | docker import "
      "--change 'ENV PATH=/usr/bin:/bin' --change 'USER redis' --change 'WORKDIR /data' "
      "--change 'CMD [\"redis-server\",\"--dir\",\"/data\",\"--protected-mode\",\"no\","
      "\"--appendonly\",\"yes\",\"--appendfsync\",\"always\"]' - IMAGE && docker rm source",
      {{"REDIS", cluster_->redis_image()}, {"IMAGE", image}});
  RunOk("node1", {"sh", "-c", import});
  ASSERT_NE(cluster_->lab().Run("node2", {"docker", "image", "inspect", image})->exit_code, 0);

  const App app{"home-made", 6380, absl::StrCat("    image: \"", image, "\"\n")};
  cluster_->Deploy({app}, {{"node1", {"home-made"}}, {"node2", {}}});
  EXPECT_EQ(cluster_->Redis("node2", 6380, {"set", "x", "kept"}), "OK");
  cluster_->Deploy({app}, {{"node1", {}}, {"node2", {"home-made"}}});
  EXPECT_EQ(cluster_->Redis("node1", 6380, {"get", "x"}), "kept");
  EXPECT_EQ(ImageId("node2", image), ImageId("node1", image));
  EXPECT_EQ(RunOk("node2", {"docker", "inspect", "-f", "{{.Image}}", "drover--home-made"}),
            ImageId("node1", image));
}

TEST_F(AppsTest, OneThatCouldNotBeStartedIsFilledWhereItIsMovedTo) {
  const App app{"unlucky", 6381, ""};
  RunOk("node1", {"docker", "create", "--name", "drover--unlucky", cluster_->redis_image()});
  const std::string error(
      cluster_->Deploy({app}, {{"node1", {"unlucky"}}, {"node2", {}}}, 1).at("error").as_string());
  EXPECT_TRUE(absl::StrContains(error, "that is not Drover's is on")) << error;
  // Redis ends if it may not write into its volume, which the image gives it.
  cluster_->Deploy({app}, {{"node1", {}}, {"node2", {"unlucky"}}});
  EXPECT_EQ(cluster_->Redis("node1", 6381, {"set", "x", "kept"}), "OK");
  cluster_->DroverJson({"move", "unlucky", "node1"}, 1);
  RunOk("node1", {"docker", "rm", "drover--unlucky"});
  cluster_->DroverJson({"move", "unlucky", "node1"});
  EXPECT_EQ(cluster_->Redis("node2", 6381, {"get", "x"}), "kept");
}

TEST_F(AppsTest, AChangeIsOneRestartWhereItIsOrNone) {
  const Placement placement = {{"node1", {"changing"}}, {"node2", {}}};
  cluster_->Deploy({{"changing", 6395, ""}}, placement);
  EXPECT_EQ(cluster_->Redis("node2", 6395, {"set", "x", "kept"}), "OK");
  struct Change {
    const char* kind;
    int port;
    const char* more;
  };
  const std::vector<Change> changes = {
      {"RESTART", 6395, "    environment: {COLOUR: \"red\"}\n"},
      {"RESTART", 6395, "    links: [{local_port: 80, remote_port: 8080, alias: \"web\"}]\n"},
      {"RESTART", 6395, "    mem_limit: \"256M\"\n"},
      {"RESTART", 6395,
       "    command: [redis-server, --dir, /data, --protected-mode, \"no\", "
       "--appendonly, \"yes\", --appendfsync, always]\n"},
      {"UPDATE", 6395, "    restart_policy: {name: always}\n"},
      {"UPDATE", 6395, "    stop_timeout: \"5s\"\n"},
      {"REROUTE", 6396, ""},
      {"RESIZE", 6396, "    volume: {mountpoint: \"/data\", maximum_size: \"100M\"}\n"},
  };
  // Each on top of those before it.
  std::string more;
  for (const Change& change : changes) {
    more += change.more;
    const std::string start = cluster_->StartOf("node1", "changing");
    const auto result = cluster_->Deploy({{"changing", change.port, more}}, placement);
    const boost::json::array& actions = result.at("actions").as_array();
    ASSERT_EQ(actions.size(), 1u) << result;
    EXPECT_EQ(actions[0].at("kind").as_string(), change.kind) << change.more;
    const bool restarts = std::string(change.kind) == "RESTART";
    EXPECT_EQ(cluster_->StartOf("node1", "changing") != start, restarts) << change.more;
    EXPECT_EQ(cluster_->Redis("node2", change.port, {"get", "x"}), "kept") << change.more;
    EXPECT_FALSE(
        cluster_->Deploy({{"changing", change.port, more}}, placement).at("changed").as_bool())
        << change.more;
  }
}

TEST_F(AppsTest, AnEndIsToldWithin2Seconds) {
  cluster_->Deploy({{"mortal", 6397, ""}}, {{"node1", {"mortal"}}, {"node2", {}}});
  RunOk("node1", {"docker", "kill", "drover--mortal"});
  cluster_->Eventually("FAILED", absl::Seconds(2), [&] {
    return cluster_->Find("applications", "mortal").at("state").as_string() == "FAILED";
  });
  EXPECT_EQ(cluster_->Find("applications", "mortal").at("problem").as_string(),
            "it ended with exit code 137");
  cluster_->Deploy({}, {{"node1", {}}, {"node2", {}}});
}

TEST_F(AppsTest, LinkedAppsFindEachOtherWhereverTheyAre) {
  const App db{"db", 7001, ""};
  const App web{"web", 7002, "    links: [{local_port: 6379, remote_port: 7001, alias: \"db\"}]\n"};
  const Placement placements[] = {{{"node1", {"db", "web"}}, {"node2", {}}},
                                  {{"node1", {"web"}}, {"node2", {"db"}}},
                                  {{"node1", {}}, {"node2", {"db", "web"}}},
                                  {{"node1", {"db"}}, {"node2", {"web"}}}};
  for (const Placement& placement : placements) {
    cluster_->Deploy({db, web}, placement);
    EXPECT_EQ(cluster_->Redis("node1", 7001, {"set", "who", "db"}), "OK");
    const std::string node(cluster_->Find("applications", "web").at("node").as_string());
    EXPECT_EQ(ThroughLink(node, "web"), "db")
        << "web on " << node << ", db on "
        << cluster_->Find("applications", "db").at("node").as_string();
  }
}

}  // namespace
}  // namespace drover::e2e
