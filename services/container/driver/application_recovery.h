// Brings records and engine together: after the daemon's start, and whenever the engine came back.
#ifndef DROVER_SERVICES_CONTAINER_DRIVER_APPLICATION_RECOVERY_H_
#define DROVER_SERVICES_CONTAINER_DRIVER_APPLICATION_RECOVERY_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/common/async/background_tasks.h"
#include "services/common/async/sleeper.h"
#include "services/common/async/task.h"
#include "services/common/time/clock.h"
#include "services/container/backend/container_engine.h"
#include "services/container/driver/application_registry.h"
#include "services/container/driver/application_runner.h"
#include "services/container/driver/readiness_watch.h"
#include "services/volume/client/volume_client.h"

namespace drover::container {

// Used on one executor; everything in Deps outlives it.
class ApplicationRecovery {
 public:
  struct Deps {
    ApplicationRegistry& applications;
    ApplicationRunner& runner;
    ReadinessWatch& readiness;
    ContainerEngine& engine;
    volume::VolumeClient& volumes;
    BackgroundTasks& background;
    Sleeper& sleeper;
    const Clock& clock;
  };
  explicit ApplicationRecovery(Deps deps) : deps_(deps) {}

  // Begins with every application that is known; they recover side by side, in the background. Each
  // is tried again until what was decided for it is done: an engine or a volume service that comes
  // up beside us may need a moment longer. Another call takes over from the one before it.
  void Begin();

 private:
  void Repeat(std::string what, std::function<Task<absl::Status>()> attempt);
  // What a start that was interrupted has left.
  Task<absl::Status> RemoveSeeds(int round);
  Task<absl::Status> RecoverOne(ApplicationPtr application, int round);
  // With the application's lock held.
  Task<absl::Status> Recover(ApplicationPtr application);
  // The container of the record's start.
  Task<absl::StatusOr<std::optional<ContainerInfo>>> FindOwn(ApplicationPtr application);
  Task<absl::Status> NoteRecovered(ApplicationPtr application, ContainerInfo own,
                                   bool gate_is_open);

  Deps deps_;
  // Counts the calls of Begin.
  int round_ = 0;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_DRIVER_APPLICATION_RECOVERY_H_
