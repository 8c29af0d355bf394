#include "services/volume/backend/zfs_ballast.h"

#include "absl/strings/str_cat.h"
#include "services/common/failpoint/failpoint.h"
#include "services/volume/backend/zfs_command.h"

namespace drover::volume {

void ZfsBallast::Refill() {
  if (held_) return;
  const std::string pool = dataset_.substr(0, dataset_.find('/'));
  const absl::StatusOr<int64_t> free = zfs::GetNumber(pool, "available");
  const absl::StatusOr<bool> exists = zfs::Exists(dataset_);
  if (!free.ok() || !exists.ok()) return;
  if (*exists && zfs::GetNumber(dataset_, "refreservation").value_or(0) == kBallastBytes) {
    held_ = true;
    return;
  }
  if (*free <= kRoomForBallast) return;
  held_ = BetweenFailpoints({"volume.ballast.fill"}, [this, &exists] {
    if (!*exists && !zfs::Zfs({"create", "-o", "mountpoint=none", dataset_}).ok()) return false;
    return zfs::Set(dataset_, "refreservation", absl::StrCat(kBallastBytes)).ok();
  });
}

absl::Status ZfsBallast::GiveUp() {
  held_ = false;
  const absl::Status status = BetweenFailpoints(
      {"volume.ballast.give_up"}, [this] { return zfs::Set(dataset_, "refreservation", "none"); });
  return absl::IsNotFound(status) ? absl::OkStatus() : status;
}

}  // namespace drover::volume
