// A node's Docker Engine.
#ifndef DROVER_TESTING_LAB_ENGINE_H_
#define DROVER_TESTING_LAB_ENGINE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "testing/lab/lab_record.h"

namespace drover::lab {

// Below this control group, in each hierarchy, lie the containers of the lab; one folder per node.
std::string LabControlGroup(const std::string& lab);

// How dockerd is started in `machine`. It listens where it does on any machine, and on a socket in
// the lab's folder, which is reachable from outside.
std::vector<std::string> EngineCommand(const LabRecord& lab, const MachineRecord& machine);

// Written by dockerd, and in its way after it was killed: in a small PID namespace the number in it
// soon belongs to somebody else.
inline constexpr char kEnginePidFile[] = "/run/docker.pid";

// OK if the engine at `socket` answers. Blocks for a second at most.
absl::Status PingEngine(const std::string& socket);

}  // namespace drover::lab

#endif  // DROVER_TESTING_LAB_ENGINE_H_
