#include "services/volume/backend/fuse_unmount.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "services/common/file/unique_fd.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"
#include "services/volume/backend/errno_status.h"

namespace drover::volume {
namespace {

// The requests of connection `number` that its daemon has not answered. The control file system
// is mounted for us alone: not every machine shows it under /sys/fs/fuse/connections.
absl::StatusOr<int64_t> UnansweredRequests(const std::string& number) {
  const UniqueFd context(fsopen("fusectl", FSOPEN_CLOEXEC));
  if (context.get() < 0 || fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) {
    return ErrnoStatus("cannot open the FUSE control file system");
  }
  const UniqueFd control(fsmount(context.get(), FSMOUNT_CLOEXEC, 0));
  if (control.get() < 0) return ErrnoStatus("cannot mount the FUSE control file system");
  const UniqueFd file(openat(control.get(), (number + "/waiting").c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return ErrnoStatus(absl::StrCat("cannot read FUSE connection ", number));
  char text[32] = {};
  int64_t count = 0;
  if (read(file.get(), text, sizeof(text) - 1) <= 0 || !absl::SimpleAtoi(text, &count)) {
    return absl::InternalError(
        absl::StrCat("FUSE connection ", number, " does not say what waits"));
  }
  return count;
}

}  // namespace

absl::Status UnmountFuse(const std::string& path, const std::string& device,
                         absl::Duration timeout) {
  const std::vector<std::string> numbers = absl::StrSplit(device, ':');
  const absl::Time deadline = absl::Now() + timeout;
  // An attempt that was given up has left its mark, and the next would unmount at once: using the
  // mount takes the mark away. This asks nothing of the daemon.
  UniqueFd(open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  while (true) {
    // Done in two steps, which the kernel offers as "expiring" a mount: the first call marks one
    // that nothing uses, the second unmounts it if nothing used it since. What was closed before
    // the mark is answered when nothing waits any more, and after it nothing was opened.
    if (umount2(path.c_str(), UMOUNT_NOFOLLOW | MNT_EXPIRE) == 0) return absl::OkStatus();
    if (errno == EBUSY) {
      return StatusWithReason(absl::StatusCode::kFailedPrecondition, "WRITER_FOUND",
                              absl::StrCat("a process still uses the volume mounted at ", path,
                                           "; end it and try again"));
    }
    if (errno != EAGAIN) return ErrnoStatus(absl::StrCat("cannot unmount ", path));
    while (true) {
      DROVER_ASSIGN_OR_RETURN(int64_t unanswered, UnansweredRequests(numbers.back()));
      if (unanswered == 0) break;
      if (absl::Now() > deadline) {
        return absl::UnavailableError(absl::StrCat(
            "the FUSE daemon of ", path, " has not answered ", unanswered, " requests in ",
            absl::FormatDuration(timeout), "; look whether zfs-fuse still runs"));
      }
      // The kernel sends no event for this.
      absl::SleepFor(absl::Milliseconds(1));
    }
  }
}

}  // namespace drover::volume
