// Signals as images name them.
#ifndef DROVER_SERVICES_CONTAINER_DOMAIN_SIGNAL_NAME_H_
#define DROVER_SERVICES_CONTAINER_DOMAIN_SIGNAL_NAME_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace drover::container {

// The number of "SIGTERM", "TERM", "15" or "SIGRTMIN+3" (STOPSIGNAL's forms, in any case);
// INVALID_ARGUMENT for anything else.
absl::StatusOr<int> SignalNumber(absl::string_view name);

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_DOMAIN_SIGNAL_NAME_H_
