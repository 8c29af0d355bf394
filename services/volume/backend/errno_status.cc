#include "services/volume/backend/errno_status.h"

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "services/common/status/reason.h"

namespace drover::volume {

absl::Status ErrnoStatus(absl::string_view what) {
  if (errno == ENOSPC || errno == EDQUOT) return PoolFullError(what);
  return absl::ErrnoToStatus(errno, what);
}

absl::Status PoolFullError(absl::string_view what) {
  return StatusWithReason(absl::StatusCode::kResourceExhausted, "POOL_FULL",
                          absl::StrCat(what, ": the storage pool is full; make room in it"));
}

}  // namespace drover::volume
