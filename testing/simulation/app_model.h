// An application as its clients see it: what it acknowledged, and where it runs.
#ifndef DROVER_TESTING_SIMULATION_APP_MODEL_H_
#define DROVER_TESTING_SIMULATION_APP_MODEL_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "services/common/ids/ids.h"
#include "testing/simulation/world.h"

namespace drover::simulation {

// The content of a volume: all writes up to one. 0 = none.
using Version = int64_t;

// Each write makes a version out of the one that it finds, so a volume's past is a chain, and two
// volumes that were written apart from each other are told apart. Not thread-safe.
class AppModel {
 public:
  AppModel(World& world, ApplicationName name) : world_(world), name_(std::move(name)) {}

  const ApplicationName& name() const { return name_; }

  Version Write(Version on) {
    parents_.push_back(on);
    return static_cast<Version>(parents_.size());
  }
  Version ParentOf(Version version) const { return version == 0 ? 0 : parents_[version - 1]; }
  // `copy` has all that `wanted` has.
  bool Holds(Version copy, Version wanted) const {
    while (copy > wanted) copy = ParentOf(copy);
    return copy == wanted;
  }

  // A client was told that all up to `version` is safe.
  void Acknowledge(Version version);
  Version acknowledged() const { return acknowledged_; }

  // Its program begins, or goes on no more. I1 and I2 are looked at here.
  void Started(const std::string& node, const ContainerId& container, Version serves);
  void Ended(const ContainerId& container) { running_.erase(container); }
  // Container to node.
  const std::map<ContainerId, std::string>& running() const { return running_; }

 private:
  World& world_;
  const ApplicationName name_;
  std::vector<Version> parents_;
  Version acknowledged_ = 0;
  std::map<ContainerId, std::string> running_;
};

}  // namespace drover::simulation

#endif  // DROVER_TESTING_SIMULATION_APP_MODEL_H_
