// Observes whether the applications that were started are ready.
#ifndef DROVER_SERVICES_CONTAINER_DRIVER_READINESS_WATCH_H_
#define DROVER_SERVICES_CONTAINER_DRIVER_READINESS_WATCH_H_

#include <string>

#include "absl/status/status.h"
#include "services/common/async/background_tasks.h"
#include "services/common/async/task.h"
#include "services/container/driver/application_registry.h"
#include "services/container/driver/readiness_prober.h"

namespace drover::container {

// Used on one executor; the references must outlive it.
class ReadinessWatch {
 public:
  ReadinessWatch(ApplicationRegistry& applications, ReadinessProber& prober,
                 BackgroundTasks& background)
      : applications_(applications), prober_(prober), background_(background) {}

  // Begins the probe of the current start, whose gate is open; once.
  void Begin(ApplicationPtr application);

 private:
  Task<absl::Status> Run(ApplicationPtr application, std::string start_id);

  ApplicationRegistry& applications_;
  ReadinessProber& prober_;
  BackgroundTasks& background_;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_DRIVER_READINESS_WATCH_H_
