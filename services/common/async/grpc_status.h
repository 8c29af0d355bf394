// absl::Status <-> grpc::Status. Only the adaptors beside this file convert; the reason
// (common/status/reason.h) travels as an ErrorDetail in the status's binary details.
#ifndef DROVER_SERVICES_COMMON_ASYNC_GRPC_STATUS_H_
#define DROVER_SERVICES_COMMON_ASYNC_GRPC_STATUS_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace drover {

grpc::Status ToGrpcStatus(const absl::Status& status);
absl::Status FromGrpcStatus(const grpc::Status& status);

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_ASYNC_GRPC_STATUS_H_
