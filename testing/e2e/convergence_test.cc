// When a move cuts over: promises that are kept or not started, the bandwidth that was allowed, and
// an application that writes faster than that.
#include <gtest/gtest.h>

#include <algorithm>
#include <future>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "testing/e2e/cluster_test_base.h"

namespace drover::e2e {
namespace {

using boost::json::object;

class ConvergenceTest : public ClusterTest {
 protected:
  void DeployRedis() {
    cluster_->Deploy({kRedis}, {{"node1", {"redis-example"}}, {"node2", {}}});
    EXPECT_EQ(cluster_->Redis("node1", 6379, {"set", "x", "before"}), "OK");
  }
  static int64_t Number(const object& migration, const char* field) {
    return migration.at(field).is_null() ? -1 : migration.at(field).to_number<int64_t>();
  }
  static int64_t PhaseMs(const object& migration, const std::string& name) {
    for (const boost::json::value& phase : migration.at("phases").as_array()) {
      if (phase.at("name").as_string() == name.c_str()) return phase.at("ms").to_number<int64_t>();
    }
    return -1;
  }

  static inline const App kRedis{"redis-example", 6379, ""};
};

TEST_F(ConvergenceTest, APromiseThatCannotBeKeptIsNotStarted) {
  DeployRedis();
  const std::string container = cluster_->StartOf("node1", "redis-example");
  const object refused =
      cluster_->DroverJson({"move", "redis-example", "node2", "--max-downtime", "1ms"}, 1);
  EXPECT_EQ(refused.at("state").as_string(), "ABORTED");
  EXPECT_GT(Number(refused, "predicted_p95_ms"), 1);
  EXPECT_EQ(Number(refused, "interruption_ms"), -1);
  const std::string error(refused.at("error").as_string());
  EXPECT_TRUE(absl::StrContains(
      error, absl::StrCat("longer than the 1ms allowed, so it was not begun; allow ")))
      << error;
  EXPECT_TRUE(absl::EndsWith(error, "; redis-example runs on node1 as before")) << error;

  const std::vector<std::string> files =
      cluster_->WriteFiles({kRedis}, {{"node1", {}}, {"node2", {"redis-example"}}});
  const CommandOutcome deploy =
      cluster_->Drover({"deploy", "--yes", files[0], files[1], "--max-downtime", "1ms"});
  EXPECT_EQ(deploy.exit_code, 1);
  EXPECT_TRUE(absl::StrContains(deploy.error_output, "so it was not begun")) << deploy.error_output;
  EXPECT_EQ(cluster_->StartOf("node1", "redis-example"), container)
      << "it was stopped or made anew";
}

TEST_F(ConvergenceTest, APromiseIsKeptAndComparedWithWhatHappened) {
  DeployRedis();
  // On this path, and what was measured is what the way back rests on.
  for (const char* node : {"node2", "node1"}) {
    const object moved =
        cluster_->DroverJson({"move", "redis-example", node, "--max-downtime", "20s"});
    EXPECT_EQ(moved.at("state").as_string(), "DONE");
    EXPECT_GT(Number(moved, "predicted_ms"), 0);
    EXPECT_LE(Number(moved, "predicted_ms"), Number(moved, "predicted_p95_ms"));
    EXPECT_LE(Number(moved, "predicted_p95_ms"), 20'000);
    EXPECT_EQ(Number(moved, "max_downtime_ms"), 20'000);
    EXPECT_LE(Number(moved, "interruption_ms"), 20'000);
    EXPECT_FALSE(moved.at("missed").as_bool());
    EXPECT_EQ(cluster_->Redis("node2", 6379, {"get", "x"}), "before");
  }
}

TEST_F(ConvergenceTest, CopiesNoFasterThanAllowedAndSaysHowFarItIs) {
  DeployRedis();
  cluster_->DroverJson({"move", "redis-example", "node1"});
  cluster_->FillRedis("node1", 6379, 20);
  auto move = std::async(std::launch::async, [] {
    return cluster_->DroverJson({"move", "redis-example", "node2", "--bandwidth", "5MB"});
  });
  int64_t seen = 0;
  cluster_->Eventually("progress within the first round", absl::Seconds(30), [&] {
    const object status = cluster_->DroverJson({"status"});
    for (const boost::json::value& migration : status.at("migrations").as_array()) {
      if (Number(migration.as_object(), "rounds") > 0) continue;
      seen = std::max(seen, Number(migration.as_object(), "progress_bytes"));
    }
    return seen > 0;
  });
  const object moved = move.get();
  EXPECT_LE(seen, Number(moved, "bulk_bytes"));
  EXPECT_GT(Number(moved, "bulk_bytes"), 15'000'000);
  const double seconds = static_cast<double>(PhaseMs(moved, "copy")) / 1000;
  EXPECT_LE(static_cast<double>(Number(moved, "bulk_bytes")) / seconds, 5.5 * (1 << 20));
}

// Five new megabytes a second, each on the disk before the next. As much as is allowed, and no
// more: with every round and pause that it is ahead, the next would take longer.
constexpr char kWriter[] =
    "trap 'exit 0' TERM; i=0; s=$(date +%s); while :; do n=$(( ($(date +%s) - s) * 5 )); "
    "while [ $i -lt $n ]; do dd if=/dev/urandom of=/data/f$i bs=1M count=1 conv=fsync; "
    "i=$((i + 1)); done; sleep 0.2; done";

TEST_F(ConvergenceTest, AnApplicationThatOutrunsTheAllowedBandwidthIsNotInterrupted) {
  absl::StatusOr<std::string> busybox = cluster_->lab().MakeImage("busybox");
  ASSERT_TRUE(busybox.ok()) << busybox.status();
  const App writer{
      "writer", 0,
      absl::StrCat("    image: \"", *busybox, "\"\n    command: [sh, -c, \"", kWriter, "\"]\n")};
  cluster_->Deploy({writer}, {{"node1", {"writer"}}, {"node2", {}}});
  const std::string container = cluster_->StartOf("node1", "writer");
  // In its first second it writes nothing: a move would be over by then.
  cluster_->Eventually("the writer writes", absl::Seconds(30), [&] {
    return cluster_->lab()
        .RunOk("node1", {"docker", "exec", "drover--writer", "ls", "/data/f9"})
        .ok();
  });
  const object ended = cluster_->DroverJson({"move", "writer", "node2", "--bandwidth", "5MB"}, 1);
  EXPECT_EQ(ended.at("state").as_string(), "ABORTED");
  const std::string error(ended.at("error").as_string());
  for (const char* part : {"writer writes ", "MB/s and the copy to node2 moves ",
                           "in 3 pauses; it was not interrupted: allow more "
                           "bandwidth, move it when it writes less, or allow an interruption of ",
                           "; writer runs on node1 as before"}) {
    EXPECT_TRUE(absl::StrContains(error, part)) << error;
  }
  EXPECT_GE(Number(ended, "rounds"), 7);
  EXPECT_EQ(PhaseMs(ended, "stop"), -1);
  EXPECT_EQ(cluster_->StartOf("node1", "writer"), container) << "it was stopped or made anew";

  // The link itself can follow it.
  const object moved = cluster_->DroverJson({"move", "writer", "node2"});
  EXPECT_EQ(moved.at("state").as_string(), "DONE");
}

}  // namespace
}  // namespace drover::e2e
