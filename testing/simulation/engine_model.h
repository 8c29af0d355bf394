// A node's container engine and kernel: processes, mounts, and the sockets of the gates.
#ifndef DROVER_TESTING_SIMULATION_ENGINE_MODEL_H_
#define DROVER_TESTING_SIMULATION_ENGINE_MODEL_H_

#include <functional>
#include <map>
#include <set>
#include <string>

#include "services/common/ids/ids.h"
#include "testing/simulation/app_model.h"
#include "testing/simulation/mutant.h"
#include "testing/simulation/sim_disk.h"
#include "testing/simulation/world.h"

namespace drover::simulation {

enum class ProcessState { kGated, kRunning, kExited };

struct SimContainer {
  ContainerId id;
  StartId start;
  ProcessState state = ProcessState::kGated;
  // Counts its processes: one that was restarted is another.
  int incarnation = 0;
  bool ready = false;
  int exit_code = 0;
};

// The volume service's slots of one start, kept in a folder that a reboot clears.
struct SimStart {
  ApplicationName application;
  ContainerId container;
  bool mounted = false;
  bool executed = false;
};

// Outlives the services; a crash of the machine ends all processes. Not thread-safe.
class EngineModel {
 public:
  struct Deps {
    World& world;
    const std::string& node;
    SimDisk& disk;
    std::map<ApplicationName, AppModel>& apps;
    Mutant mutant;
  };
  explicit EngineModel(Deps deps) : deps_(deps) {}

  // Told of the end of each program.
  std::function<void(const ApplicationName&)> on_exit;
  // Applications that do not get ready here.
  std::set<ApplicationName> broken;

  // Most new containers are killed before long, behind their gates or not.
  bool gates_die = false;

  // By application: the engine refuses a second container of that name.
  std::map<ApplicationName, SimContainer> containers;
  std::map<StartId, SimStart> starts;

  // A new container with a gate that waits.
  const SimContainer& Create(const ApplicationName& application, const StartId& start);
  void Remove(const ApplicationName& application);
  // Somebody restarts the container by hand: its gate's socket is gone, so it waits for ever.
  void RestartByHand(const ApplicationName& application);

  // The start's gate waits for its one message.
  bool IsGateWaiting(const StartId& start) const;
  // The gate executes the application.
  void Release(const StartId& start);
  // The start has a process that is beyond its gate.
  bool IsAlive(const StartId& start) const;

  void Exit(const ApplicationName& application, int exit_code);
  // Nothing happens if its program does not run.
  void Kill(const ApplicationName& application);
  void CrashMachine();

 private:
  void KillGateLater(ApplicationName application, ContainerId id);
  void WriteLater(ApplicationName application, ContainerId id, int incarnation);
  void Write(ApplicationName application, ContainerId id, int incarnation);
  // The container, if that process of it still runs.
  SimContainer* Find(const ApplicationName& application, const ContainerId& id, int incarnation);
  void GetReadyOrFail(ApplicationName application, ContainerId id, int incarnation);
  void Execute(const ApplicationName& application);

  const Deps deps_;
};

}  // namespace drover::simulation

#endif  // DROVER_TESTING_SIMULATION_ENGINE_MODEL_H_
