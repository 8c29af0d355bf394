// All of a simulated cluster, and what must hold in it.
#ifndef DROVER_TESTING_SIMULATION_CLUSTER_H_
#define DROVER_TESTING_SIMULATION_CLUSTER_H_

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "testing/simulation/coordinator_host.h"
#include "testing/simulation/mutant.h"
#include "testing/simulation/network.h"
#include "testing/simulation/sim_node.h"
#include "testing/simulation/world.h"

namespace drover::simulation {

// I1 and I2 of what runs are AppModel's, I3 and I4 of the journal WatchedStore's, I6's "never back"
// ProxyAgent's. Not thread-safe.
class Cluster {
 public:
  Cluster(World& world, int nodes, int applications, Mutant mutant);

  Network network;
  std::map<ApplicationName, AppModel> apps;
  std::vector<std::unique_ptr<SimNode>> nodes;
  std::unique_ptr<CoordinatorHost> coordinator;

  SimNode& FindNode(const std::string& name);

  // What holds at every instant, looked at after each durable change: one owner, whose generations
  // never go back, and a durable copy of all that was acknowledged.
  void CheckAlways();
  // What is still to be done until the cluster is as the journal says, I5 to I7; empty if nothing.
  std::string Unfinished();
  // A hold that a late message left ends by its own time.
  bool IsHeld();

 private:
  void CheckOwners(const AppModel& app);
  void CheckCopies(const AppModel& app);
  std::string UnfinishedWork();
  std::string UnfinishedRoutes();
  std::string UnfinishedAt(SimNode& node, const coordinator::ApplicationRecord& record);

  World& world_;
  // Who owned which generation of an application.
  std::map<std::pair<ApplicationName, Generation>, std::string> owners_;
  std::map<std::pair<ApplicationName, std::string>, Generation> newest_;
};

}  // namespace drover::simulation

#endif  // DROVER_TESTING_SIMULATION_CLUSTER_H_
