#include "services/common/async/grpc_status.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "drover/common/v1/fence.pb.h"
#include "services/common/status/reason.h"

namespace drover {
namespace {

// gRPC's own words for a server that it cannot reach are nothing for a user: "failed to connect to
// all addresses; last error: UNKNOWN: ipv4:192.0.2.1:7401: Failed to connect to remote host:
// Connection refused".
std::string MessageOf(const grpc::Status& status) {
  const std::string text = status.error_message();
  const size_t address = text.find("ipv4:");
  if (!absl::StartsWith(text, "failed to connect to all addresses") ||
      address == std::string::npos) {
    return text;
  }
  return absl::StrReplaceAll(absl::StrCat("cannot connect to ", text.substr(address)),
                             {{"ipv4:", ""},
                              {"Failed to connect to remote host: ", ""},
                              {"tcp handshaker shutdown", "no answer"}});
}

}  // namespace

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
    return absl::Status(code, MessageOf(status));
  }
  return StatusWithReason(code, detail.reason(), status.error_message());
}

}  // namespace drover
