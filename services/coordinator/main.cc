// drover-coordinator: plans, decides, journals; the one that knows the whole cluster.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "services/common/async/sleeper.h"
#include "services/common/server/command_line.h"
#include "services/common/server/daemon.h"
#include "services/common/status/status_macros.h"
#include "services/common/time/clock.h"
#include "services/common/tls/identity.h"
#include "services/container/client/grpc_container_client.h"
#include "services/coordinator/end_process.h"
#include "services/coordinator/orchestrator/orchestrator.h"
#include "services/coordinator/service/coordinator_service.h"
#include "services/coordinator/store/sqlite_store.h"
#include "services/proxy/client/grpc_proxy_client.h"
#include "services/volume/client/grpc_volume_client.h"

namespace drover::coordinator {
namespace {

// Handles over mutual TLS; each node has to show its own name.
class TlsNodeConnector : public NodeConnector {
 public:
  TlsNodeConnector(const TlsFolder& tls, std::string cluster)
      : tls_(tls), cluster_(std::move(cluster)) {}

  std::shared_ptr<NodeHandle> Connect(const NodeName& name, const std::string& address) override {
    const Identity expected = NodeOf(cluster_, name.value());
    auto channel = [&](int port) {
      return tls_.Connect(address + ":" + std::to_string(port), expected);
    };
    auto handle = std::make_shared<NodeHandle>();
    handle->name = name;
    handle->address = address;
    handle->volume = std::make_unique<volume::GrpcVolumeClient>(channel(kVolumePort));
    handle->container = std::make_unique<container::GrpcContainerClient>(channel(kContainerPort));
    handle->proxy = std::make_unique<proxy::GrpcProxyClient>(channel(kProxyPort));
    return handle;
  }

 private:
  const TlsFolder& tls_;
  const std::string cluster_;
};

class Coordinator : public DaemonServices {
 public:
  Coordinator(DaemonContext context, std::unique_ptr<CoordinatorStore> store,
              std::unique_ptr<Journal> journal)
      : store_(std::move(store)),
        journal_(std::move(journal)),
        connector_(context.tls, context.config.cluster),
        hosts_(context.pool),
        orchestrator_(OrchestratorDeps{*journal_, connector_, hosts_, clock_, sleeper_,
                                       context.io.get_executor()}),
        service_(context.calls, orchestrator_) {
    orchestrator_.Recover();
  }

  std::vector<grpc::Service*> Services() override { return {&service_}; }
  Task<void> Stop() override { return orchestrator_.Stop(); }

 private:
  RealClock clock_;
  TimerSleeper sleeper_;
  std::unique_ptr<CoordinatorStore> store_;
  std::unique_ptr<Journal> journal_;
  TlsNodeConnector connector_;
  SystemHostResolver hosts_;
  Orchestrator orchestrator_;
  CoordinatorService service_;
};

Task<absl::StatusOr<std::unique_ptr<DaemonServices>>> Start(DaemonContext context) {
  // Nothing else runs yet, so the io thread may block.
  DROVER_CO_ASSIGN_OR_RETURN(std::unique_ptr<CoordinatorStore> store,
                             SqliteStore::Open(context.config.state_dir + "/coordinator.db"));
  DROVER_CO_ASSIGN_OR_RETURN(std::unique_ptr<Journal> journal,
                             Journal::Open(*store, context.pool, &EndProcess));
  co_return std::make_unique<Coordinator>(context, std::move(store), std::move(journal));
}

int Main(int argc, char** argv) {
  CLI::App app("Moves applications and their data between nodes.", "drover-coordinator");
  std::string config_path;
  app.add_option("--config", config_path, "configuration file (YAML)");
  if (const std::optional<int> end = ParseCommandLine(app, argc, argv)) return *end;
  absl::StatusOr<DaemonConfig> config = ReadDaemonConfig(config_path, {});
  if (!config.ok()) {
    std::cerr << "drover-coordinator: " << config.status().message() << "\n";
    return 2;
  }
  return RunDaemon("drover-coordinator", *config, Start);
}

}  // namespace
}  // namespace drover::coordinator

int main(int argc, char** argv) { return drover::coordinator::Main(argc, argv); }
