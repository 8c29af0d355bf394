#include "services/common/async/grpc_status.h"

#include <string>

#include "drover/common/v1/fence.pb.h"
#include "services/common/status/reason.h"

namespace drover {

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  common::v1::ErrorDetail detail;
  detail.set_reason(ReasonOf(status));
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), std::string(status.message()),
                      detail.reason().empty() ? std::string() : detail.SerializeAsString());
}

absl::Status FromGrpcStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  common::v1::ErrorDetail detail;
  // What is no ErrorDetail comes from another program: its code and message still stand.
  if (!detail.ParseFromString(status.error_details()) || detail.reason().empty()) {
    return absl::Status(code, status.error_message());
  }
  return StatusWithReason(code, detail.reason(), status.error_message());
}

}  // namespace drover
