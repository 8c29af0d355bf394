// How far one start of an application has come.
#ifndef DROVER_SERVICES_CONTAINER_DOMAIN_START_PHASE_H_
#define DROVER_SERVICES_CONTAINER_DOMAIN_START_PHASE_H_

namespace drover::container {

//   kStaging --> kGated --> kStarting --> kReady
//        \__________\___________\__________\----> kExited
enum class StartPhase {
  // The gate has not reported yet.
  kStaging,
  // The gate waits: the application has not run.
  kGated,
  // The application's own program runs.
  kStarting,
  // Its readiness probe has passed.
  kReady,
  kExited,
};

// What is known about a start.
struct StartFacts {
  bool ended = false;
  bool gate_reported = false;
  bool gate_opened = false;
  bool probe_passed = false;
};

StartPhase PhaseOf(const StartFacts& facts);

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_DOMAIN_START_PHASE_H_
