#include "services/volume/backend/ballast.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <utility>

#include "services/common/failpoint/failpoint.h"
#include "services/common/file/durable_file.h"
#include "services/common/status/status_macros.h"

namespace drover::volume {
namespace {

bool HasRoom(const std::string& folder) {
  struct statvfs info;
  return statvfs(folder.c_str(), &info) == 0 &&
         static_cast<int64_t>(info.f_bavail) * static_cast<int64_t>(info.f_frsize) >
             kRoomForBallast;
}

}  // namespace

absl::Status Ballast::Write(const std::function<absl::Status()>& write) {
  absl::Status status = write();
  if (absl::IsResourceExhausted(status)) {
    DROVER_RETURN_IF_ERROR(GiveUp());
    return write();
  }
  if (status.ok()) Refill();
  return status;
}

FileBallast::FileBallast(std::string path, std::function<absl::Status()> sync)
    : path_(std::move(path)), sync_(std::move(sync)) {}

void FileBallast::Refill() {
  if (access(path_.c_str(), F_OK) == 0) return;
  if (!HasRoom(path_.substr(0, path_.rfind('/')))) return;
  const int fd = open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return;
  const bool filled = BetweenFailpoints(
      {"volume.ballast.fill"}, [fd] { return posix_fallocate(fd, 0, kBallastBytes) == 0; });
  close(fd);
  if (!filled) unlink(path_.c_str());
}

absl::Status FileBallast::GiveUp() {
  return BetweenFailpoints({"volume.ballast.give_up"}, [this]() -> absl::Status {
    DROVER_RETURN_IF_ERROR(RemoveFileDurably(path_));
    return sync_();
  });
}

}  // namespace drover::volume
