#include "services/common/fence/epoch_rule.h"

#include "absl/strings/str_cat.h"
#include "services/common/status/reason.h"

namespace drover {

absl::StatusOr<EpochVerdict> JudgeEpoch(const SeenEpoch& highest, const SeenEpoch& caller) {
  if (caller.epoch <= 0 || caller.nonce.empty()) {
    return absl::InvalidArgumentError("fence: epoch and nonce are required");
  }
  if (caller == highest) return EpochVerdict::kKnown;
  if (caller.epoch > highest.epoch) return EpochVerdict::kNewer;
  return StatusWithReason(absl::StatusCode::kFailedPrecondition, "STALE_EPOCH",
                          absl::StrCat("a newer coordinator (epoch ", highest.epoch,
                                       ") has taken over from epoch ", caller.epoch));
}

}  // namespace drover
