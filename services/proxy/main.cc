// drover-proxy: the port-routing service of one node.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "services/common/fence/epoch_guard.h"
#include "services/common/log/log.h"
#include "services/common/server/command_line.h"
#include "services/common/server/daemon.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"
#include "services/common/time/clock.h"
#include "services/container/client/grpc_container_client.h"
#include "services/proxy/backend/connection_mark.h"
#include "services/proxy/backend/conntrack_connection_table.h"
#include "services/proxy/backend/file_route_store.h"
#include "services/proxy/backend/linux_forwarding.h"
#include "services/proxy/backend/nftables_table.h"
#include "services/proxy/backend/proc_listener_table.h"
#include "services/proxy/backend/splice_relay.h"
#include "services/proxy/domain/port.h"
#include "services/proxy/driver/route_driver.h"
#include "services/proxy/driver/route_keeper.h"
#include "services/proxy/service/proxy_service.h"

namespace drover::proxy {
namespace {

// Owns the daemon's parts, each after what it uses.
class ProxyDaemon : public DaemonServices {
 public:
  ProxyDaemon(DaemonContext context, EpochGuard guard, std::unique_ptr<NftablesTable> kernel,
              std::unique_ptr<SpliceRelay> relay, const std::string& container_service)
      : guard_(std::move(guard)),
        store_(context.config.state_dir + "/routes"),
        kernel_(std::move(kernel)),
        relay_(std::move(relay)),
        containers_(context.tls.Connect(container_service,
                                        NodeOf(context.config.cluster, context.config.node))),
        driver_({guard_, store_, *kernel_, connections_, forwarding_, listeners_, *relay_,
                 containers_, context.pool, clock_}),
        keeper_(context.io.get_executor(), {driver_, containers_, sleeper_, LogFailure}),
        service_(context.calls, driver_, guard_) {
    guard_.SaveInBackground(context.io.get_executor(), context.pool);
  }

  Task<absl::Status> Recover(std::set<int> held) {
    DROVER_CO_RETURN_IF_ERROR(co_await driver_.Recover(std::move(held)));
    keeper_.Start();
    co_return absl::OkStatus();
  }

  std::vector<grpc::Service*> Services() override { return {&service_}; }
  Task<void> Stop() override { return keeper_.Stop(); }

 private:
  static void LogFailure(const absl::Status& status) { LOG(WARNING) << status; }

  EpochGuard guard_;
  FileRouteStore store_;
  std::unique_ptr<NftablesTable> kernel_;
  ConntrackConnectionTable connections_;
  LinuxForwarding forwarding_;
  ProcListenerTable listeners_;
  std::unique_ptr<SpliceRelay> relay_;
  RealClock clock_;
  container::GrpcContainerClient containers_;
  TimerSleeper sleeper_;
  RouteDriver driver_;
  RouteKeeper keeper_;
  ProxyServiceImpl service_;
};

Task<absl::StatusOr<std::unique_ptr<DaemonServices>>> Start(DaemonContext context) {
  DROVER_CO_ASSIGN_OR_RETURN(EpochGuard guard,
                             EpochGuard::Open(context.config.state_dir + "/epoch"));
  DROVER_CO_ASSIGN_OR_RETURN(std::unique_ptr<NftablesTable> kernel, NftablesTable::Create());
  absl::StatusOr<std::set<int>> held = kernel->ReadHolds();
  if (ReasonOf(held.status()) == "NO_TABLE") held.emplace();
  if (!held.ok()) co_return held.status();
  SpliceRelay::Options options = {
      .listen_port = kRelayPort, .held_ports = *held, .socket_mark = kRelaySocketMark};
  DROVER_CO_ASSIGN_OR_RETURN(std::unique_ptr<SpliceRelay> relay,
                             SpliceRelay::Start(std::move(options)));
  auto daemon =
      std::make_unique<ProxyDaemon>(context, std::move(guard), std::move(kernel), std::move(relay),
                                    context.config.Get("container_service", "127.0.0.1:7402"));
  DROVER_CO_RETURN_IF_ERROR(co_await daemon->Recover(*std::move(held)));
  co_return daemon;
}

// Takes everything out of the kernel that the daemon put there.
absl::Status RemoveTable() {
  DROVER_ASSIGN_OR_RETURN(std::unique_ptr<NftablesTable> kernel, NftablesTable::Create());
  DROVER_RETURN_IF_ERROR(kernel->Remove());
  return LinuxForwarding().Disable();
}

int Main(int argc, char** argv) {
  CLI::App app("Routes the applications' ports on this node to where they run.", "drover-proxy");
  std::string config_path;
  bool remove_table = false;
  CLI::Option* config_option = app.add_option("--config", config_path, "configuration file (YAML)");
  app.add_flag("--remove-table", remove_table, "take all routes out of the kernel, and end")
      ->excludes(config_option);
  if (const std::optional<int> end = ParseCommandLine(app, argc, argv)) return *end;
  if (remove_table) {
    const absl::Status removed = RemoveTable();
    if (!removed.ok()) std::cerr << "drover-proxy: " << removed.message() << "\n";
    return removed.ok() ? 0 : 1;
  }
  absl::StatusOr<DaemonConfig> config = ReadDaemonConfig(config_path, {"container_service"});
  if (!config.ok()) {
    std::cerr << "drover-proxy: " << config.status().message() << "\n";
    return 2;
  }
  return RunDaemon("drover-proxy", *config, Start);
}

}  // namespace
}  // namespace drover::proxy

int main(int argc, char** argv) { return drover::proxy::Main(argc, argv); }
