// Following one migration to its end.
#ifndef DROVER_CLI_FOLLOW_MIGRATION_H_
#define DROVER_CLI_FOLLOW_MIGRATION_H_

#include <string>

#include "absl/status/statusor.h"
#include "cli/exit_code.h"
#include "cli/render/warnings.h"
#include "cli/session.h"
#include "drover/coordinator/v1/migration.pb.h"
#include "services/common/async/task.h"

namespace drover::cli {

// Shows the progress of `migration` until it is over, and answers it as it is then. Ctrl-C says
// `detach_message`.
Task<absl::StatusOr<coordinator::v1::Migration>> WatchMigrationToItsEnd(
    Session& session, coordinator::CoordinatorClient& client, coordinator::v1::Migration migration,
    std::string detach_message);

// Shows `warnings` and the progress of `migration` until it is over, prints it, and answers kOk if
// the application has moved. Ctrl-C detaches.
Task<ExitCode> FollowMigration(Session& session, coordinator::CoordinatorClient& client,
                               coordinator::v1::Migration migration, WarningList warnings);

}  // namespace drover::cli

#endif  // DROVER_CLI_FOLLOW_MIGRATION_H_
