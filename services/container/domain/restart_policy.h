// Whether, and when, an application that ended by itself is started again.
#ifndef DROVER_SERVICES_CONTAINER_DOMAIN_RESTART_POLICY_H_
#define DROVER_SERVICES_CONTAINER_DOMAIN_RESTART_POLICY_H_

#include <optional>

#include "absl/time/time.h"

namespace drover::container {

struct RestartPolicy {
  enum class Mode { kNever, kAlways, kOnFailure };
  Mode mode = Mode::kNever;
  // Only for kOnFailure; 0 = without limit.
  int maximum_retry_count = 0;
};

// One end of the application.
struct Ending {
  int exit_code = 0;
  // From the opening of the gate.
  absl::Duration lifetime;
  // Restarts in a row so far, each after a short life.
  int restarts = 0;
};

struct Restart {
  // How long to wait first: 100 ms, doubled with each restart in a row, at most a minute.
  absl::Duration delay;
  // The number of restarts in a row, this one included.
  int restarts = 0;
};

// None if the application stays ended. A life of 10 s or more ends a row.
std::optional<Restart> DecideRestart(const RestartPolicy& policy, const Ending& ending);

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_DOMAIN_RESTART_POLICY_H_
