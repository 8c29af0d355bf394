// The short forms `EXTERNAL:INTERNAL` and `NAME:/PATH` of Fig and Compose.
#ifndef DROVER_SERVICES_CONFIG_COMPOSE_MAPPINGS_H_
#define DROVER_SERVICES_CONFIG_COMPOSE_MAPPINGS_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/config/model/application.h"

namespace drover::config {

// All ports of another application under this alias.
struct NamedLink {
  std::string target;
  std::string alias;
};

// All: INVALID_ARGUMENT that says what is allowed, and why other forms of Compose are not.

// `8080:80` or `8080:80/tcp`.
absl::StatusOr<PortMapping> ParsePortMapping(absl::string_view text);
// `8080`.
absl::StatusOr<int> ParsePort(absl::string_view text);
// `application`, which is the alias, too, or `application:alias`.
absl::StatusOr<NamedLink> ParseLink(absl::string_view text);
// `/path`, whose volume has no name, or `name:/path`.
absl::StatusOr<Volume> ParseVolumeMapping(absl::string_view text);

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_COMPOSE_MAPPINGS_H_
