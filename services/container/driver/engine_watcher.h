// Follows the engine: its events, its going and its coming back.
#ifndef DROVER_SERVICES_CONTAINER_DRIVER_ENGINE_WATCHER_H_
#define DROVER_SERVICES_CONTAINER_DRIVER_ENGINE_WATCHER_H_

#include <string>

#include "absl/status/status.h"
#include "services/common/async/background_tasks.h"
#include "services/common/async/sleeper.h"
#include "services/common/async/task.h"
#include "services/container/backend/container_engine.h"
#include "services/container/driver/container_driver.h"

namespace drover::container {

// Used on one executor; the references must outlive it.
class EngineWatcher {
 public:
  EngineWatcher(ContainerEngine& engine, ContainerDriver& driver, BackgroundTasks& background,
                Sleeper& sleeper)
      : engine_(engine), driver_(driver), background_(background), sleeper_(sleeper) {}

  // Runs until it is cancelled. Each time the engine can be reached again, records and engine are
  // brought together.
  Task<absl::Status> Run();

  // Why the engine cannot be followed right now; empty while it can.
  const std::string& problem() const { return problem_; }

 private:
  ContainerEngine& engine_;
  ContainerDriver& driver_;
  BackgroundTasks& background_;
  Sleeper& sleeper_;
  std::string problem_;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_DRIVER_ENGINE_WATCHER_H_
