// Observes whether the applications that were started are ready.
#ifndef DROVER_SERVICES_CONTAINER_DRIVER_READINESS_WATCH_H_
#define DROVER_SERVICES_CONTAINER_DRIVER_READINESS_WATCH_H_

#include <string>

#include "absl/status/status.h"
#include "services/common/async/background_tasks.h"
#include "services/common/async/sleeper.h"
#include "services/common/async/task.h"
#include "services/common/time/clock.h"
#include "services/container/driver/application_registry.h"
#include "services/container/driver/readiness_prober.h"

namespace drover::container {

// One observer per start, from the opening of its gate until it is ready or has ended: it goes on
// after the start's time-out, so that a slow application is READY once it answers. Used on one
// executor; everything in Deps outlives it.
class ReadinessWatch {
 public:
  struct Deps {
    ApplicationRegistry& applications;
    ReadinessProber& prober;
    BackgroundTasks& background;
    Sleeper& sleeper;
    const Clock& clock;
  };
  explicit ReadinessWatch(Deps deps) : deps_(deps) {}

  // Observes the current start, whose gate is open. If it was not ready in time, its time begins
  // anew, for whoever asks now.
  void Begin(ApplicationPtr application);

 private:
  Task<absl::Status> Observe(ApplicationPtr application, std::string start_id);
  // One attempt.
  Task<absl::Status> Probe(ApplicationPtr application);

  Deps deps_;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_DRIVER_READINESS_WATCH_H_
