// Starts, stops and watches the applications of this node.
#ifndef DROVER_SERVICES_CONTAINER_DRIVER_CONTAINER_DRIVER_H_
#define DROVER_SERVICES_CONTAINER_DRIVER_CONTAINER_DRIVER_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/common/async/async_mutex.h"
#include "services/common/async/background_tasks.h"
#include "services/common/async/blocking.h"
#include "services/common/async/change_signal.h"
#include "services/common/async/sleeper.h"
#include "services/common/async/task.h"
#include "services/common/time/clock.h"
#include "services/container/backend/container_engine.h"
#include "services/container/driver/application.h"
#include "services/container/driver/readiness_prober.h"
#include "services/container/driver/start_maker.h"
#include "services/container/store/start_store.h"
#include "services/volume/client/volume_client.h"

namespace drover::container {

// One start of an application:
//
//   record on disk --> slots --> container, gated --> volumes filled (if new) --> OpenGate -->
//   probe
//
// The operations on one application follow one another; those on different ones run side by side.
// Used on one executor, which also runs the engine's events; everything in Deps outlives it.
class ContainerDriver {
 public:
  struct Deps {
    ContainerEngine& engine;
    volume::VolumeClient& volumes;
    StartStore& store;
    BlockingPool& pool;
    Sleeper& sleeper;
    const Clock& clock;
    BackgroundTasks& background;
    ChangeSignal& changes;
    StartMaker::Options options;
  };
  explicit ContainerDriver(Deps deps);

  // Reads the records; call it once, before anything else. DATA_LOSS if one is damaged.
  Task<absl::Status> Load();

  // What has to run, or to wait behind its gate.
  struct Wanted {
    drover::common::v1::ApplicationSpec spec;
    int64_t generation = 0;
    std::string config_hash;
    std::string migration;
  };
  // See ContainerService in container_service.proto for these five.
  Task<absl::StatusOr<Application>> Stage(Wanted wanted);
  Task<absl::StatusOr<Application>> Start(Wanted wanted, bool restart);
  Task<absl::StatusOr<Application>> AwaitReady(std::string application, std::string start_id);
  struct Stopped {
    std::optional<Application> application;
    absl::Duration duration;
    bool killed = false;
  };
  Task<absl::StatusOr<Stopped>> Stop(std::string application);
  Task<absl::Status> Remove(std::string application, int64_t generation);

  std::vector<Application> List() const;
  // Raised after each change of what List answers.
  ChangeSignal& changes() { return deps_.changes; }
  // The engine's id of the application's container. NOT_FOUND if there is none.
  absl::StatusOr<ContainerId> FindContainer(const std::string& application) const;

  // Brings records and engine together: after the daemon's start, and whenever the engine came
  // back.
  Task<absl::Status> Recover();
  // An event of the engine.
  Task<absl::Status> Handle(ContainerEvent event);

 private:
  using ApplicationPtr = std::shared_ptr<Application>;

  // --- with the application's lock held ---
  Task<absl::Status> Save(ApplicationPtr application);
  // Asks the volume service whether the gate was opened meanwhile (Activate does, without us).
  Task<absl::Status> RefreshGate(ApplicationPtr application);
  Task<absl::Status> NewStart(ApplicationPtr application, Wanted wanted,
                              v1::StartRecord::Intent intent);
  Task<absl::Status> OpenGate(ApplicationPtr application);
  Task<absl::StatusOr<Stopped>> StopProcess(ApplicationPtr application);
  Task<absl::Status> StartLocked(ApplicationPtr application, Wanted wanted, bool restart);
  Task<absl::Status> StartAgain(ApplicationPtr application);
  Task<absl::Status> NoteEnd(ApplicationPtr application, int exit_code);
  Task<absl::Status> RecoverApplication(ApplicationPtr application);
  // The container of the record's start.
  Task<absl::StatusOr<std::optional<ContainerInfo>>> FindOwn(ApplicationPtr application);
  Task<absl::Status> NoteRecovered(ApplicationPtr application, ContainerInfo own,
                                   bool gate_is_open);

  // Begins the probe of the current start, once.
  void BeginProbe(ApplicationPtr application);
  Task<absl::Status> RunProbe(ApplicationPtr application, std::string start_id);
  Task<absl::Status> RestartLater(ApplicationPtr application, std::string start_id,
                                  absl::Duration delay);
  // The last lines of an ended application's output.
  Task<std::string> LastWords(ContainerId id);

  ApplicationPtr Find(const std::string& name) const;
  ApplicationPtr FindByContainer(const ContainerId& id) const;
  ApplicationPtr FindOrAdd(const std::string& name);
  void Changed() { deps_.changes.Notify(); }

  Deps deps_;
  StartMaker maker_;
  ReadinessProber prober_;
  KeyedMutex locks_;
  std::map<std::string, ApplicationPtr> applications_;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_DRIVER_CONTAINER_DRIVER_H_
