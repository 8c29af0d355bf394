#include "cli/render/progress_items.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "cli/render/deployment_view.h"
#include "cli/render/migration_view.h"
#include "cli/render/words.h"

namespace drover::cli {

using coordinator::v1::Action;
using coordinator::v1::Deployment;
using coordinator::v1::Migration;

namespace {

std::string ActivityOf(const Migration& migration) {
  const std::string destination = ShortName(migration.destination());
  if (!migration.waiting_for().empty()) {
    return absl::StrCat("waiting for ", migration.waiting_for());
  }
  switch (migration.state()) {
    case coordinator::v1::MIGRATION_STATE_REQUESTED:
      return "waiting for its turn";
    case coordinator::v1::MIGRATION_STATE_ADMITTED:
      return absl::StrCat("preparing ", destination, migration.activity().empty() ? "" : ": ",
                          migration.activity());
    case coordinator::v1::MIGRATION_STATE_COPYING:
      return absl::StrCat("copying, round ", migration.rounds() + 1);
    case coordinator::v1::MIGRATION_STATE_COPIED:
      return absl::StrCat("copied round ", migration.rounds());
    case coordinator::v1::MIGRATION_STATE_QUIESCING:
      return absl::StrCat("stopping on ", ShortName(migration.source()));
    case coordinator::v1::MIGRATION_STATE_SEALED:
      return "sending the last changes";
    case coordinator::v1::MIGRATION_STATE_PREPARED:
      return absl::StrCat("handing over to ", destination);
    case coordinator::v1::MIGRATION_STATE_COMMITTED:
      return absl::StrCat("starting on ", destination);
    case coordinator::v1::MIGRATION_STATE_ACTIVE:
      return "switching the routes";
    case coordinator::v1::MIGRATION_STATE_ROUTED:
    case coordinator::v1::MIGRATION_STATE_RETIRED:
      // It may be one that did not get ready.
      if (!migration.error().empty()) return "cleaning up";
      return absl::StrCat("runs on ", destination, ", cleaning up");
    case coordinator::v1::MIGRATION_STATE_DONE:
      if (!migration.returned_by().empty()) {
        return absl::StrCat("not ready on ", destination, ", goes back to ",
                            ShortName(migration.source()));
      }
      return HasMoved(migration) ? "done" : "failed";
    case coordinator::v1::MIGRATION_STATE_ABORTING:
      return "going back";
    case coordinator::v1::MIGRATION_STATE_ABORTED:
      return "aborted";
    default:
      return "waiting";
  }
}

// Null if there is none of that name.
const Migration* FindMigration(const Deployment& deployment, const std::string& name) {
  if (name.empty()) return nullptr;
  for (const Migration& migration : deployment.migrations()) {
    if (ShortName(migration.name()) == ShortName(name)) return &migration;
  }
  return nullptr;
}

// What a move does, and then the way back of an application that did not get ready.
ProgressItem ItemOfMove(const Deployment& deployment, const Migration& migration) {
  const Migration* back = FindMigration(deployment, migration.returned_by());
  if (back == nullptr) return ItemOf(migration);
  ProgressItem item = ItemOf(*back);
  item.activity = absl::StrCat("not ready on ", ShortName(migration.destination()),
                               ", goes back: ", item.activity);
  return item;
}

}  // namespace

ProgressItem ItemOf(const Migration& migration) {
  ProgressItem item;
  item.title =
      absl::StrCat("move ", ShortName(migration.application()), " from ",
                   ShortName(migration.source()), " to ", ShortName(migration.destination()));
  item.activity = ActivityOf(migration);
  item.color = IsOver(migration) && !HasMoved(migration) ? Color::kBad : ColorOf(migration.state());
  if (migration.state() == coordinator::v1::MIGRATION_STATE_COPYING ||
      !migration.activity().empty()) {
    item.done_bytes = migration.progress_bytes();
    item.total_bytes = migration.progress_total_bytes();
  }
  return item;
}

std::vector<ProgressItem> ItemsOf(const Deployment& deployment) {
  std::vector<ProgressItem> items;
  for (const Action& action : deployment.actions()) {
    const Migration* migration = FindMigration(deployment, action.migration());
    ProgressItem item;
    if (migration != nullptr) item = ItemOfMove(deployment, *migration);
    item.title = ActionPhrase(action);
    switch (action.state()) {
      case coordinator::v1::ACTION_STATE_RUNNING:
        if (migration != nullptr) break;
        item.activity = action.activity().empty() ? "under way" : action.activity();
        item.done_bytes = action.progress_bytes();
        item.total_bytes = action.progress_total_bytes();
        break;
      case coordinator::v1::ACTION_STATE_DONE:
        item.activity = "done";
        item.color = Color::kGood;
        break;
      case coordinator::v1::ACTION_STATE_FAILED:
        item.activity = "failed";
        item.color = Color::kBad;
        break;
      default:
        continue;
    }
    items.push_back(std::move(item));
  }
  return items;
}

}  // namespace drover::cli
