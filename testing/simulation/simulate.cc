// Runs seeds, as many as one likes: see README.md.
#include <glog/logging.h>

#include <cstdint>
#include <cstdio>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/time/clock.h"
#include "testing/simulation/runner.h"

namespace {

constexpr char kUsage[] = "usage: simulate --first-seed N --seeds M [--trace]\n";

struct Arguments {
  uint64_t first_seed = 1;
  uint64_t seeds = 1000;
  int mutant = 0;
  bool trace = false;
};

bool Parse(int argc, char** argv, Arguments& arguments) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--trace") {
      arguments.trace = true;
      continue;
    }
    uint64_t value = 0;
    if (i + 1 == argc || !absl::SimpleAtoi(argv[++i], &value)) return false;
    if (word == "--first-seed") {
      arguments.first_seed = value;
    } else if (word == "--seeds") {
      arguments.seeds = value;
    } else if (word == "--mutant") {
      arguments.mutant = static_cast<int>(value);
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  if (!Parse(argc, argv, arguments)) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  google::InitGoogleLogging(argv[0]);
  FLAGS_logtostderr = true;
  const absl::Time begin = absl::Now();
  int64_t failures = 0;
  int64_t moves = 0;
  int64_t done = 0;
  int64_t aborted = 0;
  int64_t events = 0;
  for (uint64_t i = 0; i < arguments.seeds; ++i) {
    drover::simulation::RunOptions options;
    options.seed = arguments.first_seed + i;
    options.keep_trace = arguments.trace;
    options.mutant = static_cast<drover::simulation::Mutant>(arguments.mutant);
    const drover::simulation::RunResult result = drover::simulation::Simulate(options);
    moves += result.moves;
    done += result.done;
    aborted += result.aborted;
    events += result.events;
    if (arguments.trace) {
      for (const std::string& line : result.trace) std::printf("%s\n", line.c_str());
    }
    if (result.failure.empty()) continue;
    ++failures;
    std::printf("seed %llu (%s): %s\n", static_cast<unsigned long long>(options.seed),
                result.scenario.c_str(), result.failure.c_str());
    std::fflush(stdout);
  }
  const double seconds = absl::ToDoubleSeconds(absl::Now() - begin);
  std::printf(
      "%llu seeds, %lld failed; %lld moves, %lld done, %lld aborted; %lld events; %.1f s, "
      "%.0f seeds/s\n",
      static_cast<unsigned long long>(arguments.seeds), static_cast<long long>(failures),
      static_cast<long long>(moves), static_cast<long long>(done), static_cast<long long>(aborted),
      static_cast<long long>(events), seconds, static_cast<double>(arguments.seeds) / seconds);
  return failures == 0 ? 0 : 1;
}
