// Which coordinator is the newest, as a pure rule.
#ifndef DROVER_SERVICES_COMMON_FENCE_EPOCH_RULE_H_
#define DROVER_SERVICES_COMMON_FENCE_EPOCH_RULE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace drover {

// One start of the coordinator. The default one is that of a service which was never called.
struct SeenEpoch {
  int64_t epoch = 0;
  std::string nonce;

  friend bool operator==(const SeenEpoch&, const SeenEpoch&) = default;
};

enum class EpochVerdict {
  kKnown,
  // A newer coordinator: must be made durable before its call is carried out.
  kNewer,
};

// FAILED_PRECONDITION (STALE_EPOCH) if `caller` is older than `highest`, or a second one of the
// same epoch; INVALID_ARGUMENT if it is no start at all.
absl::StatusOr<EpochVerdict> JudgeEpoch(const SeenEpoch& highest, const SeenEpoch& caller);

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_FENCE_EPOCH_RULE_H_
