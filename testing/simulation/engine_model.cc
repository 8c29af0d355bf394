#include "testing/simulation/engine_model.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/ids/random_id.h"

namespace drover::simulation {

const SimContainer& EngineModel::Create(const ApplicationName& application, const StartId& start) {
  SimContainer container;
  container.id = ContainerId(RandomHex(32));
  container.start = start;
  deps_.world.Trace(deps_.node, absl::StrCat("container of ", application.value(), ", start ",
                                             start.value().substr(0, 6), ": gated"));
  if (gates_die && deps_.world.random().Chance(900)) KillGateLater(application, container.id);
  return containers[application] = std::move(container);
}

void EngineModel::KillGateLater(ApplicationName application, ContainerId id) {
  auto kill = [this, application, id] {
    const auto found = containers.find(application);
    if (found != containers.end() && found->second.id == id) Exit(application, 137);
  };
  // Mostly before the gate has reported.
  const bool soon = deps_.world.random().Chance(850);
  const absl::Duration latest = soon ? absl::Milliseconds(2) : absl::Milliseconds(60);
  deps_.world.After(deps_.world.random().Between(absl::ZeroDuration(), latest), std::move(kill));
}

void EngineModel::Remove(const ApplicationName& application) {
  if (!containers.contains(application)) return;
  Exit(application, 137);
  containers.erase(application);
}

void EngineModel::RestartByHand(const ApplicationName& application) {
  const auto found = containers.find(application);
  if (found == containers.end() || found->second.state != ProcessState::kExited) return;
  deps_.world.Trace(deps_.node, absl::StrCat("restart by hand of ", application.value()));
  found->second.state = ProcessState::kGated;
  ++found->second.incarnation;
}

bool EngineModel::IsGateWaiting(const StartId& start) const {
  const auto known = starts.find(start);
  if (known == starts.end() || known->second.executed) return false;
  const auto found = containers.find(known->second.application);
  return found != containers.end() && found->second.start == start &&
         found->second.state == ProcessState::kGated && found->second.incarnation == 0;
}

bool EngineModel::IsAlive(const StartId& start) const {
  for (const auto& [application, container] : containers) {
    if (container.start == start) return container.state == ProcessState::kRunning;
  }
  return false;
}

void EngineModel::Release(const StartId& start) {
  if (!IsGateWaiting(start)) return;
  Execute(starts.at(start).application);
}

void EngineModel::Execute(const ApplicationName& application) {
  SimContainer& container = containers.at(application);
  container.state = ProcessState::kRunning;
  const std::optional<Version> live = deps_.disk.volumes[application].live;
  if (!live.has_value()) {
    deps_.world.Fail(absl::StrCat(application.value(), " runs without its volume"));
    return;
  }
  deps_.apps.at(application).Started(deps_.node, container.id, *live);
  WriteLater(application, container.id, container.incarnation);
  auto get_ready = [this, application, id = container.id, incarnation = container.incarnation] {
    GetReadyOrFail(application, id, incarnation);
  };
  const absl::Duration delay =
      deps_.world.random().Between(absl::Milliseconds(5), absl::Milliseconds(200));
  deps_.world.After(delay, std::move(get_ready));
}

SimContainer* EngineModel::Find(const ApplicationName& application, const ContainerId& id,
                                int incarnation) {
  const auto found = containers.find(application);
  if (found == containers.end() || found->second.id != id ||
      found->second.incarnation != incarnation || found->second.state != ProcessState::kRunning) {
    return nullptr;
  }
  return &found->second;
}

void EngineModel::GetReadyOrFail(ApplicationName application, ContainerId id, int incarnation) {
  SimContainer* container = Find(application, id, incarnation);
  if (container == nullptr) return;
  if (broken.contains(application)) {
    Exit(application, 1);
    return;
  }
  container->ready = true;
  if (on_exit) on_exit(application);
}

void EngineModel::WriteLater(ApplicationName application, ContainerId id, int incarnation) {
  const absl::Duration delay =
      deps_.world.random().Between(absl::Milliseconds(2), absl::Milliseconds(60));
  auto write = [this, application, id, incarnation] { Write(application, id, incarnation); };
  deps_.world.After(delay, std::move(write));
}

void EngineModel::Write(ApplicationName application, ContainerId id, int incarnation) {
  if (Find(application, id, incarnation) == nullptr) return;
  AppModel& app = deps_.apps.at(application);
  std::optional<Version>& live = deps_.disk.volumes[application].live;
  if (!live.has_value()) {
    deps_.world.Fail(absl::StrCat(application.value(), " writes, but its volume is gone"));
    return;
  }
  const Version written = app.Write(*live);
  live = written;
  // Its client learns of it a little later, if it lives so long.
  auto acknowledge = [this, application, id, incarnation, written] {
    if (Find(application, id, incarnation) == nullptr) return;
    deps_.apps.at(application).Acknowledge(written);
  };
  deps_.world.After(deps_.world.random().Between(absl::ZeroDuration(), absl::Milliseconds(1)),
                    std::move(acknowledge));
  WriteLater(application, id, incarnation);
}

void EngineModel::Exit(const ApplicationName& application, int exit_code) {
  const auto found = containers.find(application);
  if (found == containers.end() || found->second.state == ProcessState::kExited) return;
  SimContainer& container = found->second;
  const bool ran = container.state == ProcessState::kRunning;
  container.state = ProcessState::kExited;
  container.ready = false;
  container.exit_code = exit_code;
  if (ran) {
    deps_.world.Trace(deps_.node, absl::StrCat(application.value(), " ended: ", exit_code));
    deps_.apps.at(application).Ended(container.id);
  }
  if (on_exit) on_exit(application);
  if (deps_.mutant != Mutant::kRestartPolicyAlways || !ran) return;
  // The engine starts what ended, and nothing asks whether it may.
  auto restart = [this, application, id = container.id] {
    const auto again = containers.find(application);
    if (again == containers.end() || again->second.id != id) return;
    if (again->second.state != ProcessState::kExited) return;
    if (!deps_.disk.volumes[application].live.has_value()) return;
    ++again->second.incarnation;
    Execute(application);
  };
  deps_.world.After(deps_.world.random().Between(absl::Milliseconds(100), absl::Seconds(3)),
                    std::move(restart));
}

void EngineModel::Kill(const ApplicationName& application) {
  const auto found = containers.find(application);
  if (found == containers.end() || found->second.state != ProcessState::kRunning) return;
  Exit(application, 137);
}

void EngineModel::CrashMachine() {
  for (auto& [application, container] : containers) {
    const bool ran = container.state == ProcessState::kRunning;
    container.state = ProcessState::kExited;
    container.ready = false;
    container.exit_code = 255;
    if (ran) deps_.apps.at(application).Ended(container.id);
    // What was written and not acknowledged may be lost.
    std::optional<Version>& live = deps_.disk.volumes[application].live;
    AppModel& app = deps_.apps.at(application);
    if (ran && live.has_value() && *live != app.acknowledged() &&
        app.Holds(*live, app.acknowledged()) && deps_.world.random().Chance(500)) {
      live = app.acknowledged();
    }
  }
  // A reboot clears the run folder, and nothing is mounted after it.
  starts.clear();
}

}  // namespace drover::simulation
