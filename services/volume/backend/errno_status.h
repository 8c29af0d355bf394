// errno as a status, a full disk as POOL_FULL.
#ifndef DROVER_SERVICES_VOLUME_BACKEND_ERRNO_STATUS_H_
#define DROVER_SERVICES_VOLUME_BACKEND_ERRNO_STATUS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace drover::volume {

// The status of the present errno. ENOSPC and EDQUOT are RESOURCE_EXHAUSTED (POOL_FULL).
absl::Status ErrnoStatus(absl::string_view what);

absl::Status PoolFullError(absl::string_view what);

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_BACKEND_ERRNO_STATUS_H_
