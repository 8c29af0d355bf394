// What a seed stands for: a cluster, what is asked of it, and what goes wrong.
#ifndef DROVER_TESTING_SIMULATION_SCENARIO_H_
#define DROVER_TESTING_SIMULATION_SCENARIO_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "testing/simulation/network.h"
#include "testing/simulation/random.h"

namespace drover::simulation {

enum class FaultKind {
  kCrashCoordinator,
  kCrashServices,
  kCrashMachine,
  kCutFromCoordinator,
  kCutToCoordinator,
  kCutBetweenNodes,
  kFullDisk,
  // New containers are killed while they wait behind their gates.
  kGatesDie,
  kKillApplication,
  kRestartByHand,
  kCancel,
};

struct Fault {
  FaultKind kind;
  // After the first deployment.
  absl::Duration at;
  // Of all but a kill, a restart by hand and a cancel.
  absl::Duration duration;
  int node = 0;
  int other = 0;
  int application = 0;
};

struct Scenario {
  std::string name;
  int nodes = 2;
  int applications = 1;
  // Each says where each application is to be: node indices.
  std::vector<std::vector<int>> placements;
  // Between the end of a deployment and the next.
  absl::Duration pause;
  // Faults end, and nothing more is asked.
  absl::Duration heal_at;
  std::vector<Fault> faults;
  NetworkFaults network;
  int store_crash_before = 0;
  int store_crash_after = 0;
  // Where the first application does not get ready, until the faults end; -1 = nowhere.
  int broken_on = -1;
  // Nothing goes wrong: everything that is asked must be done.
  bool calm = false;
};

Scenario MakeScenario(Random& random);

}  // namespace drover::simulation

#endif  // DROVER_TESTING_SIMULATION_SCENARIO_H_
