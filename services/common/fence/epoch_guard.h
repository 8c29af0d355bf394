// Refuses calls of a coordinator that has been replaced.
#ifndef DROVER_SERVICES_COMMON_FENCE_EPOCH_GUARD_H_
#define DROVER_SERVICES_COMMON_FENCE_EPOCH_GUARD_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/common/fence/epoch_rule.h"

namespace drover {

// The highest coordinator epoch that this service has seen, kept in a file. Used on one thread;
// blocks only when a newer coordinator calls for the first time.
class EpochGuard {
 public:
  // DATA_LOSS if the file is not one of ours.
  static absl::StatusOr<EpochGuard> Open(std::string path);

  // OK for the newest coordinator; a newer one is made durable first. FAILED_PRECONDITION
  // (STALE_EPOCH) for an older one and for a second one of the same epoch; INVALID_ARGUMENT if the
  // fence is missing.
  absl::Status Check(int64_t epoch, const std::string& nonce);

 private:
  EpochGuard(std::string path, SeenEpoch highest);
  std::string path_;
  SeenEpoch highest_;
};

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_FENCE_EPOCH_GUARD_H_
