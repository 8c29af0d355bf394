// drover-container: the container service of one node. Wiring only.
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/strip.h"
#include "services/common/async/sleeper.h"
#include "services/common/server/command_line.h"
#include "services/common/server/daemon.h"
#include "services/common/status/status_macros.h"
#include "services/common/time/clock.h"
#include "services/container/backend/docker_engine.h"
#include "services/container/backend/netlink_bridge_ports.h"
#include "services/container/backend/pidfd_init_process.h"
#include "services/container/client/grpc_container_client.h"
#include "services/container/driver/container_driver.h"
#include "services/container/driver/engine_watcher.h"
#include "services/container/driver/image_keeper.h"
#include "services/container/service/container_service.h"
#include "services/container/store/file_start_store.h"
#include "services/volume/client/grpc_volume_client.h"

namespace drover::container {
namespace {

constexpr char kProgram[] = "drover-container";

// What the services are made of, in the order in which they need each other.
class ContainerDaemon : public DaemonServices {
 public:
  struct Parts {
    std::string engine_socket;
    std::string volume_address;
    StartMaker::Options options;
    FileStartStore store;
    EpochGuard fence;
  };
  ContainerDaemon(DaemonContext context, Parts parts)
      : engine_(std::move(parts.engine_socket)),
        processes_(context.io.get_executor(), context.pool),
        volumes_(context.tls.Connect(parts.volume_address,
                                     NodeOf(context.config.cluster, context.config.node))),
        store_(std::move(parts.store)),
        fence_(std::move(parts.fence)),
        background_(context.io.get_executor()),
        driver_({.engine = engine_,
                 .volumes = volumes_,
                 .bridge_ports = bridge_ports_,
                 .processes = processes_,
                 .store = store_,
                 .pool = context.pool,
                 .sleeper = sleeper_,
                 .clock = clock_,
                 .background = background_,
                 .changes = changes_,
                 .options = std::move(parts.options)}),
        watcher_(engine_, driver_, background_, sleeper_),
        images_(engine_, ConnectorOf(context), context.config.state_dir),
        service_({.calls = context.calls,
                  .engine = engine_,
                  .driver = driver_,
                  .watcher = watcher_,
                  .images = images_,
                  .fence = fence_,
                  .node = context.config.node}) {
    fence_.SaveInBackground(context.io.get_executor(), context.pool);
  }

  Task<absl::Status> Start() {
    DROVER_CO_RETURN_IF_ERROR(co_await driver_.Load());
    background_.Spawn("watch of the container engine", [this] { return watcher_.Run(); });
    co_return absl::OkStatus();
  }
  std::vector<grpc::Service*> Services() override { return {&service_}; }
  Task<void> Stop() override { return background_.Stop(); }

 private:
  static ImageKeeper::ConnectToPeer ConnectorOf(const DaemonContext& context) {
    return [&tls = context.tls, cluster = context.config.cluster](const v1::ImageSource& source) {
      return std::make_unique<GrpcContainerClient>(
          tls.Connect(source.address(), NodeOf(cluster, source.node())));
    };
  }

  DockerEngine engine_;
  NetlinkBridgePorts bridge_ports_;
  PidfdInitProcesses processes_;
  volume::GrpcVolumeClient volumes_;
  FileStartStore store_;
  EpochGuard fence_;
  TimerSleeper sleeper_;
  RealClock clock_;
  BackgroundTasks background_;
  ChangeSignal changes_;
  ContainerDriver driver_;
  EngineWatcher watcher_;
  ImageKeeper images_;
  ContainerServiceImpl service_;
};

Task<absl::StatusOr<std::unique_ptr<DaemonServices>>> StartDaemon(DaemonContext context) {
  const DaemonConfig& config = context.config;
  const std::string engine = config.Get("engine", "unix:///var/run/docker.sock");
  absl::string_view socket = engine;
  if (!absl::ConsumePrefix(&socket, "unix://")) {
    co_return absl::InvalidArgumentError("`engine` must be unix:// and the path of its socket");
  }
  StartMaker::Options options;
  DROVER_CO_ASSIGN_OR_RETURN(options.gate_path, config.Require("gate"));
  DROVER_CO_ASSIGN_OR_RETURN(options.node_address, config.Require("address"));
  struct stat gate;
  if (stat(options.gate_path.c_str(), &gate) != 0) {
    co_return absl::NotFoundError("`gate`: there is no " + options.gate_path);
  }
  DROVER_CO_ASSIGN_OR_RETURN(FileStartStore store,
                             FileStartStore::Open(config.state_dir + "/applications"));
  DROVER_CO_ASSIGN_OR_RETURN(EpochGuard fence, EpochGuard::Open(config.state_dir + "/epoch"));
  ContainerDaemon::Parts parts{.engine_socket = std::string(socket),
                               .volume_address = config.Get("volume_service", "127.0.0.1:7401"),
                               .options = std::move(options),
                               .store = std::move(store),
                               .fence = std::move(fence)};
  auto daemon = std::make_unique<ContainerDaemon>(context, std::move(parts));
  DROVER_CO_RETURN_IF_ERROR(co_await daemon->Start());
  co_return std::unique_ptr<DaemonServices>(std::move(daemon));
}

int Main(int argc, char** argv) {
  CLI::App app("Runs the applications' containers on this node.", kProgram);
  std::string config_path;
  app.add_option("--config", config_path, "configuration file (YAML)");
  if (const std::optional<int> end = ParseCommandLine(app, argc, argv)) return *end;
  const absl::StatusOr<DaemonConfig> config =
      ReadDaemonConfig(config_path, {"engine", "gate", "address", "volume_service"});
  if (!config.ok()) {
    std::cerr << kProgram << ": " << config.status().message() << "\n";
    return 2;
  }
  return RunDaemon(kProgram, *config, StartDaemon);
}

}  // namespace
}  // namespace drover::container

int main(int argc, char** argv) { return drover::container::Main(argc, argv); }
