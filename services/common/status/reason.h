// Machine-readable reasons on a status ("POOL_FULL"), and context added on the way up.
#ifndef DROVER_SERVICES_COMMON_STATUS_REASON_H_
#define DROVER_SERVICES_COMMON_STATUS_REASON_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace drover {

// The status of `code` and `message`, carrying `reason`: an upper-case word that is stable between
// releases (see ErrorDetail in common/v1/fence.proto). It travels through gRPC with the status.
absl::Status StatusWithReason(absl::StatusCode code, absl::string_view reason,
                              absl::string_view message);

// The reason that `status` carries; empty if none.
std::string ReasonOf(const absl::Status& status);

// `status` with "context: " before its message; code and reason are kept. OK stays OK.
absl::Status Annotate(const absl::Status& status, absl::string_view context);

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_STATUS_REASON_H_
