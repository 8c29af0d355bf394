// The coordinator's store is restored from a backup: it is noticed, nothing is decided, and what
// the nodes have is adopted. The applications notice nothing of it.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <future>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "testing/e2e/cluster_test_base.h"

namespace drover::e2e {
namespace {

using boost::json::object;

class RecoveryTest : public ClusterTest {
 protected:
  void Prepare() override {
    cluster_->Deploy({kRedis}, {{"node1", {"redis-example"}}, {"node2", {}}});
    EXPECT_EQ(cluster_->Redis("node1", 6379, {"set", "x", "before"}), "OK");
  }
  void CleanUp() override { std::filesystem::remove(backup_); }

  void Backup() {
    const object written = cluster_->DroverJson({"backup", backup_, "--force"});
    EXPECT_EQ(written.at("bytes").as_int64(),
              static_cast<int64_t>(std::filesystem::file_size(backup_)));
  }
  void Signal(const std::string& daemon, int signal) {
    const absl::Status status = cluster_->lab().Kill(daemon, signal);
    ASSERT_TRUE(status.ok()) << status;
  }
  // As `drover backup --help` says.
  void RestoreAndStart() {
    const std::string store =
        cluster_->lab().paths().machine("client") + "/state/coordinator/coordinator.db";
    for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(store + end);
    std::filesystem::copy_file(backup_, store);
    const absl::Status started = cluster_->lab().Start("coordinator");
    ASSERT_TRUE(started.ok()) << started;
    cluster_->ExpectNodesReady();
  }

  void ExpectRecoveryMode() {
    const object status = cluster_->DroverJson({"status"});
    EXPECT_TRUE(absl::StartsWith(std::string(status.at("recovery").as_string()),
                                 "its store was restored from the backup of "));
    const CommandOutcome move = cluster_->Drover({"move", "redis-example", "node2"});
    EXPECT_EQ(move.exit_code, 1);
    EXPECT_TRUE(absl::StrContains(move.error_output, "in recovery mode")) << move.error_output;
    const CommandOutcome doctor = cluster_->Drover({"doctor"});
    EXPECT_EQ(doctor.exit_code, 1);
    EXPECT_TRUE(absl::StrContains(doctor.output, "drover doctor --adopt")) << doctor.output;
  }
  void Adopt() {
    const CommandOutcome adopted = cluster_->Drover({"doctor", "--adopt"});
    EXPECT_EQ(adopted.exit_code, 0) << adopted.output << adopted.error_output;
  }
  // All that can be told apart when nothing is under way.
  void ExpectHealthyOn(const std::string& node) {
    cluster_->Eventually("the doctor's blessing", absl::Seconds(30),
                         [&] { return cluster_->Drover({"doctor"}).exit_code == 0; });
    cluster_->ExpectAgreement();
    const object application = cluster_->Find("applications", "redis-example");
    EXPECT_EQ(application.at("node").as_string(), node);
    for (const char* from : {"node1", "node2"}) {
      EXPECT_EQ(cluster_->Redis(from, 6379, {"get", "x"}), "before") << "through " << from;
    }
    EXPECT_TRUE(cluster_->DroverJson({"status"}).at("recovery").is_null());
  }
  // A Redis has another one after each start.
  std::string RunId() {
    const std::string info = cluster_->Redis("node1", 6379, {"info", "server"});
    const size_t begin = info.find("run_id:");
    return info.substr(begin, info.find('\n', begin) - begin);
  }

  static inline const App kRedis{"redis-example", 6379, ""};
  const std::string backup_ = absl::StrCat(testing::TempDir(), "/drover-", getpid(), ".db");
};

TEST_F(RecoveryTest, ABackupOfBeforeAMove) {
  Backup();
  EXPECT_EQ(cluster_->Drover({"move", "redis-example", "node2"}).exit_code, 0);
  const std::string run_id = RunId();
  Signal("coordinator", SIGKILL);
  RestoreAndStart();
  ExpectRecoveryMode();
  Adopt();
  ExpectHealthyOn("node2");
  // It was neither stopped nor started again.
  EXPECT_EQ(RunId(), run_id);
  EXPECT_EQ(cluster_->Drover({"move", "redis-example", "node1"}).exit_code, 0);
  ExpectHealthyOn("node1");
}

// In which state of a move the coordinator is lost, which daemon keeps it there, and where the
// application has to be in the end.
struct Loss {
  const char* state;
  const char* held;
  const char* node;
};
class LossTest : public RecoveryTest, public testing::WithParamInterface<Loss> {
 protected:
  std::string State() {
    const object migration = cluster_->LastMigration();
    return migration.empty() ? "" : std::string(migration.at("state").as_string());
  }
  void AwaitState(const std::string& state) {
    cluster_->Eventually(absl::StrCat("state ", state), absl::Seconds(30),
                         [&] { return State() == state; });
  }
};

// The backup was made while it was copied, and knows of no seal.
TEST_P(LossTest, EndsWhereTheDataIs) {
  const Loss loss = GetParam();
  // With the limit, these take 3 s to copy.
  cluster_->FillRedis("node1", 6379, 15);
  const object before = cluster_->LastMigration();
  auto move = std::async(std::launch::async, [&] {
    return cluster_->Drover({"move", "redis-example", "node2", "--bandwidth", "5MB"});
  });
  cluster_->Eventually("the move's begin", absl::Seconds(30),
                       [&] { return cluster_->LastMigration() != before; });
  AwaitState("COPYING");
  Backup();
  Signal("container@node1", SIGSTOP);
  AwaitState("QUIESCING");
  Signal(loss.held, SIGSTOP);
  Signal("container@node1", SIGCONT);
  AwaitState(loss.state);
  Signal("coordinator", SIGKILL);
  Signal(loss.held, SIGCONT);
  RestoreAndStart();
  ExpectRecoveryMode();
  EXPECT_EQ(State(), "COPYING");
  Adopt();
  // What is left of it goes on behind the adoption.
  cluster_->Eventually("the move's end", absl::Seconds(30), [&] {
    const std::string state = State();
    return state == "DONE" || state == "ABORTED";
  });
  ExpectHealthyOn(loss.node);
  EXPECT_EQ(move.get().exit_code, std::string(loss.node) == "node2" ? 0 : 1);
  EXPECT_EQ(
      cluster_
          ->Drover({"move", "redis-example", loss.node == std::string("node1") ? "node2" : "node1"})
          .exit_code,
      0);
}

INSTANTIATE_TEST_SUITE_P(Losses, LossTest,
                         testing::Values(Loss{"SEALED", "volume@node2", "node1"},
                                         Loss{"ACTIVE", "container@node2", "node2"}),
                         [](const auto& info) { return std::string(info.param.state); });

TEST_F(RecoveryTest, NothingIsAdoptedWhileANodeIsSilent) {
  Backup();
  Signal("coordinator", SIGKILL);
  RestoreAndStart();
  Signal("volume@node2", SIGSTOP);
  const CommandOutcome refused = cluster_->Drover({"doctor", "--adopt"});
  Signal("volume@node2", SIGCONT);
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_TRUE(absl::StrContains(refused.error_output, "not every node answers: node2"))
      << refused.error_output;
  cluster_->ExpectNodesReady();
  Adopt();
  ExpectHealthyOn("node1");
}

}  // namespace
}  // namespace drover::e2e
