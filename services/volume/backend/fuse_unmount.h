// Unmounting a FUSE file system without losing requests on the way.
//
// The kernel drops what a FUSE daemon has not read yet when its file system is unmounted. zfs-fuse
// does not survive that: a dropped RELEASE (the last close of a file, sent after close() returned)
// keeps the file open inside the daemon, which then tries for ever to let the dataset go, and
// answers nobody on any dataset meanwhile.
#ifndef DROVER_SERVICES_VOLUME_BACKEND_FUSE_UNMOUNT_H_
#define DROVER_SERVICES_VOLUME_BACKEND_FUSE_UNMOUNT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace drover::volume {

// Unmounts the FUSE file system `device` (`major:minor`) mounted at `path` once its daemon has
// answered everything. As strict as a plain unmount: FAILED_PRECONDITION (WRITER_FOUND) while
// anything uses it. UNAVAILABLE if the daemon does not answer within `timeout`. Blocks.
absl::Status UnmountFuse(const std::string& path, const std::string& device,
                         absl::Duration timeout);

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_BACKEND_FUSE_UNMOUNT_H_
