// Starts applications anew that ended by themselves, or were restarted by hand.
#ifndef DROVER_SERVICES_CONTAINER_DRIVER_RESTARTER_H_
#define DROVER_SERVICES_CONTAINER_DRIVER_RESTARTER_H_

#include <memory>
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

  // Both with the application's lock held, and to be called again if they fail. Its container
  // ended: decides by its restart policy.
  Task<absl::Status> NoteEnd(ApplicationPtr application, int exit_code);
  // Somebody restarted its container, which waits behind its gate again: replaces it.
  Task<absl::Status> NoteRestartByHand(ApplicationPtr application);

 private:
  // A restart that is tried until it succeeds, or somebody else has started or stopped the
  // application.
  struct Restart {
    ApplicationPtr application;
    // The start that ended.
    std::string replaced;
    // The last that was tried, or `replaced`.
    std::string latest;
  };
  void Begin(ApplicationPtr application, absl::Duration delay);
  Task<absl::Status> RestartAfter(absl::Duration delay, std::shared_ptr<Restart> restart);
  Task<absl::Status> TryRestart(std::shared_ptr<Restart> restart);

  Deps deps_;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_DRIVER_RESTARTER_H_
