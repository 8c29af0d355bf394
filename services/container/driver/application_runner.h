// Starts and stops one application.
#ifndef DROVER_SERVICES_CONTAINER_DRIVER_APPLICATION_RUNNER_H_
#define DROVER_SERVICES_CONTAINER_DRIVER_APPLICATION_RUNNER_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/common/async/task.h"
#include "services/common/time/clock.h"
#include "services/container/backend/container_engine.h"
#include "services/container/backend/init_process.h"
#include "services/container/driver/application_registry.h"
#include "services/container/driver/readiness_watch.h"
#include "services/container/driver/start_maker.h"
#include "services/volume/client/volume_client.h"

namespace drover::container {

// One start of an application:
//
//   record on disk --> slots --> container, gated --> volumes filled (if new) --> OpenGate -->
//   probe
//
// Called with the application's lock held. Used on one executor; everything in Deps outlives it.
class ApplicationRunner {
 public:
  struct Deps {
    ApplicationRegistry& applications;
    StartMaker& maker;
    ReadinessWatch& readiness;
    ContainerEngine& engine;
    InitProcesses& processes;
    volume::VolumeClient& volumes;
    const Clock& clock;
  };
  explicit ApplicationRunner(Deps deps) : deps_(deps) {}

  // What has to run, or to wait behind its gate.
  struct Wanted {
    drover::common::v1::ApplicationSpec spec;
    int64_t generation = 0;
    std::string config_hash;
    std::string migration;
  };
  // Up to the gate. Does nothing if that very start waits there already.
  Task<absl::Status> Stage(ApplicationPtr application, Wanted wanted);
  // Up to the beginning of the probe. A start that runs as wanted is kept, unless `restart`.
  // Nothing is changed if the application must not run here: see FindOwnGroup.
  Task<absl::Status> Start(ApplicationPtr application, Wanted wanted, bool restart);
  // The same with what its record says.
  Task<absl::Status> StartAgain(ApplicationPtr application, bool restart);

  struct Stopped {
    std::optional<Application> application;
    absl::Duration duration;
    bool killed = false;
  };
  // Ends the processes of the container; there must be one that runs. What the engine tears down
  // then is not waited for: every millisecond here is one of interruption.
  Task<absl::StatusOr<Stopped>> Stop(ApplicationPtr application);

  // Ends what goes on of a container of which its engine knows nothing: one that has lost its disk,
  // say. OK if nothing does; an error, and it goes on, if it could not be started again.
  Task<absl::Status> EndForgotten(ApplicationPtr application);

  // Asks the volume service whether the gate was opened meanwhile (Activate does, without us).
  Task<absl::Status> RefreshGate(ApplicationPtr application);

 private:
  void NoteGate(const volume::v1::VolumeGroup& group, const ApplicationPtr& application);
  // FAILED_PRECONDITION (NOT_RESERVED) unless that migration, if any, holds the application's group
  // on this node: an order that was long on its way must not make a container that nobody would
  // open, or remove.
  Task<absl::Status> CheckUnderWay(std::string name, std::string migration);
  // The application's group; FAILED_PRECONDITION unless this node owns it (WRONG_STATE: from the
  // beginning of a seal on it does not) under that very generation (STALE_GENERATION): an order
  // that was long on its way must not make a container whose gate would never be opened.
  Task<absl::StatusOr<volume::v1::VolumeGroup>> FindOwnGroup(std::string name, int64_t generation);
  Task<absl::Status> NewStart(ApplicationPtr application, Wanted wanted,
                              v1::StartRecord::Intent intent);
  Task<absl::Status> OpenGate(ApplicationPtr application);
  // Whether they had to be killed.
  Task<absl::StatusOr<bool>> EndProcesses(ApplicationPtr application);
  Task<absl::StatusOr<bool>> EndProcess(ApplicationPtr application,
                                        std::unique_ptr<InitProcess> process);

  Deps deps_;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_DRIVER_APPLICATION_RUNNER_H_
