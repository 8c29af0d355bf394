#include "services/volume/backend/slot_mount.h"

#include <sys/mount.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "services/common/status/reason.h"
#include "services/volume/backend/errno_status.h"

namespace drover::volume {

absl::Status BindMount(const std::string& source, const std::string& path) {
  if (mount(source.c_str(), path.c_str(), nullptr, MS_BIND, nullptr) != 0) {
    return ErrnoStatus(absl::StrCat("cannot mount ", source, " at ", path));
  }
  return absl::OkStatus();
}

absl::Status PlainUnmount(const std::string& path) {
  if (umount2(path.c_str(), UMOUNT_NOFOLLOW) == 0) return absl::OkStatus();
  if (errno != EBUSY) return ErrnoStatus(absl::StrCat("cannot unmount ", path));
  return StatusWithReason(
      absl::StatusCode::kFailedPrecondition, "WRITER_FOUND",
      absl::StrCat("a process still uses the volume mounted at ", path, "; end it and try again"));
}

}  // namespace drover::volume
