// Finds out whether an application is ready.
#ifndef DROVER_SERVICES_CONTAINER_DRIVER_READINESS_PROBER_H_
#define DROVER_SERVICES_CONTAINER_DRIVER_READINESS_PROBER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/common/async/task.h"
#include "services/container/backend/container_engine.h"
#include "services/container/domain/readiness.h"

namespace drover::container {

// Used on one executor; the engine must outlive it.
class ReadinessProber {
 public:
  explicit ReadinessProber(ContainerEngine& engine) : engine_(engine) {}

  struct Target {
    ContainerId id;
    std::string address;
    // For the health check.
    std::string working_directory;
    ReadinessProbe probe;
  };
  // One attempt. UNAVAILABLE, and what the engine answers, if it is not ready (yet).
  Task<absl::Status> Probe(Target target, absl::Duration timeout);

 private:
  ContainerEngine& engine_;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_DRIVER_READINESS_PROBER_H_
