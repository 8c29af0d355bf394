// The files that a lab has before its first machine starts.
#ifndef DROVER_TESTING_LAB_LAB_SETUP_H_
#define DROVER_TESTING_LAB_LAB_SETUP_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "testing/lab/lab_record.h"

namespace drover::lab {

// At most so many nodes fit on one machine sensibly.
inline constexpr int kMaximumNodes = 20;

// The record of a lab of which nothing has been made: a client and `nodes` nodes, with their
// addresses from 192.0.2.0/24.
absl::StatusOr<LabRecord> PlanLab(const std::string& name, int nodes);

// The content of /etc/hosts in every machine.
std::string HostsFile(const LabRecord& lab);

// Writes the folders, certificates and configurations of all machines.
absl::Status PrepareDisks(const LabRecord& lab);

}  // namespace drover::lab

#endif  // DROVER_TESTING_LAB_LAB_SETUP_H_
