// A daemon dies, or is stopped, in the middle of a move: the move ends in one of its two states by
// itself, the app runs exactly once, nothing is lost, and the same command works.
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <future>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "testing/e2e/cluster_test_base.h"

namespace drover::e2e {
namespace {

using boost::json::object;

// Which daemon ends, and in which state the migration is then.
struct Crash {
  const char* state;
  const char* daemon;
  // SIGTERM: as `systemctl restart` does it.
  int signal = SIGKILL;
};

std::string NameOf(const testing::TestParamInfo<Crash>& info) {
  return absl::StrReplaceAll(absl::StrCat(info.param.daemon, "_in_", info.param.state,
                                          info.param.signal == SIGTERM ? "_by_SIGTERM" : ""),
                             {{"@", "_"}});
}

class CrashTest : public ClusterTest, public testing::WithParamInterface<Crash> {
 protected:
  void Prepare() override {
    cluster_->Deploy({kRedis}, {{"node1", {"redis-example"}}, {"node2", {}}});
    EXPECT_EQ(cluster_->Redis("node1", 6379, {"set", "x", "before"}), "OK");
    // With the limit of kMove, these take 3 s to copy.
    cluster_->FillRedis("node1", 6379, 15);
    keys_ = cluster_->Redis("node1", 6379, {"dbsize"});
  }

  std::string State() {
    const object migration = cluster_->LastMigration();
    return migration.empty() ? "" : std::string(migration.at("state").as_string());
  }
  void AwaitState(const std::string& state) {
    cluster_->Eventually(absl::StrCat("state ", state), absl::Seconds(30),
                         [&] { return State() == state; });
  }
  void Signal(const std::string& daemon, int signal) {
    const absl::Status status = cluster_->lab().Kill(daemon, signal);
    ASSERT_TRUE(status.ok()) << status;
  }

  // Lets the move come to `state`, and keeps it there by stopping the daemon that the next step
  // needs. Returns that daemon; none in COPYING, which lasts by itself.
  std::string HoldIn(const std::string& state) {
    AwaitState("COPYING");
    if (state == "COPYING") return "";
    Signal("container@node1", SIGSTOP);
    AwaitState("QUIESCING");
    if (state == "QUIESCING") return "container@node1";
    const std::string next = state == "SEALED" ? "volume@node2" : "container@node2";
    Signal(next, SIGSTOP);
    Signal("container@node1", SIGCONT);
    AwaitState(state);
    return next;
  }

  void ExpectNothingLost() {
    for (const char* node : {"node1", "node2"}) {
      EXPECT_EQ(cluster_->Redis(node, 6379, {"get", "x"}), "before") << "through " << node;
      EXPECT_EQ(cluster_->Redis(node, 6379, {"dbsize"}), keys_) << "through " << node;
    }
  }

  static inline const App kRedis{"redis-example", 6379, ""};
  static inline const std::vector<std::string> kMove = {"move", "redis-example", "node2",
                                                        "--bandwidth", "5MB"};
  std::string keys_;
};

TEST_P(CrashTest, EndsInOneOfTheTwoStates) {
  const Crash crash = GetParam();
  const object before = cluster_->LastMigration();
  auto move = std::async(std::launch::async, [&] { return cluster_->Drover(kMove); });
  cluster_->Eventually("the move's begin", absl::Seconds(30),
                       [&] { return cluster_->LastMigration() != before; });
  const std::string held = HoldIn(crash.state);

  ASSERT_EQ(State(), crash.state) << "just before the kill";
  Signal(crash.daemon, crash.signal);
  ASSERT_EQ(move.wait_for(std::chrono::seconds(0)), std::future_status::timeout)
      << "the move had ended already: " << move.get().error_output;
  const absl::Status started = cluster_->lab().Start(crash.daemon);
  ASSERT_TRUE(started.ok()) << started;
  if (!held.empty() && held != crash.daemon) Signal(held, SIGCONT);

  const CommandOutcome outcome = move.get();
  std::string state;
  cluster_->Eventually("the move's end", absl::Seconds(60), [&] {
    state = State();
    return state == "DONE" || state == "ABORTED";
  });
  EXPECT_EQ(outcome.exit_code, state == "DONE" ? 0 : 1) << outcome.error_output;
  cluster_->ExpectAgreement();
  EXPECT_EQ(cluster_->Find("applications", "redis-example").at("node").as_string(),
            state == "DONE" ? "node2" : "node1");
  ExpectNothingLost();

  if (state == "ABORTED") {
    const CommandOutcome again = cluster_->Drover(kMove);
    EXPECT_EQ(again.exit_code, 0) << again.error_output;
    EXPECT_EQ(State(), "DONE");
    ExpectNothingLost();
  }
}

INSTANTIATE_TEST_SUITE_P(
    Crashes, CrashTest,
    testing::Values(
        Crash{"COPYING", "coordinator"}, Crash{"COPYING", "volume@node1"},
        Crash{"COPYING", "volume@node2"}, Crash{"COPYING", "container@node1"},
        Crash{"COPYING", "container@node2"}, Crash{"COPYING", "proxy@node1"},
        Crash{"QUIESCING", "coordinator"}, Crash{"QUIESCING", "volume@node1"},
        Crash{"QUIESCING", "volume@node2"}, Crash{"QUIESCING", "container@node1"},
        Crash{"SEALED", "coordinator"}, Crash{"SEALED", "volume@node1"},
        Crash{"SEALED", "volume@node2"}, Crash{"ACTIVE", "coordinator"},
        Crash{"ACTIVE", "volume@node2"}, Crash{"ACTIVE", "container@node2"},
        Crash{"COPYING", "coordinator", SIGTERM}, Crash{"COPYING", "volume@node1", SIGTERM},
        Crash{"COPYING", "volume@node2", SIGTERM}, Crash{"QUIESCING", "coordinator", SIGTERM},
        Crash{"SEALED", "container@node1", SIGTERM}, Crash{"ACTIVE", "coordinator", SIGTERM}),
    NameOf);

}  // namespace
}  // namespace drover::e2e
