#include "services/common/server/refuse_revoked.h"

#include <grpc/grpc_security_constants.h>

#include <utility>

#include "services/common/status/status_macros.h"

namespace drover {

Authenticate RefuseRevoked(Authenticate authenticate, std::shared_ptr<RevocationList> revocations) {
  return [authenticate = std::move(authenticate), revocations = std::move(revocations)](
             const grpc::AuthContext& context) -> absl::StatusOr<Identity> {
    absl::StatusOr<Identity> identity = authenticate(context);
    if (!identity.ok()) return identity;
    // One that has none is refused, too.
    const auto certificates = context.FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
    absl::string_view pem;
    if (!certificates.empty()) {
      pem = absl::string_view(certificates[0].data(), certificates[0].size());
    }
    DROVER_RETURN_IF_ERROR(revocations->Check(pem, "the caller's"));
    return identity;
  };
}

}  // namespace drover
