// What the simulated services of a node have in common.
#ifndef DROVER_TESTING_SIMULATION_NODE_CONTEXT_H_
#define DROVER_TESTING_SIMULATION_NODE_CONTEXT_H_

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "drover/common/v1/fence.pb.h"
#include "services/common/async/task.h"
#include "services/common/fence/epoch_rule.h"
#include "services/common/status/reason.h"
#include "testing/simulation/app_model.h"
#include "testing/simulation/engine_model.h"
#include "testing/simulation/mutant.h"
#include "testing/simulation/network.h"
#include "testing/simulation/sim_disk.h"
#include "testing/simulation/world.h"

namespace drover::simulation {

// One start of a node's services; goes with their process. The disk and the engine outlive it.
class NodeContext {
 public:
  struct Deps {
    World& world;
    Network& network;
    Host& host;
    SimDisk& disk;
    EngineModel& engine;
    std::map<ApplicationName, AppModel>& apps;
    // Looks at the whole cluster, after each durable change.
    std::function<void()> check;
    Mutant mutant;
  };
  NodeContext(Deps deps, const std::shared_ptr<Process>& process)
      : deps_(std::move(deps)), process_(process), sleeper_(deps_.world, process) {}

  World& world() { return deps_.world; }
  Network& network() { return deps_.network; }
  SimDisk& disk() { return deps_.disk; }
  EngineModel& engine() { return deps_.engine; }
  AppModel& app(const ApplicationName& name) { return deps_.apps.at(name); }
  Mutant mutant() const { return deps_.mutant; }
  const std::string& name() const { return deps_.host.host_name(); }
  const std::shared_ptr<Process> process() const { return process_.lock(); }
  void Check() { deps_.check(); }

  Task<void> Sleep(absl::Duration shortest, absl::Duration longest) {
    co_await sleeper_.SleepFor(deps_.world.random().Between(shortest, longest));
  }
  // What takes a moment; a crash may come in it.
  Task<void> Step() { co_await Sleep(absl::Microseconds(50), absl::Milliseconds(3)); }

  // Makes one record durable: `apply` changes the disk, as a whole or, if a crash comes first, not
  // at all; then it is still a moment until we know.
  Task<void> Write(std::string what, std::function<void()> apply) {
    co_await Step();
    Apply(what, apply);
    co_await Step();
  }
  // The same into the pool, which may be full. There is ballast for a record without which a move
  // could neither go on nor be undone.
  Task<absl::Status> WriteToPool(std::string what, bool from_ballast, std::function<void()> apply) {
    if (deps_.disk.full && !from_ballast) {
      co_await Step();
      co_return StatusWithReason(absl::StatusCode::kResourceExhausted, "POOL_FULL",
                                 "this node's storage pool is full");
    }
    if (deps_.mutant == Mutant::kAckBeforeFsync) {
      WriteLate(std::move(what), std::move(apply));
      co_return absl::OkStatus();
    }
    co_await Write(std::move(what), std::move(apply));
    co_return absl::OkStatus();
  }

  // Whether the caller is the newest coordinator; a newer one is made durable first.
  absl::Status Admit(const common::v1::Fence& fence, SeenEpoch& highest) {
    const SeenEpoch caller{fence.epoch(), fence.nonce()};
    const absl::StatusOr<EpochVerdict> verdict = JudgeEpoch(highest, caller);
    if (!verdict.ok()) return verdict.status();
    if (*verdict == EpochVerdict::kNewer) highest = caller;
    return absl::OkStatus();
  }

 private:
  void Apply(const std::string& what, const std::function<void()>& apply) {
    apply();
    deps_.world.Trace(name(), absl::StrCat("disk: ", what));
    deps_.check();
    deps_.network.MaybeReplay(deps_.host);
  }
  void WriteLate(std::string what, std::function<void()> apply) {
    late_ = std::max(late_, deps_.world.Now() + deps_.world.random().Between(absl::Milliseconds(1),
                                                                             absl::Seconds(2)));
    auto write = [this, what, apply] { Apply(what, apply); };
    deps_.world.After(late_ - deps_.world.Now(), process_.lock(), std::move(write));
  }

  const Deps deps_;
  const std::weak_ptr<Process> process_;
  SimSleeper sleeper_;
  absl::Time late_ = absl::InfinitePast();
};

}  // namespace drover::simulation

#endif  // DROVER_TESTING_SIMULATION_NODE_CONTEXT_H_
