// Who makes a call: every handler is told.
#ifndef DROVER_SERVICES_COMMON_ASYNC_CALLER_H_
#define DROVER_SERVICES_COMMON_ASYNC_CALLER_H_

#include <grpcpp/security/auth_context.h>

#include <functional>

#include "absl/status/statusor.h"
#include "services/common/tls/identity.h"

namespace drover {

// The caller's identity from the verified certificate, or why it is refused. Thread-safe.
using Authenticate = std::function<absl::StatusOr<Identity>(const grpc::AuthContext&)>;

// Demands a certificate of `cluster`.
Authenticate AuthenticateByCertificate(std::string cluster);

// For tests over insecure in-process channels: everybody is `identity`.
Authenticate AuthenticateAs(Identity identity);

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_ASYNC_CALLER_H_
