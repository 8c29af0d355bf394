// Names that come from outside and become paths or dataset names: nothing passes that is not plain.
#ifndef DROVER_SERVICES_VOLUME_DOMAIN_NAMES_H_
#define DROVER_SERVICES_VOLUME_DOMAIN_NAMES_H_

#include <string>

#include "absl/status/status.h"
#include "services/common/ids/ids.h"

namespace drover::volume {

// Letters, digits, `_ . -`, first a letter or digit, at most 63 bytes; `what` begins the message.
absl::Status CheckPlainName(const std::string& what, const std::string& name);
// As CheckPlainName, or empty: the only volume of an application.
absl::Status CheckVolumeId(const std::string& id);
// 16 to 64 of [0-9a-f].
absl::Status CheckStartId(const std::string& start_id);
// 64 hexadecimal digits, as engines make them.
absl::Status CheckContainerId(const std::string& container_id);
// A user's snapshot: a plain name that does not begin with `drover-`.
absl::Status CheckUserSnapshotName(const std::string& name);

// The snapshot that a migration's copy round makes (round 0: the final one): `drover-MIGRATION-2`.
std::string MigrationSnapshotName(const MigrationId& migration, int round);
// The migration in such a name; empty if a user made the snapshot.
MigrationId MigrationOfSnapshot(const std::string& name);

// How volume `id` of `application` is called by people: `APP`, or `APP:ID`.
std::string VolumeDisplayName(const ApplicationName& application, const std::string& id);

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_DOMAIN_NAMES_H_
