#include "services/common/async/caller.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace drover {

Authenticate AuthenticateByCertificate(std::string cluster) {
  return [cluster](const grpc::AuthContext& context) -> absl::StatusOr<Identity> {
    auto uris = context.FindPropertyValues("peer_spiffe_id");
    if (uris.size() != 1) {
      return absl::UnauthenticatedError(
          "the caller's certificate must carry exactly one URI, spiffe://CLUSTER/…; issue it with "
          "`drover ca issue`");
    }
    absl::StatusOr<Identity> identity = ParseIdentity(std::string(uris[0].data(), uris[0].size()));
    if (!identity.ok()) return absl::UnauthenticatedError(identity.status().message());
    if (identity->cluster != cluster) {
      return absl::UnauthenticatedError(absl::StrCat("the caller's certificate is of cluster ",
                                                     identity->cluster, ", this is ", cluster));
    }
    return identity;
  };
}

Authenticate AuthenticateAs(Identity identity) {
  return [identity](const grpc::AuthContext&) -> absl::StatusOr<Identity> { return identity; };
}

}  // namespace drover
