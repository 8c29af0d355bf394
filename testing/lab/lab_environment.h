// The environment of what runs in a lab.
#ifndef DROVER_TESTING_LAB_LAB_ENVIRONMENT_H_
#define DROVER_TESTING_LAB_LAB_ENVIRONMENT_H_

#include <string>
#include <vector>

#include "testing/lab/lab_record.h"

namespace drover::lab {

// In the environment of every process of a lab, with the lab's id: how `down` finds survivors.
inline constexpr char kLabIdVariable[] = "DROVER_LAB_ID";

// Of daemons: K=V, nothing inherited from whoever started the lab.
std::vector<std::string> DaemonEnvironment(const LabRecord& lab);

// Of people's commands in `machine`: `inherited` (K=V), with Drover's programs first in PATH and
// DOCKER_HOST (on a node), DROVER_COORDINATOR and DROVER_CERT_DIR set.
std::vector<std::string> CommandEnvironment(const LabRecord& lab, const MachineRecord& machine,
                                            const std::vector<std::string>& inherited);

// That of this process.
std::vector<std::string> OwnEnvironment();

}  // namespace drover::lab

#endif  // DROVER_TESTING_LAB_LAB_ENVIRONMENT_H_
