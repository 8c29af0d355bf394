#include "cli/failure.h"

#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/common/status/reason.h"

namespace drover::cli {
namespace {

// Words in gRPC's messages when a handshake, and not the network, failed.
bool IsHandshakeFailure(absl::string_view message) {
  for (const char* word : {"handshake", "SSL", "TLS", "certificate", "ustom verification"}) {
    if (absl::StrContains(message, word)) return true;
  }
  return false;
}

Failure Unreachable(const absl::Status& status, const std::string& address) {
  if (IsHandshakeFailure(status.message())) {
    return {ExitCode::kUnreachable,
            absl::StrCat("the coordinator at ", address,
                         " and this command do not trust each other; check that --cert-dir holds a "
                         "valid certificate of this cluster and that --coordinator is the right "
                         "address (",
                         status.message(), ")")};
  }
  return {ExitCode::kUnreachable,
          absl::StrCat("cannot reach the coordinator at ", address,
                       "; check that drover-coordinator runs there and that --coordinator is the "
                       "right address (",
                       status.message(), ")")};
}

}  // namespace

Failure ExplainFailure(const absl::Status& status, const std::string& address, bool is_connected) {
  const std::string message(status.message());
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
      if (is_connected) return {ExitCode::kFailed, message};
      return Unreachable(status, address);
    case absl::StatusCode::kDeadlineExceeded:
      if (!is_connected) return Unreachable(status, address);
      return {ExitCode::kUnreachable,
              absl::StrCat("the coordinator at ", address,
                           " did not answer in time; what was begun goes on, see `drover status` (",
                           message, ")")};
    case absl::StatusCode::kCancelled:
      return {ExitCode::kUnreachable,
              absl::StrCat("the coordinator at ", address,
                           " was stopped before it had answered; what was begun goes on once it "
                           "is back, see `drover status`")};
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
      return {ExitCode::kUnreachable,
              absl::StrCat("the coordinator at ", address,
                           " refuses this certificate; check --cert-dir (", message, ")")};
    case absl::StatusCode::kInvalidArgument:
      return {ExitCode::kUsage, message};
    default:
      return {ReasonOf(status) == "UNKNOWN_NODE" ? ExitCode::kUsage : ExitCode::kFailed, message};
  }
}

bool MayBeAnsweredLater(const absl::Status& status) {
  // A coordinator that is stopped cancels what it has not answered.
  const bool is_outage =
      absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) || absl::IsCancelled(status);
  return is_outage && !IsHandshakeFailure(status.message());
}

}  // namespace drover::cli
