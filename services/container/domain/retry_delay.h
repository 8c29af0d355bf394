// How long to wait before something that failed is tried again.
#ifndef DROVER_SERVICES_CONTAINER_DOMAIN_RETRY_DELAY_H_
#define DROVER_SERVICES_CONTAINER_DOMAIN_RETRY_DELAY_H_

#include "absl/time/time.h"

namespace drover::container {

// After that many failures in a row (1 = the first): 100 ms, doubled with each, at most `longest`.
absl::Duration DelayAfter(int failures, absl::Duration longest);

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_DOMAIN_RETRY_DELAY_H_
