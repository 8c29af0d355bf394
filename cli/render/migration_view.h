// Migrations, for programs and for people.
#ifndef DROVER_CLI_RENDER_MIGRATION_VIEW_H_
#define DROVER_CLI_RENDER_MIGRATION_VIEW_H_

#include <string>
#include <vector>

#include "cli/render/document.h"
#include "cli/render/style.h"
#include "drover/coordinator/v1/migration.pb.h"

namespace drover::cli {

using MigrationList = google::protobuf::RepeatedPtrField<coordinator::v1::Migration>;

Document MigrationDocument(const coordinator::v1::Migration& migration);
Document MigrationListDocument(const MigrationList& migrations);  // A list.

// One row for each; a sentence if there are none.
std::string MigrationsTable(const MigrationList& migrations, const Style& style);
// All fields of one, one line each.
std::string MigrationDetails(const coordinator::v1::Migration& migration, const Style& style);

bool IsOver(const coordinator::v1::Migration& migration);
// The application runs on its destination now. A move can be DONE without: the application is
// there, but did not get ready, which `error` says.
bool HasMoved(const coordinator::v1::Migration& migration);
// How it ended, in one line: "redis moved from node1 to node2, interrupted for 812 ms …".
std::string MigrationOutcome(const coordinator::v1::Migration& migration);

}  // namespace drover::cli

#endif  // DROVER_CLI_RENDER_MIGRATION_VIEW_H_
