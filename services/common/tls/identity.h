// Who somebody is in a cluster: the one URI of their certificate.
#ifndef DROVER_SERVICES_COMMON_TLS_IDENTITY_H_
#define DROVER_SERVICES_COMMON_TLS_IDENTITY_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace drover {

enum class IdentityKind { kCoordinator, kNode, kUser };

// spiffe://CLUSTER/coordinator, spiffe://CLUSTER/node/NAME or spiffe://CLUSTER/user/NAME.
struct Identity {
  std::string cluster;
  IdentityKind kind = IdentityKind::kUser;
  std::string name;  // Empty for the coordinator.

  std::string Uri() const;
  friend bool operator==(const Identity&, const Identity&) = default;
};

// INVALID_ARGUMENT if `uri` is none of the three forms.
absl::StatusOr<Identity> ParseIdentity(absl::string_view uri);

Identity CoordinatorOf(std::string cluster);
Identity NodeOf(std::string cluster, std::string name);

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_TLS_IDENTITY_H_
