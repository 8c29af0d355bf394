// The configuration files of a machine's daemons.
#ifndef DROVER_TESTING_LAB_DAEMON_CONFIG_H_
#define DROVER_TESTING_LAB_DAEMON_CONFIG_H_

#include <string>

#include "absl/status/status.h"
#include "testing/lab/lab_record.h"

namespace drover::lab {

inline constexpr int kCoordinatorPort = 7400;
inline constexpr int kVolumePort = 7401;
inline constexpr int kContainerPort = 7402;
inline constexpr int kProxyPort = 7403;
inline constexpr int kRegistryPort = 443;
// The registry's name in every machine; images are `flocker.local/NAME`.
inline constexpr char kRegistryHost[] = "flocker.local";

// Where the daemon's file is, inside and outside.
std::string ConfigPath(const LabRecord& lab, const MachineRecord& machine,
                       const std::string& daemon);

// Writes the files of all daemons that the machine may run.
absl::Status WriteConfigs(const LabRecord& lab, const MachineRecord& machine);

}  // namespace drover::lab

#endif  // DROVER_TESTING_LAB_DAEMON_CONFIG_H_
