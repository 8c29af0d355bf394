// A node's storage pool: named `flocker`, in a sparse file on the machine's disk.
#ifndef DROVER_TESTING_LAB_POOL_H_
#define DROVER_TESTING_LAB_POOL_H_

#include <string>

#include "absl/status/status.h"
#include "testing/lab/lab_record.h"

namespace drover::lab {

// OK if `size` is a whole number followed by M, G or T, and enough for a file system.
absl::Status CheckPoolSize(const std::string& size);

// Makes the pool by drover-volume if its file does not exist yet, else mounts it by drover-volume
// in the machine. Of a ZFS pool the machine's zfs-fuse must be running. Called at every boot of the
// machine. Blocks.
absl::Status StartPool(const LabRecord& lab, const MachineRecord& machine);

}  // namespace drover::lab

#endif  // DROVER_TESTING_LAB_POOL_H_
