// Migrations between the domain and the wire.
#ifndef DROVER_SERVICES_COORDINATOR_CONVERT_MIGRATION_CONVERT_H_
#define DROVER_SERVICES_COORDINATOR_CONVERT_MIGRATION_CONVERT_H_

#include <string>

#include "drover/coordinator/v1/migration.pb.h"
#include "services/coordinator/domain/migration_record.h"

namespace drover::coordinator {

// What everybody may see of a move; progress is left 0, and what it waits for empty.
drover::coordinator::v1::Migration ToProto(const MigrationRecord& record);

// The fields of `record` that the message carries; the others are left at their defaults.
MigrationRecord FromProto(const drover::coordinator::v1::Migration& proto);

drover::coordinator::v1::MigrationOptions ToProto(const MigrationOptions& options);
MigrationOptions FromProto(const drover::coordinator::v1::MigrationOptions& proto);

// `migrations/ID` and back; a bare id is taken too.
std::string MigrationResourceName(const MigrationId& id);
MigrationId MigrationIdOf(const std::string& name);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_CONVERT_MIGRATION_CONVERT_H_
