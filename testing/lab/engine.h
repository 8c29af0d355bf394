// A node's container engine.
#ifndef DROVER_TESTING_LAB_ENGINE_H_
#define DROVER_TESTING_LAB_ENGINE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "testing/lab/lab_record.h"

namespace drover::lab {

// FAILED_PRECONDITION, naming the packages, if this computer lacks the engine's programs.
absl::Status CheckEngine(Engine engine);

// How it is started in `machine`. It listens on a socket in the lab's folder, which is reachable
// from outside; dockerd also where it does on any machine.
std::vector<std::string> EngineCommand(const LabRecord& lab, const MachineRecord& machine);

// The control groups, in each hierarchy, that are there for the containers of `machine` alone, and
// for those of the lab. Those of Podman are told by what lies on the machines' disks.
std::vector<std::string> ControlGroupsOf(const LabRecord& lab, const MachineRecord& machine);
std::vector<std::string> ControlGroupsOf(const LabRecord& lab);

// Written by dockerd, and in its way after it was killed: in a small PID namespace the number in it
// soon belongs to somebody else.
inline constexpr char kEnginePidFile[] = "/run/docker.pid";

// OK if the engine at `socket` answers. Blocks for a second at most.
absl::Status PingEngine(const std::string& socket);

}  // namespace drover::lab

#endif  // DROVER_TESTING_LAB_ENGINE_H_
