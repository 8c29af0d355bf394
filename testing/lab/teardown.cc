#include "testing/lab/teardown.h"

#include <signal.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"
#include "testing/lab/engine.h"
#include "testing/lab/folders.h"
#include "testing/lab/lab_paths.h"
#include "testing/lab/leaks.h"
#include "testing/lab/podman.h"

namespace drover::lab {
namespace {

// The end of process 1 of a PID namespace waits for all others in it; a file system that is
// unmounted by it may have a lot to write first.
constexpr absl::Duration kPatience = absl::Seconds(60);
// For process 1 of this computer, which may look for zombies only every few seconds.
constexpr absl::Duration kCollection = absl::Seconds(20);

// OK too if there is no such process any more.
absl::Status Kill(const ProcessIdentity& process) {
  absl::Status status = SignalProcess(process, SIGKILL);
  return absl::IsNotFound(status) ? absl::OkStatus() : status;
}

template <class Condition>
bool Eventually(Condition condition) {
  const absl::Time deadline = absl::Now() + kPatience;
  while (!condition()) {
    if (absl::Now() > deadline) return false;
    absl::SleepFor(absl::Milliseconds(10));
  }
  return true;
}

void Append(std::vector<std::string>& all, const std::vector<std::string>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

// All that is not a file.
std::vector<std::string> Leaks(const LabRecord& lab) {
  const std::string root = LabPaths(lab.name).root();
  std::vector<std::string> leaks = LeftProcesses(lab);
  Append(leaks, LeftMounts(root));
  Append(leaks, LeftLoopDevices(root));
  for (const std::string& group : ControlGroupsOf(lab)) {
    for (const std::string& folder : ControlGroupFolders(group)) {
      leaks.push_back(absl::StrCat("control group ", folder));
    }
  }
  return leaks;
}

bool RemoveAllControlGroups(const std::vector<std::string>& groups) {
  bool removed = true;
  for (const std::string& group : groups) removed &= RemoveControlGroups(group);
  return removed;
}

// No zombie is left of what `up` started. It is not ours if `up` was another process.
absl::Status AwaitCollection(const LabRecord& lab) {
  std::vector<ProcessIdentity> processes = {lab.fabric};
  for (const MachineRecord& machine : lab.machines) processes.push_back(machine.init);
  for (const ProcessIdentity& process : processes) {
    absl::Status status = WaitUntilCollected(process, kCollection);
    if (status.ok()) continue;
    return Annotate(status,
                    absl::StrCat("lab ", lab.name, " is removed, but process 1 of this ",
                                 "computer does not collect what ends: zombies that hold ",
                                 "nothing stay as long as it runs. In a container, give it ",
                                 "an init (`docker run --init`)"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status SwitchOff(const LabRecord& lab, const MachineRecord& machine) {
  DROVER_RETURN_IF_ERROR(Kill(machine.init));
  DROVER_RETURN_IF_ERROR(WaitUntilGone(machine.init, kPatience));
  const std::vector<std::string> groups = ControlGroupsOf(lab, machine);
  const std::string disk = LabPaths(lab.name).machine(machine.name);
  const bool is_off =
      Eventually([&] { return LeftLoopDevices(disk).empty() && RemoveAllControlGroups(groups); });
  if (is_off) return absl::OkStatus();
  return absl::DeadlineExceededError(
      absl::StrCat(machine.name, " was switched off, but its pool or a container is still in use"));
}

absl::Status RemoveLab(const LabRecord& lab) {
  DROVER_RETURN_IF_ERROR(Kill(lab.fabric));
  for (const MachineRecord& machine : lab.machines) DROVER_RETURN_IF_ERROR(Kill(machine.init));
  DROVER_RETURN_IF_ERROR(WaitUntilGone(lab.fabric, kPatience));
  for (const MachineRecord& machine : lab.machines) {
    DROVER_RETURN_IF_ERROR(WaitUntilGone(machine.init, kPatience));
  }
  const bool is_clean = Eventually([&] {
    RemoveAllControlGroups(ControlGroupsOf(lab));
    return Leaks(lab).empty();
  });
  if (!is_clean) {
    return absl::InternalError(absl::StrCat("lab ", lab.name,
                                            " left behind: ", absl::StrJoin(Leaks(lab), ", "),
                                            "; end them and run down again"));
  }
  if (lab.engine == Engine::kPodman) {
    for (const char* group : kSharedPodmanControlGroups) RemoveEmptyControlGroup(group);
  }
  DROVER_RETURN_IF_ERROR(RemoveTree(LabPaths(lab.name).root()));
  rmdir(kLabsFolder);  // Fails, rightly, while there is another lab.
  return AwaitCollection(lab);
}

}  // namespace drover::lab
