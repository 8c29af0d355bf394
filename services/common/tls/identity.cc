#include "services/common/tls/identity.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace drover {

std::string Identity::Uri() const {
  switch (kind) {
    case IdentityKind::kCoordinator:
      return absl::StrCat("spiffe://", cluster, "/coordinator");
    case IdentityKind::kNode:
      return absl::StrCat("spiffe://", cluster, "/node/", name);
    case IdentityKind::kUser:
      return absl::StrCat("spiffe://", cluster, "/user/", name);
  }
  return "";
}

absl::StatusOr<Identity> ParseIdentity(absl::string_view uri) {
  const absl::Status malformed = absl::InvalidArgumentError(
      absl::StrCat("'", uri, "' is not spiffe://CLUSTER/{coordinator|node/NAME|user/NAME}"));
  absl::string_view rest = uri;
  if (!absl::ConsumePrefix(&rest, "spiffe://")) return malformed;
  std::vector<std::string> parts = absl::StrSplit(rest, '/');
  for (const std::string& part : parts) {
    if (part.empty()) return malformed;
  }
  if (parts.size() == 2 && parts[1] == "coordinator") return CoordinatorOf(parts[0]);
  if (parts.size() != 3) return malformed;
  if (parts[1] == "node") return NodeOf(parts[0], parts[2]);
  if (parts[1] == "user") return Identity{parts[0], IdentityKind::kUser, parts[2]};
  return malformed;
}

Identity CoordinatorOf(std::string cluster) {
  return Identity{std::move(cluster), IdentityKind::kCoordinator, ""};
}

Identity NodeOf(std::string cluster, std::string name) {
  return Identity{std::move(cluster), IdentityKind::kNode, std::move(name)};
}

}  // namespace drover
