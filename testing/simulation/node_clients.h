// The coordinator's clients of a simulated node: every call is a message.
#ifndef DROVER_TESTING_SIMULATION_NODE_CLIENTS_H_
#define DROVER_TESTING_SIMULATION_NODE_CLIENTS_H_

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "services/coordinator/orchestrator/node_directory.h"
#include "testing/simulation/mutant.h"
#include "testing/simulation/network.h"
#include "testing/simulation/sim_node.h"

namespace drover::simulation {

inline constexpr char kCoordinator[] = "coord";

// What a coordinator that takes one migration's answers for another's would have heard: for the
// mutants of the coordinator. Outlives its restarts, as messages do.
struct HeardAnswers {
  // By application, of the migration that was sealed last.
  std::map<std::string, volume::v1::SealResponse> sealed;
  std::map<std::string, std::string> sealed_for;
  std::map<std::string, std::string> prepared_for;
  std::map<std::string, std::string> source_of;
};

// One for each start of the coordinator.
class SimConnector : public coordinator::NodeConnector {
 public:
  struct Deps {
    World& world;
    Network& network;
    std::function<SimNode&(const std::string&)> find_node;
    HeardAnswers& heard;
    Mutant mutant;
  };
  SimConnector(Deps deps, const std::shared_ptr<Process>& process)
      : deps_(std::move(deps)), process_(process) {}

  std::shared_ptr<coordinator::NodeHandle> Connect(const NodeName& name,
                                                   const std::string& address) override;

 private:
  const Deps deps_;
  const std::weak_ptr<Process> process_;
};

}  // namespace drover::simulation

#endif  // DROVER_TESTING_SIMULATION_NODE_CLIENTS_H_
