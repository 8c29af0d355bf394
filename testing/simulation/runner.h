// One seed, one run.
#ifndef DROVER_TESTING_SIMULATION_RUNNER_H_
#define DROVER_TESTING_SIMULATION_RUNNER_H_

#include <cstdint>
#include <deque>
#include <string>

#include "testing/simulation/mutant.h"

namespace drover::simulation {

struct RunOptions {
  uint64_t seed = 0;
  Mutant mutant = Mutant::kNone;
  // Keeps all of the trace, not only its end.
  bool keep_trace = false;
};

struct RunResult {
  // Empty: every checker was content.
  std::string failure;
  std::string scenario;
  // Of the trace: equal for equal seeds.
  uint64_t trace_hash = 0;
  std::deque<std::string> trace;
  int64_t events = 0;
  int moves = 0;
  int done = 0;
  int aborted = 0;
};

// Not thread-safe: the source of random ids is the process's.
RunResult Simulate(const RunOptions& options);

}  // namespace drover::simulation

#endif  // DROVER_TESTING_SIMULATION_RUNNER_H_
