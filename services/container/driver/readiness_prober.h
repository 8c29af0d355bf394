// Finds out when an application is ready.
#ifndef DROVER_SERVICES_CONTAINER_DRIVER_READINESS_PROBER_H_
#define DROVER_SERVICES_CONTAINER_DRIVER_READINESS_PROBER_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "services/common/async/sleeper.h"
#include "services/common/async/task.h"
#include "services/common/time/clock.h"
#include "services/container/backend/container_engine.h"
#include "services/container/domain/readiness.h"

namespace drover::container {

// Used on one executor; the references must outlive it.
class ReadinessProber {
 public:
  ReadinessProber(ContainerEngine& engine, Sleeper& sleeper, const Clock& clock)
      : engine_(engine), sleeper_(sleeper), clock_(clock) {}

  struct Target {
    ContainerId id;
    std::string address;
    // For the health check.
    std::string working_directory;
    ReadinessProbe probe;
    absl::Time deadline;
    // Asked between two attempts: true if nobody needs the answer any more.
    std::function<bool()> over;
  };
  // OK when an attempt has passed. DEADLINE_EXCEEDED (NOT_READY); ABORTED if it is over.
  Task<absl::Status> AwaitReady(Target target);

 private:
  Task<absl::Status> Try(Target target);

  ContainerEngine& engine_;
  Sleeper& sleeper_;
  const Clock& clock_;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_DRIVER_READINESS_PROBER_H_
