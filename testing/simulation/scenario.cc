#include "testing/simulation/scenario.h"

namespace drover::simulation {
namespace {

// Most moves last about a second: faults that come close to each other meet one.
absl::Duration SomeTime(Random& random, absl::Duration end) {
  const bool early = random.Chance(700);
  return random.Between(absl::ZeroDuration(), early ? absl::Seconds(4) : end);
}

absl::Duration SomeOutage(Random& random) {
  if (random.Chance(600)) return random.Between(absl::Milliseconds(20), absl::Seconds(1));
  return random.Between(absl::Milliseconds(500), absl::Seconds(8));
}

NetworkFaults SomeNetwork(Random& random) {
  NetworkFaults faults;
  if (random.Chance(500)) faults.lose_request = static_cast<int>(random.Below(80));
  if (random.Chance(500)) faults.lose_response = static_cast<int>(random.Below(80));
  if (random.Chance(300)) faults.slow = static_cast<int>(random.Below(60));
  if (random.Chance(700)) faults.repeat = static_cast<int>(random.Below(250));
  if (random.Chance(700)) faults.replay = static_cast<int>(random.Below(250));
  return faults;
}

Fault SomeFault(Random& random, const Scenario& scenario) {
  constexpr FaultKind kKinds[] = {
      FaultKind::kCrashCoordinator, FaultKind::kCrashCoordinator, FaultKind::kCrashServices,
      FaultKind::kCrashServices,    FaultKind::kCrashMachine,     FaultKind::kCutFromCoordinator,
      FaultKind::kCutToCoordinator, FaultKind::kCutBetweenNodes,  FaultKind::kFullDisk,
      FaultKind::kKillApplication,  FaultKind::kRestartByHand,    FaultKind::kCancel,
      FaultKind::kGatesDie};
  Fault fault;
  fault.kind = kKinds[random.Below(std::size(kKinds))];
  fault.at = SomeTime(random, scenario.heal_at);
  // An abort tries to start an application again for five seconds, and then leaves it to others.
  const bool is_long = fault.kind == FaultKind::kGatesDie && random.Chance(500);
  fault.duration =
      is_long ? random.Between(absl::Seconds(5), absl::Seconds(12)) : SomeOutage(random);
  fault.node = static_cast<int>(random.Below(scenario.nodes));
  fault.other =
      static_cast<int>((fault.node + 1 + random.Below(scenario.nodes - 1)) % scenario.nodes);
  fault.application = static_cast<int>(random.Below(scenario.applications));
  return fault;
}

// A move that is undone after its seal, while nothing can be started at its source: for longer than
// the abort itself tries.
void MakeUnstartable(Random& random, Scenario& scenario) {
  scenario.name = "unstartable";
  scenario.heal_at = absl::Seconds(15);
  Fault fault;
  fault.kind = FaultKind::kGatesDie;
  fault.node = scenario.placements[0][0];
  fault.at = random.Between(absl::ZeroDuration(), absl::Milliseconds(500));
  fault.duration = random.Between(absl::Seconds(6), absl::Seconds(12));
  scenario.faults.push_back(fault);
  fault.kind = FaultKind::kCancel;
  const int64_t cancels = 2 + random.Below(4);
  for (int64_t i = 0; i < cancels; ++i) {
    fault.at = random.Between(absl::ZeroDuration(), absl::Seconds(2));
    scenario.faults.push_back(fault);
  }
}

// One application goes to and fro, and orders of earlier hops come again in the middle of later
// ones. The coordinator lives: a new one's epoch would keep them out.
void MakeStale(Random& random, Scenario& scenario) {
  scenario.name = "stale";
  scenario.nodes = 2;
  scenario.applications = 1;
  scenario.placements.clear();
  const int64_t hops = 3 + random.Below(4);
  for (int64_t hop = 0; hop <= hops; ++hop)
    scenario.placements.push_back({static_cast<int>(hop % 2)});
  scenario.network.replay = static_cast<int>(200 + random.Below(500));
  scenario.network.lose_response = static_cast<int>(random.Below(150));
  scenario.network.repeat = static_cast<int>(random.Below(100));
  const int64_t cancels = random.Below(3);
  for (int64_t i = 0; i < cancels; ++i) {
    Fault fault;
    fault.kind = FaultKind::kCancel;
    fault.at = random.Between(absl::ZeroDuration(), absl::Seconds(4));
    scenario.faults.push_back(fault);
  }
}

}  // namespace

Scenario MakeScenario(Random& random) {
  Scenario scenario;
  scenario.nodes = random.Chance(150) ? 3 : 2;
  scenario.applications = random.Chance(200) ? 2 : 1;
  // A move; there and back; and there again, for what is left of the first hop.
  const int64_t hops = 1 + random.Below(4);
  std::vector<int> where(scenario.applications, 0);
  if (scenario.applications == 2) where[1] = static_cast<int>(random.Below(scenario.nodes));
  scenario.placements.push_back(where);
  for (int64_t hop = 0; hop < hops; ++hop) {
    for (int& node : where) {
      if (hop == 0 || random.Chance(850)) {
        node = static_cast<int>((node + 1 + random.Below(scenario.nodes - 1)) % scenario.nodes);
      }
    }
    scenario.placements.push_back(where);
  }
  scenario.pause = random.Between(absl::Milliseconds(1), absl::Milliseconds(300));
  scenario.heal_at = random.Between(absl::Seconds(3), absl::Seconds(15));
  const int64_t profile = random.Below(13);
  if (profile == 0) {
    scenario.name = "calm";
    scenario.calm = true;
    scenario.heal_at = absl::Seconds(30);
    scenario.network.repeat = static_cast<int>(random.Below(300));
    return scenario;
  }
  if (profile >= 10) {
    MakeStale(random, scenario);
    return scenario;
  }
  if (random.Chance(150)) scenario.broken_on = 1;
  scenario.name = "network";
  scenario.network = SomeNetwork(random);
  if (profile <= 2) return scenario;
  scenario.name = "faults";
  if (random.Chance(400)) {
    scenario.store_crash_before = static_cast<int>(random.Below(40));
    scenario.store_crash_after = static_cast<int>(random.Below(80));
  }
  if (random.Chance(100)) {
    MakeUnstartable(random, scenario);
    return scenario;
  }
  const int64_t count = 1 + random.Below(6);
  for (int64_t i = 0; i < count; ++i) scenario.faults.push_back(SomeFault(random, scenario));
  return scenario;
}

}  // namespace drover::simulation
