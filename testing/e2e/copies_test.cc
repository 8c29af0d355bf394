// Earlier times of an application's data, and copies of it, as people make them: snapshots, going
// back, clones, volumes that come and go, and deletion at last.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "testing/e2e/cluster_test_base.h"

namespace drover::e2e {
namespace {

using boost::json::object;
using ::testing::HasSubstr;

constexpr int kPort = 6400;
constexpr int kClonePort = 6401;

class CopiesTest : public ClusterTest {
 protected:
  void Prepare() override { PlaceOn("node1"); }
  // Every test begins with an empty cluster.
  void CleanUp() override {
    cluster_->ExpectAgreement();
    cluster_->Deploy({}, {{"node1", {}}, {"node2", {}}});
    const object status = cluster_->DroverJson({"status"});
    for (const auto& application : status.at("applications").as_array()) {
      cluster_->DroverJson(
          {"volumes", "delete", application.at("name").as_string().c_str(), "--yes"});
    }
    EXPECT_TRUE(cluster_->DroverJson({"volumes", "list"}).at("volumes").as_array().empty());
    EXPECT_TRUE(cluster_->DroverJson({"status"}).at("applications").as_array().empty());
    cluster_->ExpectAgreement();
  }

  static void PlaceOn(const std::string& node, const std::string& more = "") {
    Placement placement = {{"node1", {}}, {"node2", {}}};
    placement[node] = {"db"};
    cluster_->Deploy({{"db", kPort, more}}, placement);
  }
  static std::string Set(const std::string& value, int port = kPort) {
    return cluster_->Redis("node2", port, {"set", "x", value});
  }
  static std::string Get(const std::string& node, int port = kPort) {
    return cluster_->Redis(node, port, {"get", "x"});
  }
  // What it says of a command that must fail.
  static std::string Refusal(const std::vector<std::string>& arguments, int exit_code = 1) {
    const CommandOutcome outcome = cluster_->Drover(arguments);
    EXPECT_EQ(outcome.exit_code, exit_code) << outcome.output;
    return outcome.error_output;
  }
};

TEST_F(CopiesTest, SeveralVolumesMoveAsOne) {
  const App two{
      "two", 6402,
      "    volumes: [{name: data, mountpoint: /data}, {name: logs, mountpoint: /logs}]\n"};
  const auto in_container = [](const std::string& node, const std::string& script) {
    return *cluster_->lab().RunOk(
        node, {"docker", "exec", "-u", "root", "drover--two", "sh", "-ec", script});
  };
  cluster_->Deploy({two}, {{"node1", {"two"}}});
  EXPECT_EQ(Set("of data", 6402), "OK");
  in_container("node1", "echo of logs > /logs/file; sync");
  for (const char* node : {"node2", "node1"}) {
    const object migration = cluster_->DroverJson({"move", "two", node});
    EXPECT_EQ(migration.at("state").as_string(), "DONE");
    EXPECT_EQ(Get("node1", 6402), "of data");
    EXPECT_EQ(in_container(node, "cat /logs/file"), "of logs\n");
    for (const char* volume : {"two:data", "two:logs"}) {
      EXPECT_EQ(cluster_->Find("volumes", volume).at("owner").as_string(), node);
    }
  }
}

TEST_F(CopiesTest, GoesBackToASnapshotAndMovesOn) {
  EXPECT_EQ(Set("one"), "OK");
  const std::string container = cluster_->StartOf("node1", "db");
  const object taken = cluster_->DroverJson({"volumes", "snapshot", "db@first"});
  EXPECT_EQ(taken.at("snapshots").at(0).at("node").as_string(), "node1");
  EXPECT_EQ(cluster_->StartOf("node1", "db"), container) << "a snapshot restarts nothing";
  EXPECT_EQ(Set("two"), "OK");
  EXPECT_THAT(Refusal({"volumes", "snapshot", "db@first"}), HasSubstr("already"));
  EXPECT_THAT(Refusal({"volumes", "rollback", "db@another"}), HasSubstr("there are: first"));
  EXPECT_EQ(Get("node1"), "two");

  cluster_->DroverJson({"volumes", "rollback", "db@first", "--yes"});
  EXPECT_EQ(Get("node1"), "one");
  EXPECT_EQ(Get("node2"), "one");
  EXPECT_EQ(Set("three"), "OK");
  cluster_->DroverJson({"move", "db", "node2"});
  EXPECT_EQ(Get("node1"), "three");
  // It stays where it was taken.
  EXPECT_THAT(Refusal({"volumes", "rollback", "db@first"}), HasSubstr("drover move db node1"));
  EXPECT_EQ(Get("node1"), "three");
  cluster_->DroverJson({"move", "db", "node1"});
  cluster_->DroverJson({"volumes", "rollback", "db@first", "--yes"});
  EXPECT_EQ(Get("node2"), "one");
  cluster_->DroverJson({"move", "db", "node2"});
  EXPECT_EQ(Get("node2"), "one");
  cluster_->DroverJson({"volumes", "delete", "db@first", "--yes"});
  EXPECT_TRUE(cluster_->DroverJson({"volumes", "snapshots"}).at("snapshots").as_array().empty());
}

TEST_F(CopiesTest, AClonesDataIsItsOwnOnEitherNode) {
  EXPECT_EQ(Set("one"), "OK");
  const std::string container = cluster_->StartOf("node1", "db");
  const std::string port = absl::StrCat(kPort, "=", kClonePort);
  EXPECT_THAT(Refusal({"clone", "db", "copy"}, 2), HasSubstr("--port 6400=NEW"));
  const object cloned = cluster_->DroverJson({"clone", "db", "copy", "--port", port});
  EXPECT_TRUE(cloned.at("changed").as_bool());
  EXPECT_EQ(Get("node1", kClonePort), "one");
  EXPECT_EQ(Get("node2", kClonePort), "one");
  EXPECT_EQ(Set("two", kClonePort), "OK");
  EXPECT_EQ(Get("node1"), "one");
  EXPECT_EQ(cluster_->StartOf("node1", "db"), container) << "the source is not disturbed";
  EXPECT_THAT(Refusal({"clone", "db", "copy", "--port", "6400=6402"}), HasSubstr("already"));

  cluster_->DroverJson(
      {"clone", "copy", "far", "--node", "node2", "--port", absl::StrCat(kClonePort, "=6402")});
  EXPECT_EQ(Get("node1", 6402), "two");
  EXPECT_EQ(cluster_->Find("applications", "far").at("node").as_string(), "node2");
  // Each goes its own way, whatever they share below.
  cluster_->DroverJson({"move", "copy", "node2"});
  cluster_->DroverJson({"move", "db", "node2"});
  cluster_->DroverJson({"move", "copy", "node1"});
  EXPECT_EQ(Get("node1"), "one");
  EXPECT_EQ(Get("node1", kClonePort), "two");
  EXPECT_EQ(Get("node1", 6402), "two");
}

TEST_F(CopiesTest, ASourceCanGoBeforeItsClone) {
  EXPECT_EQ(Set("one"), "OK");
  cluster_->DroverJson({"clone", "db", "copy", "--port", absl::StrCat(kPort, "=", kClonePort)});
  EXPECT_THAT(Refusal({"volumes", "delete", "db"}),
              HasSubstr("take it out of the deployment file"));
  // A file of the clone alone: from now on it is an application like others.
  cluster_->Deploy({{"copy", kClonePort, ""}}, {{"node1", {"copy"}}, {"node2", {}}});
  cluster_->DroverJson({"volumes", "delete", "db", "--yes"});
  EXPECT_EQ(Get("node2", kClonePort), "one");
  cluster_->DroverJson({"move", "copy", "node2"});
  cluster_->DroverJson({"move", "copy", "node1"});
  EXPECT_EQ(Get("node2", kClonePort), "one");
}

TEST_F(CopiesTest, VolumesComeAndGoWithTheFile) {
  EXPECT_EQ(Set("one"), "OK");
  const auto deploy = [](const std::string& volumes) {
    cluster_->Deploy({{"other", 6403, volumes}}, {{"node1", {"other"}}});
  };
  const std::string data = "      - {name: data, mountpoint: /data}\n";
  const std::string logs = "      - {name: logs, mountpoint: /logs}\n";
  const auto logged = [] {
    return cluster_->lab()
        .Run("node1", {"docker", "exec", "-u", "0", "drover--other", "sh", "-c",
                       "read x < /logs/line; echo $x"})
        ->output;
  };
  deploy("    volumes:\n" + data);
  EXPECT_EQ(Set("kept", 6403), "OK");
  deploy("    volumes:\n" + data + logs);
  EXPECT_EQ(Get("node2", 6403), "kept");
  ASSERT_TRUE(cluster_->lab()
                  .RunOk("node1", {"docker", "exec", "-u", "0", "drover--other", "sh", "-c",
                                   "echo hello > /logs/line"})
                  .ok());
  deploy("    volumes:\n" + data);
  EXPECT_EQ(Get("node2", 6403), "kept");
  EXPECT_TRUE(cluster_->Find("volumes", "other:logs").at("application").is_null());
  cluster_->DroverJson({"move", "other", "node2"});
  cluster_->DroverJson({"move", "other", "node1"});
  deploy("    volumes:\n" + data + logs);
  EXPECT_EQ(logged(), "hello\n");
  deploy("    volumes:\n" + data);
  EXPECT_THAT(Refusal({"volumes", "delete", "other:data"}), HasSubstr("taken out of its file"));
  cluster_->DroverJson({"volumes", "delete", "other:logs", "--yes"});
  EXPECT_EQ(Get("node2", 6403), "kept");
}

}  // namespace
}  // namespace drover::e2e
