// Follows the restart policy of applications that ended by themselves.
#ifndef DROVER_SERVICES_CONTAINER_DRIVER_RESTARTER_H_
#define DROVER_SERVICES_CONTAINER_DRIVER_RESTARTER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/common/async/background_tasks.h"
#include "services/common/async/sleeper.h"
#include "services/common/async/task.h"
#include "services/common/time/clock.h"
#include "services/container/driver/application_registry.h"
#include "services/container/driver/application_runner.h"

namespace drover::container {

// Used on one executor; everything in Deps outlives it.
class Restarter {
 public:
  struct Deps {
    ApplicationRegistry& applications;
    ApplicationRunner& runner;
    BackgroundTasks& background;
    Sleeper& sleeper;
    const Clock& clock;
  };
  explicit Restarter(Deps deps) : deps_(deps) {}

  // The application's container ended. With its lock held.
  Task<absl::Status> NoteEnd(ApplicationPtr application, int exit_code);

 private:
  Task<absl::Status> RestartLater(ApplicationPtr application, std::string start_id,
                                  absl::Duration delay);

  Deps deps_;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_DRIVER_RESTARTER_H_
