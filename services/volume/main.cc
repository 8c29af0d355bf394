// drover-volume: the storage of one node. Also makes a pool in a file.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/common/async/sleeper.h"
#include "services/common/fence/epoch_guard.h"
#include "services/common/log/log.h"
#include "services/common/server/command_line.h"
#include "services/common/server/daemon.h"
#include "services/common/status/status_macros.h"
#include "services/common/time/clock.h"
#include "services/container/client/grpc_container_client.h"
#include "services/volume/backend/btrfs_backend.h"
#include "services/volume/backend/failpoint_backend.h"
#include "services/volume/backend/linux_host.h"
#include "services/volume/backend/pool_file.h"
#include "services/volume/backend/witness_file.h"
#include "services/volume/backend/zfs_backend.h"
#include "services/volume/client/grpc_peer.h"
#include "services/volume/driver/app_starts.h"
#include "services/volume/driver/gate_keeper.h"
#include "services/volume/driver/group_manager.h"
#include "services/volume/driver/group_store.h"
#include "services/volume/driver/push_rounds.h"
#include "services/volume/driver/receiver.h"
#include "services/volume/driver/sealer.h"
#include "services/volume/driver/seeder.h"
#include "services/volume/driver/serving_guard.h"
#include "services/volume/driver/start_table.h"
#include "services/volume/driver/volume_history.h"
#include "services/volume/driver/volume_sizes.h"
#include "services/volume/service/transfer_service.h"
#include "services/volume/service/volume_service.h"

namespace drover::volume {
namespace {

// Owns the daemon's parts, each after what it uses.
class VolumeDaemon : public DaemonServices {
 public:
  VolumeDaemon(DaemonContext context, EpochGuard epochs, std::unique_ptr<StorageBackend> backend,
               WitnessFile witness, const std::string& run_dir,
               const std::string& container_service)
      : executor_(context.io.get_executor()),
        epochs_(std::move(epochs)),
        backend_(std::make_unique<FailpointBackend>(std::move(backend))),
        containers_(context.tls.Connect(container_service,
                                        NodeOf(context.config.cluster, context.config.node))),
        peers_(ConnectorOf(context)),
        groups_(*backend_, context.pool),
        witness_(std::move(witness)),
        guard_({executor_, *backend_, context.pool, groups_, witness_, sleeper_, clock_}),
        start_table_(host_, context.pool, run_dir),
        gates_(executor_, host_, context.pool),
        starts_({*backend_, host_, context.pool, groups_, start_table_, gates_, guard_}),
        sizes_(executor_, *backend_, clock_),
        pushes_({executor_, *backend_, context.pool, groups_, peers_, sizes_, sleeper_, clock_}),
        receiver_(executor_, *backend_, context.pool, groups_),
        sealer_({*backend_, context.pool, groups_, starts_, containers_, clock_}),
        seeder_(executor_, *backend_, context.pool, groups_, run_dir),
        manager_({*backend_, context.pool, groups_, starts_, pushes_, receiver_, sizes_, guard_}),
        history_({*backend_, context.pool, groups_, starts_, sizes_, guard_}),
        volume_service_({context.calls, NodeName(context.config.node), backend_->Kind(), epochs_,
                         guard_, manager_, history_, starts_, pushes_, sealer_, seeder_}),
        transfer_service_(context.calls, receiver_) {
    epochs_.SaveInBackground(executor_, context.pool);
  }

  Task<absl::Status> Recover() {
    DROVER_CO_RETURN_IF_ERROR(co_await manager_.Recover());
    DROVER_CO_RETURN_IF_ERROR(co_await guard_.Begin());
    co_await history_.Recover();
    DROVER_CO_RETURN_IF_ERROR(co_await seeder_.UnmountLeftover());
    DROVER_CO_RETURN_IF_ERROR(co_await start_table_.Load());
    co_return starts_.ListenAgain();
  }

  std::vector<grpc::Service*> Services() override { return {&volume_service_, &transfer_service_}; }
  Task<void> Stop() override {
    co_await guard_.Stop();
    co_await sizes_.Stop();
    co_await pushes_.CancelAll();
    co_await receiver_.Stop();
  }

 private:
  static ConnectChannel ConnectorOf(const DaemonContext& context) {
    return [&tls = context.tls, cluster = context.config.cluster](const NodeName& node,
                                                                  const std::string& address) {
      return tls.Connect(address, NodeOf(cluster, node.value()));
    };
  }

  const boost::asio::any_io_executor executor_;
  EpochGuard epochs_;
  const std::unique_ptr<StorageBackend> backend_;
  LinuxHost host_;
  RealClock clock_;
  TimerSleeper sleeper_;
  container::GrpcContainerClient containers_;
  GrpcPeerConnector peers_;
  GroupStore groups_;
  WitnessFile witness_;
  ServingGuard guard_;
  StartTable start_table_;
  GateKeeper gates_;
  AppStarts starts_;
  VolumeSizes sizes_;
  PushRounds pushes_;
  Receiver receiver_;
  Sealer sealer_;
  Seeder seeder_;
  GroupManager manager_;
  VolumeHistory history_;
  VolumeServiceImpl volume_service_;
  TransferServiceImpl transfer_service_;
};

absl::StatusOr<std::unique_ptr<StorageBackend>> OpenBackend(const DaemonConfig& config) {
  DROVER_ASSIGN_OR_RETURN(std::string kind, config.Require("pool.backend"));
  if (kind == "btrfs") return BtrfsBackend::Create(config.Get("pool.path", "/flocker"));
  if (kind == "zfs") return ZfsBackend::Create(config.Get("pool.name", "flocker"));
  return absl::InvalidArgumentError(
      absl::StrCat("pool.backend \"", kind, "\" is unknown: use btrfs or zfs"));
}

Task<absl::StatusOr<std::unique_ptr<DaemonServices>>> Start(DaemonContext context) {
  DROVER_CO_ASSIGN_OR_RETURN(EpochGuard epochs,
                             EpochGuard::Open(context.config.state_dir + "/epoch"));
  DROVER_CO_ASSIGN_OR_RETURN(std::unique_ptr<StorageBackend> backend, OpenBackend(context.config));
  WitnessFile witness(context.config.state_dir + "/witness.json");
  auto daemon = std::make_unique<VolumeDaemon>(
      context, std::move(epochs), std::move(backend), std::move(witness),
      context.config.Get("run_dir", "/run/drover/volume"),
      context.config.Get("container_service", "127.0.0.1:7402"));
  DROVER_CO_RETURN_IF_ERROR(co_await daemon->Recover());
  co_return daemon;
}

int Report(const absl::Status& status, const std::string& success) {
  if (status.ok()) {
    std::cout << success << "\n";
    return 0;
  }
  std::cerr << "drover-volume: " << status.message() << "\n";
  return absl::IsInvalidArgument(status) ? 2 : 1;
}

// What --mount-pool must be told besides the file.
std::string OptionsOf(const PoolFile& file) {
  if (file.backend == "zfs") return absl::StrCat(" --backend zfs --name ", file.name);
  return absl::StrCat(" --mount ", file.mount_point);
}

int InitPool(const PoolFile& file, const std::string& size) {
  absl::StatusOr<int64_t> bytes = ParsePoolSize(size);
  absl::Status status = bytes.ok() ? InitPoolFile(file, *bytes) : bytes.status();
  const std::string& where = file.backend == "zfs" ? file.name : file.mount_point;
  return Report(
      status,
      absl::StrCat("the ", file.backend, " pool ", where, " is ready in ", file.path,
                   ". After each reboot, as drover-pool.service does: drover-volume --mount-pool ",
                   file.path, OptionsOf(file)));
}

int Main(int argc, char** argv) {
  CLI::App app("Keeps and moves the applications' volumes on this node.", "drover-volume");
  std::string config_path, init_path, mount_path;
  std::string size = "10G";
  PoolFile file{.backend = "btrfs", .mount_point = "/flocker", .name = "flocker"};
  auto* config = app.add_option("--config", config_path, "configuration file (YAML)");
  auto* init = app.add_option("--init-pool", init_path, "make a new pool in FILE, and end");
  auto* mount = app.add_option("--mount-pool", mount_path, "mount the pool in FILE, and end");
  app.add_option("--size", size, "size of a new pool, such as 10G")->needs(init);
  app.add_option("--backend", file.backend, "btrfs or zfs");
  app.add_option("--mount", file.mount_point, "where a btrfs pool is mounted");
  app.add_option("--name", file.name, "name of a ZFS pool");
  init->excludes(config)->excludes(mount);
  mount->excludes(config);
  if (const std::optional<int> end = ParseCommandLine(app, argc, argv)) return *end;
  if (!init_path.empty() || !mount_path.empty()) {
    file.path = std::filesystem::absolute(init_path.empty() ? mount_path : init_path);
  }
  if (!init_path.empty()) return InitPool(file, size);
  if (!mount_path.empty()) {
    return Report(MountPoolFile(file), absl::StrCat("the pool in ", file.path, " is mounted"));
  }
  absl::StatusOr<DaemonConfig> daemon_config = ReadDaemonConfig(
      config_path, {"pool.backend", "pool.path", "pool.name", "run_dir", "container_service"});
  if (!daemon_config.ok()) {
    std::cerr << "drover-volume: " << daemon_config.status().message() << "\n";
    return 2;
  }
  return RunDaemon("drover-volume", *daemon_config, Start);
}

}  // namespace
}  // namespace drover::volume

int main(int argc, char** argv) { return drover::volume::Main(argc, argv); }
