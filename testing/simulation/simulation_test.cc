#include <gtest/gtest.h>

#include <cstdlib>
#include <set>
#include <string>

#include "absl/strings/numbers.h"
#include "testing/simulation/runner.h"

namespace drover::simulation {
namespace {

// Sanitizers make each seed ten times as slow: they set DROVER_SIMULATION_SEEDS.
uint64_t Seeds() {
  constexpr uint64_t kSeeds = 20'000;
  const char* asked = std::getenv("DROVER_SIMULATION_SEEDS");
  uint64_t seeds = 0;
  return asked != nullptr && absl::SimpleAtoi(asked, &seeds) ? seeds : kSeeds;
}

// Of the trace of a seed that failed.
constexpr size_t kShownLines = 80;

std::string EndOf(const RunResult& result) {
  std::string text;
  const size_t begin = result.trace.size() > kShownLines ? result.trace.size() - kShownLines : 0;
  for (size_t i = begin; i < result.trace.size(); ++i) text += result.trace[i] + "\n";
  return text;
}

RunResult RunSeed(uint64_t seed) {
  RunOptions options;
  options.seed = seed;
  return Simulate(options);
}

void ExpectHolds(uint64_t seed) {
  const RunResult result = RunSeed(seed);
  ASSERT_EQ(result.failure, "") << "seed " << seed << ", scenario " << result.scenario << "\n"
                                << EndOf(result);
}

TEST(SimulationTest, OneSeedIsOneRun) {
  std::set<uint64_t> hashes;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    const RunResult first = RunSeed(seed);
    const RunResult second = RunSeed(seed);
    EXPECT_EQ(first.trace_hash, second.trace_hash) << "seed " << seed;
    EXPECT_EQ(first.events, second.events) << "seed " << seed;
    hashes.insert(first.trace_hash);
  }
  EXPECT_EQ(hashes.size(), 50);
}

TEST(SimulationTest, MovesAreDoneAndAborted) {
  int done = 0;
  int aborted = 0;
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    const RunResult result = RunSeed(seed);
    done += result.done;
    aborted += result.aborted;
  }
  EXPECT_GT(done, 300);
  EXPECT_GT(aborted, 15);
}

class SeedsTest : public testing::TestWithParam<uint64_t> {};

// In parts, so that the parts can run side by side.
TEST_P(SeedsTest, EveryInvariantHolds) {
  const uint64_t part = Seeds() / 20;
  for (uint64_t seed = GetParam() * part + 1; seed <= (GetParam() + 1) * part; ++seed) {
    ASSERT_NO_FATAL_FAILURE(ExpectHolds(seed));
  }
}

INSTANTIATE_TEST_SUITE_P(Parts, SeedsTest, testing::Range<uint64_t>(0, 20));

}  // namespace
}  // namespace drover::simulation
