// Starts, stops and watches the applications of this node.
#ifndef DROVER_SERVICES_CONTAINER_DRIVER_CONTAINER_DRIVER_H_
#define DROVER_SERVICES_CONTAINER_DRIVER_CONTAINER_DRIVER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/common/async/background_tasks.h"
#include "services/common/async/blocking.h"
#include "services/common/async/change_signal.h"
#include "services/common/async/sleeper.h"
#include "services/common/async/task.h"
#include "services/common/time/clock.h"
#include "services/container/backend/bridge_ports.h"
#include "services/container/backend/container_engine.h"
#include "services/container/backend/init_process.h"
#include "services/container/driver/application_recovery.h"
#include "services/container/driver/application_registry.h"
#include "services/container/driver/application_runner.h"
#include "services/container/driver/readiness_prober.h"
#include "services/container/driver/readiness_watch.h"
#include "services/container/driver/restarter.h"
#include "services/container/driver/start_maker.h"
#include "services/container/store/start_store.h"
#include "services/volume/client/volume_client.h"

namespace drover::container {

// Takes each application's lock and leaves the work to those who do it: ApplicationRunner (starts
// and stops), ReadinessWatch, Restarter (what ended by itself), ApplicationRecovery. The operations
// on one application follow one another; those on different ones run side by side. Used on one
// executor, which also runs the engine's events; everything in Deps outlives it.
class ContainerDriver {
 public:
  struct Deps {
    ContainerEngine& engine;
    volume::VolumeClient& volumes;
    BridgePorts& bridge_ports;
    InitProcesses& processes;
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
  Task<absl::Status> Load() { return applications_.Load(); }

  using Wanted = ApplicationRunner::Wanted;
  using Stopped = ApplicationRunner::Stopped;
  // See ContainerService in container_service.proto for these five.
  Task<absl::StatusOr<Application>> Stage(Wanted wanted);
  Task<absl::StatusOr<Application>> Start(Wanted wanted, bool restart);
  Task<absl::StatusOr<Application>> AwaitReady(std::string application, std::string start_id);
  Task<absl::StatusOr<Stopped>> Stop(std::string application);
  Task<absl::Status> Remove(std::string application, int64_t generation);

  std::vector<Application> List() const;
  // Raised after each change of what List answers.
  ChangeSignal& changes() { return applications_.changes(); }
  // The engine's id of the application's container. NOT_FOUND if there is none.
  absl::StatusOr<ContainerId> FindContainer(const std::string& application) const;

  // Brings records and engine together: after the daemon's start, and whenever the engine came
  // back.
  void Recover() { recovery_.Begin(); }
  // An event of the engine; answers when what follows from it is decided.
  Task<absl::Status> Handle(ContainerEvent event);

 private:
  // Before anything is stopped for what is new here.
  Task<absl::Status> CheckImage(ApplicationPtr application, Wanted wanted);

  Task<absl::Status> Follow(ContainerEvent event);
  // The last lines of an ended application's output.
  Task<std::string> LastWords(ContainerId id);

  ContainerEngine& engine_;
  Sleeper& sleeper_;
  StartMaker maker_;
  ReadinessProber prober_;
  ApplicationRegistry applications_;
  ReadinessWatch readiness_;
  ApplicationRunner runner_;
  Restarter restarter_;
  ApplicationRecovery recovery_;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_DRIVER_CONTAINER_DRIVER_H_
