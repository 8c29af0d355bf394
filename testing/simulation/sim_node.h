// A machine: its disk, its engine, and its three services, which come and go.
#ifndef DROVER_TESTING_SIMULATION_SIM_NODE_H_
#define DROVER_TESTING_SIMULATION_SIM_NODE_H_

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "testing/simulation/container_agent.h"
#include "testing/simulation/node_context.h"
#include "testing/simulation/proxy_agent.h"
#include "testing/simulation/volume_agent.h"

namespace drover::simulation {

// Not thread-safe.
class SimNode : public Host {
 public:
  struct Deps {
    World& world;
    Network& network;
    std::map<ApplicationName, AppModel>& apps;
    // By name.
    std::function<SimNode&(const std::string&)> find_node;
    std::function<void()> check;
    Mutant mutant;
  };
  SimNode(Deps deps, std::string name, std::string address);

  const std::string& host_name() const override { return name_; }
  std::shared_ptr<Process> process() const override { return process_; }
  const std::string& address() const { return address_; }

  void Start();
  // The services end as by kill -9 and are started again; applications run on.
  void CrashServices(absl::Duration down);
  // So does the machine, with all that runs on it.
  void CrashMachine(absl::Duration down);
  bool is_up() const { return process_ != nullptr; }

  // Only while it is up.
  VolumeAgent& volume() { return services_->volume; }
  ContainerAgent& container() { return services_->container; }
  ProxyAgent& proxy() { return services_->proxy; }

  SimDisk disk;
  EngineModel engine;

 private:
  struct Services {
    Services(SimNode& node, const std::shared_ptr<Process>& process);
    NodeContext context;
    VolumeAgent volume;
    ContainerAgent container;
    ProxyAgent proxy;
  };
  VolumeAgent::Peers PeersOf(const std::shared_ptr<Process>& process);
  Task<void> Recover();
  void End(absl::Duration down);

  const Deps deps_;
  const std::string name_;
  const std::string address_;
  std::unique_ptr<Services> services_;
  // Goes before the services: its coroutines use them.
  std::shared_ptr<Process> process_;
  // Only the newest of the restarts that were asked for counts.
  int restarts_ = 0;
};

}  // namespace drover::simulation

#endif  // DROVER_TESTING_SIMULATION_SIM_NODE_H_
