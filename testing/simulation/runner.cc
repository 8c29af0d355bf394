#include "testing/simulation/runner.h"

#include <glog/logging.h>

#include <boost/asio/co_spawn.hpp>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "testing/simulation/cluster.h"
#include "testing/simulation/random_source.h"
#include "testing/simulation/scenario.h"
#include "testing/simulation/world.h"

namespace drover::simulation {
namespace {

// After the last fault: I5's 30 s, and what the applications' own stops and starts, the copies and
// the moves that a resumed deployment begins only then take.
constexpr absl::Duration kEnd = absl::Seconds(45);
// A late SetHold may come again at any time, and is noticed by the reconciler.
constexpr absl::Duration kHoldLife = absl::Seconds(5);
// For the cluster's making, in which nothing goes wrong.
constexpr absl::Duration kSetUp = absl::Seconds(20);

class Run {
 public:
  explicit Run(const RunOptions& options)
      : world_(options.seed, options.keep_trace),
        scenario_(MakeScenario(world_.random())),
        cluster_(world_, scenario_.nodes, scenario_.applications, options.mutant) {}

  ~Run() { world_.Clear(); }

  RunResult Execute() {
    for (const auto& node : cluster_.nodes) node->Start();
    coordinator().Start();
    if (!SetUp()) world_.Fail("the cluster was not made");
    if (!world_.failed()) Disturb();
    RunResult result;
    result.failure = world_.failure();
    result.scenario = scenario_.name;
    result.trace_hash = world_.trace_hash();
    result.trace = world_.trace();
    result.events = world_.events();
    for (const coordinator::MigrationRecord& one : coordinator().durable().migrations) {
      ++result.moves;
      if (one.state == coordinator::MigrationState::kDone) ++result.done;
      if (one.state == coordinator::MigrationState::kAborted) ++result.aborted;
    }
    return result;
  }

 private:
  CoordinatorHost& coordinator() { return *cluster_.coordinator; }
  SimNode& node(int index) { return *cluster_.nodes[index]; }

  // Steps until `done` or for that long.
  bool StepUntil(absl::Duration limit, const std::function<bool()>& done) {
    const absl::Time end = world_.Now() + limit;
    while (!world_.failed() && world_.Now() < end) {
      if (done()) return true;
      if (!world_.Step()) return false;
    }
    return !world_.failed() && done();
  }

  // Somebody asks the coordinator; if it dies meanwhile nobody hears of it.
  template <class T>
  void Ask(Task<T> task, std::function<void()> then) {
    auto done = [then](std::exception_ptr, T) {
      if (then) then();
    };
    boost::asio::co_spawn(coordinator().process()->executor(), std::move(task), std::move(done));
    world_.After(absl::ZeroDuration(), coordinator().process(), [] {});
  }

  coordinator::DesiredState Desired(const std::vector<int>& placement) {
    coordinator::DesiredState desired;
    for (const auto& one : cluster_.nodes) desired.nodes.push_back({one->host_name(), {}, ""});
    int index = 0;
    for (const auto& [name, app] : cluster_.apps) {
      coordinator::ApplicationSpec spec;
      spec.name = name;
      spec.image = "image:1";
      spec.ports = {{80, 8000 + index}};
      spec.volumes.push_back({"", "/data", 0, ""});
      spec.restart_policy.mode = coordinator::RestartMode::kAlways;
      spec.stop_timeout = absl::Seconds(5);
      desired.nodes[placement[index]].applications.push_back(name);
      desired.applications.push_back(std::move(spec));
      ++index;
    }
    return desired;
  }

  bool IsDeploying() {
    for (const coordinator::DeploymentRecord& one : coordinator().durable().deployments) {
      if (one.state == coordinator::DeploymentState::kRunning) return true;
    }
    return false;
  }

  bool SetUp() {
    world_.Step();
    for (const auto& one : cluster_.nodes) {
      bool added = false;
      Ask(coordinator().orchestrator().registry.Add(NodeName(one->host_name()), one->address()),
          [&added] { added = true; });
      if (!StepUntil(kSetUp, [&added] { return added; })) return false;
    }
    Deploy();
    auto runs = [this] {
      return coordinator().durable().deployments.size() == 1 && cluster_.Unfinished().empty();
    };
    return StepUntil(kSetUp, runs);
  }

  void Deploy() {
    asked_ = world_.Now();
    const std::vector<int>& placement = scenario_.placements[next_];
    std::string words = "deploy:";
    for (int one : placement) absl::StrAppend(&words, " node", one + 1);
    world_.Trace("user", words);
    deployments_before_ = coordinator().durable().deployments.size();
    coordinator::MigrationOptions options;
    Ask(coordinator().orchestrator().deployments.Create(Desired(placement), "", options, "user"),
        nullptr);
  }

  // The next placement, once the last one is done or lost with its coordinator.
  void DeployNext() {
    if (healed_) return;
    const bool begun = coordinator().durable().deployments.size() > deployments_before_;
    const bool lost = !begun && world_.Now() - asked_ > absl::Seconds(1);
    if (coordinator().is_up() && !IsDeploying() && (begun || lost)) {
      if (begun) ++next_;
      if (next_ >= scenario_.placements.size()) return;
      Deploy();
    }
    world_.After(scenario_.pause, [this] { DeployNext(); });
  }

  void Disturb() {
    world_.Trace("user", absl::StrCat("scenario ", scenario_.name));
    cluster_.network.faults = scenario_.network;
    coordinator().store_state.crash_before = scenario_.store_crash_before;
    coordinator().store_state.crash_after = scenario_.store_crash_after;
    if (scenario_.broken_on >= 0) {
      node(scenario_.broken_on).engine.broken.insert(cluster_.apps.begin()->first);
    }
    for (const Fault& fault : scenario_.faults) {
      world_.After(fault.at, [this, fault] {
        if (!healed_) Strike(fault);
      });
    }
    DeployNext();
    const absl::Time heal = world_.Now() + scenario_.heal_at;
    StepUntil(scenario_.heal_at, [this, heal] {
      return world_.Now() >= heal || (scenario_.calm && next_ >= scenario_.placements.size());
    });
    if (world_.failed()) return;
    Heal();
    if (!StepUntil(kEnd, [this] { return IsFinished(); })) {
      world_.Fail(absl::StrCat("not finished: ", cluster_.Unfinished()));
    }
    if (world_.failed()) return;
    CheckCalm();
    if (!cluster_.IsHeld()) return;
    StepUntil(kHoldLife, [this] { return !cluster_.IsHeld(); });
    if (cluster_.IsHeld()) world_.Fail("I7: a hold is left");
  }

  // Looked at from time to time: the events in between change little.
  bool IsFinished() {
    if (world_.Now() - looked_ < absl::Milliseconds(100)) return false;
    looked_ = world_.Now();
    return cluster_.Unfinished().empty();
  }

  void CheckCalm() {
    if (!scenario_.calm) return;
    if (next_ < scenario_.placements.size()) world_.Fail("I5: not all was asked in time");
    for (const coordinator::DeploymentRecord& one : coordinator().durable().deployments) {
      if (one.state != coordinator::DeploymentState::kDone) {
        world_.Fail(absl::StrCat("I5: nothing went wrong, but: ", one.error));
      }
    }
  }

  void Heal() {
    world_.Trace("user", "heal");
    healed_ = true;
    cluster_.network.Heal();
    coordinator().store_state.crash_before = 0;
    coordinator().store_state.crash_after = 0;
    for (const auto& one : cluster_.nodes) {
      one->disk.full = false;
      one->engine.broken.clear();
      one->engine.gates_die = false;
      one->Start();
    }
    coordinator().Start();
  }

  void CutFor(const std::string& from, const std::string& to, absl::Duration duration) {
    world_.Trace("net", absl::StrCat("cut ", from, " > ", to));
    cluster_.network.Cut(from, to);
    world_.After(duration, [this, from, to] { cluster_.network.HealLink(from, to); });
  }

  void Strike(const Fault& fault) {
    SimNode& struck = node(fault.node);
    auto app = cluster_.apps.begin();
    std::advance(app, fault.application);
    switch (fault.kind) {
      case FaultKind::kCrashCoordinator:
        coordinator().Crash(fault.duration);
        return;
      case FaultKind::kCrashServices:
        struck.CrashServices(fault.duration);
        return;
      case FaultKind::kCrashMachine:
        struck.CrashMachine(fault.duration);
        return;
      case FaultKind::kCutToCoordinator:
        CutFor(struck.host_name(), kCoordinator, fault.duration);
        return;
      case FaultKind::kCutFromCoordinator:
        CutFor(kCoordinator, struck.host_name(), fault.duration);
        CutFor(struck.host_name(), kCoordinator, fault.duration);
        return;
      case FaultKind::kCutBetweenNodes:
        CutFor(struck.host_name(), node(fault.other).host_name(), fault.duration);
        return;
      case FaultKind::kFullDisk:
        world_.Trace(struck.host_name(), "pool full");
        struck.disk.full = true;
        world_.After(fault.duration, [&struck] { struck.disk.full = false; });
        return;
      case FaultKind::kGatesDie:
        world_.Trace(struck.host_name(), "gates die");
        struck.engine.gates_die = true;
        world_.After(fault.duration, [&struck] { struck.engine.gates_die = false; });
        return;
      case FaultKind::kKillApplication:
        struck.engine.Kill(app->first);
        return;
      case FaultKind::kRestartByHand:
        RestartByHand(struck, app->first);
        return;
      case FaultKind::kCancel:
        Cancel();
        return;
    }
  }

  // One that was stopped for good, as by a seal. Whoever is quicker than the restart of one that
  // has just ended gets what he deserves: a move that waits for its readiness.
  void RestartByHand(SimNode& struck, const ApplicationName& application) {
    const auto start = struck.disk.starts.find(application.value());
    const bool is_stopped = start != struck.disk.starts.end() &&
                            start->second.intent() == container::v1::StartRecord::INTENT_STOPPED;
    if (is_stopped) struck.engine.RestartByHand(application);
  }

  void Cancel() {
    if (!coordinator().is_up()) return;
    for (const coordinator::MigrationRecord& one : coordinator().durable().migrations) {
      if (IsTerminal(one.state)) continue;
      world_.Trace("user", absl::StrCat("cancel ", one.generation.value()));
      Ask(coordinator().orchestrator().migrations.Cancel(one.id, "user"), nullptr);
    }
  }

  World world_;
  const Scenario scenario_;
  Cluster cluster_;
  size_t next_ = 0;
  absl::Time asked_;
  absl::Time looked_ = absl::InfinitePast();
  size_t deployments_before_ = 0;
  bool healed_ = false;
};

}  // namespace

RunResult Simulate(const RunOptions& options) {
  // The trace says what the coordinator would log, and in virtual time.
  FLAGS_minloglevel = google::GLOG_FATAL;
  const RandomSource ids(options.seed);
  auto run = std::make_unique<Run>(options);
  return run->Execute();
}

}  // namespace drover::simulation
