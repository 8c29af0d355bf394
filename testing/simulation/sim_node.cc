#include "testing/simulation/sim_node.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace drover::simulation {

SimNode::Services::Services(SimNode& node, const std::shared_ptr<Process>& process)
    : context({node.deps_.world, node.deps_.network, node, node.disk, node.engine, node.deps_.apps,
               node.deps_.check, node.deps_.mutant},
              process),
      volume(context, node.PeersOf(process)),
      container(context, volume),
      proxy(context) {}

SimNode::SimNode(Deps deps, std::string name, std::string address)
    : engine({deps.world, name_, disk, deps.apps, deps.mutant}),
      deps_(std::move(deps)),
      name_(std::move(name)),
      address_(std::move(address)) {
  engine.on_exit = [this](const ApplicationName& application) {
    auto tell = [this, application] { container().OnEngineEvent(application); };
    if (process_ != nullptr) {
      deps_.world.After(absl::Microseconds(100), process_, std::move(tell));
    }
  };
}

VolumeAgent::Peers SimNode::PeersOf(const std::shared_ptr<Process>& process) {
  using Strings = std::vector<std::string>;
  VolumeAgent::Peers peers;
  const std::weak_ptr<Process> caller = process;
  peers.snapshots = [this, caller](std::string node, ApplicationName application) {
    SimNode* peer = &deps_.find_node(node);
    std::function<Task<absl::StatusOr<Strings>>()> serve = [peer, application] {
      return peer->volume().Snapshots(application);
    };
    return deps_.network.Call<Strings>({name_, caller, peer}, "GetSnapshots", absl::Seconds(10),
                                       Network::Repeatable::kNo, std::move(serve));
  };
  peers.send = [this, caller](std::string node, SimTransfer transfer) {
    SimNode* peer = &deps_.find_node(node);
    std::function<Task<absl::StatusOr<bool>>()> serve = [peer, transfer] {
      return peer->volume().Receive(transfer);
    };
    return deps_.network.Call<bool>({name_, caller, peer}, "Transfer", absl::Seconds(30),
                                    Network::Repeatable::kNo, std::move(serve));
  };
  peers.stop_container = [this](ApplicationName application) {
    return container().Stop(application);
  };
  return peers;
}

void SimNode::Start() {
  if (process_ != nullptr) return;
  deps_.world.Trace(name_, "services begin");
  auto process = std::make_shared<Process>();
  services_ = std::make_unique<Services>(*this, process);
  process_ = process;
  auto recover = [this] {
    auto done = [](std::exception_ptr error) {
      if (error != nullptr) std::rethrow_exception(error);
    };
    boost::asio::co_spawn(process_->executor(), Recover(), std::move(done));
  };
  // Before the ports open: nothing that takes time is in it, as long as nothing is left over.
  deps_.world.After(absl::ZeroDuration(), process, std::move(recover));
}

Task<void> SimNode::Recover() {
  co_await volume().Recover();
  container().Recover();
}

void SimNode::End(absl::Duration down) {
  deps_.network.Died(*this);
  process_.reset();
  services_.reset();
  const int restart = ++restarts_;
  auto start = [this, restart] {
    if (restart == restarts_) Start();
  };
  deps_.world.After(down, std::move(start));
}

void SimNode::CrashServices(absl::Duration down) {
  if (process_ == nullptr) return;
  deps_.world.Trace(name_, "services crash");
  End(down);
}

void SimNode::CrashMachine(absl::Duration down) {
  deps_.world.Trace(name_, "machine crashes");
  engine.CrashMachine();
  End(down);
  deps_.check();
}

}  // namespace drover::simulation
