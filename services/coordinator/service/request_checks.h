// What is wrong with a request by itself.
#ifndef DROVER_SERVICES_COORDINATOR_SERVICE_REQUEST_CHECKS_H_
#define DROVER_SERVICES_COORDINATOR_SERVICE_REQUEST_CHECKS_H_

#include <string>

#include "absl/status/status.h"
#include "drover/coordinator/v1/coordinator_service.pb.h"

namespace drover::coordinator {

// What a caller asks for is done or refused, never silently left out: INVALID_ARGUMENT.
absl::Status CheckOptions(const v1::MigrationOptions& options);
absl::Status CheckDrain(const v1::Drain& drain);
// `APP` or `APP:ID`: an empty part would name more than was meant.
absl::Status CheckVolumeName(const std::string& name);
// A name that people give to a snapshot.
absl::Status CheckSnapshotName(const std::string& name);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_SERVICE_REQUEST_CHECKS_H_
