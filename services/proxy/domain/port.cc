#include "services/proxy/domain/port.h"

#include "absl/strings/str_cat.h"

namespace drover::proxy {
namespace {

constexpr int kFirstDroverPort = 7400;
constexpr int kLastDroverPort = kRelayPort;

}  // namespace

bool IsDroverPort(int port) { return port >= kFirstDroverPort && port <= kLastDroverPort; }

absl::Status ValidatePort(int port, const char* what) {
  if (port >= 1 && port <= 65535) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(what, " ", port, " is not within 1 to 65535"));
}

absl::Status ValidateExternalPort(int port) {
  absl::Status status = ValidatePort(port, "external port");
  if (!status.ok() || !IsDroverPort(port)) return status;
  return absl::InvalidArgumentError(absl::StrCat("external port ", port,
                                                 " belongs to Drover itself (", kFirstDroverPort,
                                                 " to ", kLastDroverPort, "): choose another"));
}

}  // namespace drover::proxy
