// A node before, in and after its maintenance, with ten applications on three nodes: drained,
// restored, its daemons killed, rebooted. Nothing is lost, and nothing is restarted needlessly.
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "testing/e2e/cluster_test_base.h"

namespace drover::e2e {
namespace {

using boost::json::object;

constexpr int kApplications = 10;
constexpr int kFirstPort = 7100;
const std::vector<std::string> kNodes = {"node1", "node2", "node3"};

std::string NameOf(int i) { return absl::StrCat("app", i); }

class MaintenanceTest : public ClusterTest {
 protected:
  static void SetUpTestSuite() {
    if (!StartCluster(3)) return;
    std::vector<App> apps;
    for (int i = 0; i < kApplications; ++i) {
      apps.push_back({NameOf(i), kFirstPort + i, "    restart_policy: {name: always}\n"});
      home_[NameOf(i)] = kNodes[i % 3];
      placement_[kNodes[i % 3]].push_back(NameOf(i));
    }
    cluster_->Deploy(apps, placement_);
    for (int i = 0; i < kApplications; ++i) {
      EXPECT_EQ(cluster_->Redis("node1", kFirstPort + i, {"set", "name", NameOf(i)}), "OK");
    }
  }

  static void ExpectEachAnswersThroughEveryNode() {
    for (int i = 0; i < kApplications; ++i) {
      for (const std::string& node : kNodes) {
        EXPECT_EQ(cluster_->Redis(node, kFirstPort + i, {"get", "name"}), NameOf(i))
            << "through " << node;
      }
    }
  }

  // Application -> node, as the cluster's status tells it.
  static std::map<std::string, std::string> WhereEachIs() {
    std::map<std::string, std::string> where;
    const object status = cluster_->DroverJson({"status"});
    for (const auto& application : status.at("applications").as_array()) {
      EXPECT_EQ(application.at("state").as_string(), "RUNNING") << application;
      where[application.at("name").as_string().c_str()] = application.at("node").as_string();
    }
    return where;
  }

  // Which start of which container each application of `node` is.
  static std::string Starts(const std::string& node) {
    return *cluster_->lab().RunOk(node,
                                  {"bash", "-c",
                                   "set -o pipefail; docker ps -q --filter name=drover-- | sort | "
                                   "xargs -r docker inspect -f '{{.Id}} {{.State.StartedAt}}'"});
  }

  static void AwaitAllRunning() {
    cluster_->Eventually("every application is known to run", absl::Seconds(10), [] {
      const object status = cluster_->DroverJson({"status"});
      for (const auto& application : status.at("applications").as_array()) {
        if (application.at("state").as_string() != "RUNNING") return false;
      }
      return true;
    });
  }

  static void ExpectStateOf(const std::string& node, const std::string& state) {
    cluster_->Eventually(absl::StrCat(node, " is ", state), absl::Seconds(2), [&] {
      return cluster_->Find("nodes", node).at("state").as_string() == state;
    });
  }

  static Placement placement_;
  static std::map<std::string, std::string> home_;
};
Placement MaintenanceTest::placement_;
std::map<std::string, std::string> MaintenanceTest::home_;

TEST_F(MaintenanceTest, ADrainedNodeIsEmptyAndGetsBackWhatItHad) {
  const std::string others = Starts("node2") + Starts("node3");
  ASSERT_FALSE(others.empty());
  const object drained = cluster_->DroverJson({"drain", "node1"});
  EXPECT_EQ(drained.at("migrations").as_array().size(), placement_["node1"].size());
  EXPECT_EQ(Starts("node1"), "");
  EXPECT_TRUE(cluster_->Find("nodes", "node1").at("cordoned").as_bool());
  for (const auto& [name, node] : WhereEachIs()) {
    EXPECT_NE(node, "node1") << name;
  }
  ExpectEachAnswersThroughEveryNode();

  // Nothing comes back by itself.
  const CommandOutcome moved = cluster_->Drover({"move", placement_["node2"][0], "node1"});
  EXPECT_EQ(moved.exit_code, 1);
  EXPECT_TRUE(absl::StrContains(moved.error_output, "node1 is cordoned")) << moved.error_output;

  const object restored = cluster_->DroverJson({"uncordon", "node1", "--restore"});
  EXPECT_EQ(restored.at("migrations").as_array().size(), placement_["node1"].size());
  EXPECT_FALSE(cluster_->Find("nodes", "node1").at("cordoned").as_bool());
  EXPECT_EQ(WhereEachIs(), home_);
  ExpectEachAnswersThroughEveryNode();
  // The containers that came to the other nodes have left them; theirs were not touched.
  EXPECT_EQ(Starts("node2") + Starts("node3"), others);
}

TEST_F(MaintenanceTest, WhatFindsNoPlaceIsNamedAndRunsOn) {
  const std::string before = Starts("node1");
  EXPECT_EQ(cluster_->Drover({"cordon", "node2"}).exit_code, 0);
  const object drained = cluster_->DroverJson({"drain", "node1", "--to", "node2"}, 1);
  std::set<std::string> errors;
  for (const auto& action : drained.at("actions").as_array()) {
    errors.emplace(action.at("error").as_string());
  }
  for (const std::string& name : placement_["node1"]) {
    EXPECT_TRUE(errors.contains(absl::StrCat("no node can take ", name, ": node2 is cordoned; ",
                                             name, " runs on node1 as before")))
        << drained;
  }
  EXPECT_EQ(Starts("node1"), before);
  EXPECT_EQ(cluster_->Drover({"uncordon", "node1"}).exit_code, 0);
  EXPECT_EQ(cluster_->Drover({"uncordon", "node2"}).exit_code, 0);
  ExpectEachAnswersThroughEveryNode();
}

TEST_F(MaintenanceTest, ADrainOutlivesTheCoordinator) {
  for (const int signal : {SIGKILL, SIGTERM}) {
    SCOPED_TRACE(absl::StrCat("signal ", signal));
    const object before = cluster_->LastMigration();
    auto drain = std::async(std::launch::async, [] {
      return cluster_->Drover({"drain", "node1", "--parallel", "1", "-o", "json"});
    });
    cluster_->Eventually("its first move", absl::Seconds(30),
                         [&] { return cluster_->LastMigration() != before; });
    ASSERT_TRUE(cluster_->lab().Kill("coordinator", signal).ok());
    ASSERT_EQ(drain.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
    ASSERT_TRUE(cluster_->lab().Start("coordinator").ok());
    const CommandOutcome drained = drain.get();
    EXPECT_EQ(drained.exit_code, 0) << drained.error_output;
    EXPECT_EQ(Starts("node1"), "");
    for (const auto& [name, node] : WhereEachIs()) EXPECT_NE(node, "node1") << name;
    ExpectEachAnswersThroughEveryNode();
    EXPECT_EQ(cluster_->Drover({"uncordon", "node1", "--restore"}).exit_code, 0);
    EXPECT_EQ(WhereEachIs(), home_);
    ExpectEachAnswersThroughEveryNode();
  }
}

TEST_F(MaintenanceTest, DaemonsThatAreAwayAreToldWithin2SecondsAndNothingElseNotices) {
  const std::string before = Starts("node2");
  for (const char* daemon : {"volume@node2", "container@node2", "proxy@node2"}) {
    ASSERT_TRUE(cluster_->lab().Kill(daemon, SIGKILL).ok());
  }
  ExpectStateOf("node2", "UNREACHABLE");
  ExpectEachAnswersThroughEveryNode();
  for (const char* daemon : {"volume@node2", "container@node2", "proxy@node2"}) {
    ASSERT_TRUE(cluster_->lab().Start(daemon).ok());
  }
  ExpectStateOf("node2", "READY");
  AwaitAllRunning();
  EXPECT_EQ(WhereEachIs(), home_);
  EXPECT_EQ(Starts("node2"), before);
  ExpectEachAnswersThroughEveryNode();
}

TEST_F(MaintenanceTest, ANodeThatIsCutOffAndComesBackIsToldWithin2Seconds) {
  // The longer it is cut off, the more rarely TCP repeats what was lost.
  for (const int looks : {1, 2, 4}) {
    SCOPED_TRACE(absl::StrCat("cut off for ", looks, " looks"));
    ASSERT_TRUE(cluster_->lab().Partition("node3", "", lab::Direction::kBoth).ok());
    for (int look = 0; look < looks; ++look) {
      const absl::Time begin = absl::Now();
      const object status = cluster_->DroverJson({"nodes", "list"});
      EXPECT_LT(absl::Now() - begin, absl::Seconds(2));
      for (const auto& node : status.at("nodes").as_array()) {
        const bool is_cut_off = node.at("name").as_string() == "node3";
        EXPECT_EQ(node.at("state").as_string(), is_cut_off ? "UNREACHABLE" : "READY") << node;
      }
    }
    ASSERT_TRUE(cluster_->lab().Heal().ok());
    cluster_->ExpectNodesReady();
  }
  AwaitAllRunning();
  EXPECT_EQ(WhereEachIs(), home_);
}

TEST_F(MaintenanceTest, AServiceThatHangsIsToldWithin2Seconds) {
  for (const char* service : {"volume", "container", "proxy"}) {
    SCOPED_TRACE(service);
    const std::string daemon = absl::StrCat(service, "@node1");
    ASSERT_TRUE(cluster_->lab().Kill(daemon, SIGSTOP).ok());
    const absl::Time begin = absl::Now();
    const object node = cluster_->Find("nodes", "node1");
    EXPECT_LT(absl::Now() - begin, absl::Seconds(2));
    EXPECT_EQ(node.at("state").as_string(), "UNREACHABLE");
    EXPECT_TRUE(absl::StartsWith(node.at("problem").as_string().c_str(),
                                 absl::StrCat(service, " service: ")))
        << node;
    ASSERT_TRUE(cluster_->lab().Kill(daemon, SIGCONT).ok());
    cluster_->ExpectNodesReady();
  }
  AwaitAllRunning();
  EXPECT_EQ(WhereEachIs(), home_);
}

TEST_F(MaintenanceTest, WhatIsRevokedIsRefusedAndNothingElseNotices) {
  const lab::LabPaths& paths = cluster_->lab().paths();
  auto ca = [&paths](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "ca");
    arguments.insert(arguments.end(), {"--dir", paths.authority()});
    return cluster_->DroverJson(arguments);
  };
  const std::string bob = paths.certificate("bob"), renewed = paths.certificate("renewed");
  ca({"issue", "user", "bob", "--out", bob});
  auto ask_as_bob = [&bob] { return cluster_->Drover({"status", "--cert-dir", bob}); };
  EXPECT_EQ(ask_as_bob().exit_code, 0);

  // A machine that goes on: the new certificate, a restart, and then the old one is revoked.
  std::string serial;
  const object list = ca({"list"});
  for (const auto& certificate : list.at("certificates").as_array()) {
    const std::string identity(certificate.at("identity").as_string());
    if (absl::EndsWith(identity, "/node/node2")) serial = certificate.at("serial").as_string();
  }
  ca({"issue", "node", "node2", "--out", renewed});
  const auto options = std::filesystem::copy_options::overwrite_existing;
  std::filesystem::copy(renewed, paths.certificate("node2"),
                        options | std::filesystem::copy_options::recursive);
  for (const char* daemon : {"volume@node2", "container@node2", "proxy@node2"}) {
    ASSERT_TRUE(cluster_->lab().Kill(daemon, SIGTERM).ok());
    ASSERT_TRUE(cluster_->lab().Start(daemon).ok());
  }
  ca({"revoke", "node", "node2", "--serial", serial});
  ca({"revoke", "user", "bob"});
  for (const char* holder : {"coordinator", "user", "node1", "node2", "node3"}) {
    std::filesystem::copy_file(paths.authority() + "/ca.crl", paths.certificate(holder) + "/ca.crl",
                               std::filesystem::copy_options::overwrite_existing);
  }

  cluster_->Eventually("bob is refused", absl::Seconds(10),
                       [&] { return ask_as_bob().exit_code == 3; });
  EXPECT_TRUE(absl::StrContains(ask_as_bob().error_output, "is revoked"));
  cluster_->ExpectNodesReady();
  const std::string& application = placement_["node2"][0];
  for (const char* node : {"node3", "node2"}) {
    const CommandOutcome moved = cluster_->Drover({"move", application, node});
    EXPECT_EQ(moved.exit_code, 0) << moved.error_output;
  }
  EXPECT_EQ(WhereEachIs(), home_);
  ExpectEachAnswersThroughEveryNode();
}

TEST_F(MaintenanceTest, ARebootedNodeBringsBackWhatItHadWithoutTheCoordinatorToo) {
  for (const bool coordinator_is_away : {false, true}) {
    SCOPED_TRACE(coordinator_is_away ? "without the coordinator" : "with the coordinator");
    const std::string others = Starts("node1") + Starts("node2");
    if (coordinator_is_away) {
      ASSERT_TRUE(cluster_->lab().Kill("coordinator", SIGKILL).ok());
    }
    ASSERT_TRUE(cluster_->lab().Reboot("node3").ok());
    cluster_->Eventually("the applications of node3 answer", absl::Seconds(40), [&] {
      for (int i = 2; i < kApplications; i += 3) {
        if (cluster_->Redis("node3", kFirstPort + i, {"get", "name"}) != NameOf(i)) return false;
      }
      return true;
    });
    if (coordinator_is_away) {
      ASSERT_TRUE(cluster_->lab().Start("coordinator").ok());
    }
    cluster_->ExpectNodesReady();
    // Their addresses on the engine's network may have changed, and with them the routes.
    AwaitAllRunning();
    EXPECT_EQ(WhereEachIs(), home_);
    ExpectEachAnswersThroughEveryNode();
    EXPECT_EQ(Starts("node1") + Starts("node2"), others);
  }
}

}  // namespace
}  // namespace drover::e2e
