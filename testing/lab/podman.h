// A node's Podman, in place of a Docker Engine.
#ifndef DROVER_TESTING_LAB_PODMAN_H_
#define DROVER_TESTING_LAB_PODMAN_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "testing/lab/lab_record.h"

namespace drover::lab {

// FAILED_PRECONDITION, saying how to install it, if this computer has no Podman.
absl::Status CheckPodman();

// Writes what a node has in place of the computer's own configuration and images.
absl::Status PreparePodman(const LabRecord& lab, const MachineRecord& machine);

// The service that answers Docker's API. Containers outlive it.
std::vector<std::string> PodmanCommand(const LabRecord& lab, const MachineRecord& machine);

// Unlike Docker, Podman cannot be told below which control group to put its containers: they are
// those that are named like the containers on the node's disk.
std::vector<std::string> PodmanControlGroups(const LabRecord& lab, const MachineRecord& machine);

// Where Podman keeps images and containers.
inline constexpr char kPodmanDataFolder[] = "/var/lib/containers";

// What Podmans of several labs, and one of the computer itself, may share: it is removed if empty.
inline constexpr const char* kSharedPodmanControlGroups[] = {"libpod_parent/conmon",
                                                             "libpod_parent"};

}  // namespace drover::lab

#endif  // DROVER_TESTING_LAB_PODMAN_H_
