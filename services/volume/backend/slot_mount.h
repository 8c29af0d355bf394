// Mounting at a slot, and the plain unmount on which the proof of no writer rests.
#ifndef DROVER_SERVICES_VOLUME_BACKEND_SLOT_MOUNT_H_
#define DROVER_SERVICES_VOLUME_BACKEND_SLOT_MOUNT_H_

#include <string>

#include "absl/status/status.h"

namespace drover::volume {

// Binds folder `source` at `path`.
absl::Status BindMount(const std::string& source, const std::string& path);

// Unmounts what is mounted at `path`, never lazily. FAILED_PRECONDITION (WRITER_FOUND) while
// anything uses it, in any container that got the mount through its slot.
absl::Status PlainUnmount(const std::string& path);

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_BACKEND_SLOT_MOUNT_H_
