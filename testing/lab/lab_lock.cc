#include "testing/lab/lab_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>

#include "absl/strings/str_cat.h"

namespace drover::lab {

absl::StatusOr<LabLock> LabLock::Acquire(const std::string& root) {
  while (true) {
    UniqueFd folder(open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder.valid()) return absl::NotFoundError(absl::StrCat("there is no ", root));
    while (flock(folder.get(), LOCK_EX) != 0) {
      if (errno != EINTR) return absl::ErrnoToStatus(errno, absl::StrCat("cannot lock ", root));
    }
    // While we waited, the lab may have been removed, and another one made in its place.
    struct stat locked, current;
    if (fstat(folder.get(), &locked) == 0 && stat(root.c_str(), &current) == 0 &&
        locked.st_ino == current.st_ino) {
      return LabLock(std::move(folder));
    }
  }
}

}  // namespace drover::lab
