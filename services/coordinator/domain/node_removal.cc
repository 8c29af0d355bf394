#include "services/coordinator/domain/node_removal.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace drover::coordinator {
namespace {

absl::Status NeededBy(const MigrationRecord& migration, const NodeView& node) {
  std::string advice = "wait for its end";
  if (IsBeforeCommit(migration.state)) {
    advice = absl::StrCat("wait for its end, or cancel it with `drover migrations cancel ",
                          migration.id.value(), "`");
  } else if (!node.reachable) {
    advice = absl::StrCat("it ends when ", node.name.value(), " answers again");
  }
  return absl::FailedPreconditionError(
      absl::StrCat(node.name.value(), " is needed by migration ", migration.id.value(), " of ",
                   migration.application.value(), ", which is ",
                   MigrationStateName(migration.state), "; ", advice));
}

}  // namespace

absl::Status CheckRemoval(const NodeView& node,
                          const std::map<ApplicationName, ApplicationRecord>& applications,
                          const std::vector<const MigrationRecord*>& migrations) {
  for (const MigrationRecord* migration : migrations) {
    const bool names_it = migration->source == node.name || migration->destination == node.name;
    if (names_it && !IsTerminal(migration->state)) return NeededBy(*migration, node);
  }
  for (const auto& [name, record] : applications) {
    // Without a generation it never had volumes, and so is nowhere.
    if (record.node != node.name || record.generation.empty()) continue;
    return absl::FailedPreconditionError(absl::StrCat(name.value(), " is on ", node.name.value(),
                                                      "; move it to another node first"));
  }
  for (const GroupView& group : node.groups) {
    if (!IsOwner(group.state)) continue;
    return absl::FailedPreconditionError(absl::StrCat("the volumes of ", group.application.value(),
                                                      " are on ", node.name.value(),
                                                      "; move them to another node first"));
  }
  return absl::OkStatus();
}

}  // namespace drover::coordinator
