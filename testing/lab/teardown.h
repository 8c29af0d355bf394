// Removing all that a lab has made, and making sure of it.
#ifndef DROVER_TESTING_LAB_TEARDOWN_H_
#define DROVER_TESTING_LAB_TEARDOWN_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "testing/lab/lab_record.h"

namespace drover::lab {

// Switches a machine off: everything in it ends at once, as when the power fails, and its mounts,
// network and control groups are gone when this returns. Its disk stays. Blocks.
absl::Status SwitchOff(const LabRecord& lab, const MachineRecord& machine);

// Switches everything off and removes the lab's folder. Works on a lab that was made half. Fails,
// naming what is left, if anything is. Blocks.
absl::Status RemoveLab(const LabRecord& lab);

}  // namespace drover::lab

#endif  // DROVER_TESTING_LAB_TEARDOWN_H_
