#include "services/coordinator/orchestrator/takeover.h"

#include <glog/logging.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/status/status_macros.h"

namespace drover::coordinator {
namespace {

constexpr absl::Duration kDeadline = absl::Seconds(3);

bool IsLost(const ClusterView& view, const NodeName& name) {
  const NodeView* node = view.FindNode(name);
  return node == nullptr || !node->volumes_known;
}

const MigrationRecord* FindUnfinished(const Journal& journal, const ApplicationName& application) {
  for (const MigrationRecord* migration : journal.migrations()) {
    if (migration->application == application && !IsTerminal(migration->state)) return migration;
  }
  return nullptr;
}

}  // namespace

Task<absl::Status> Takeover::Claim(ApplicationName application, NodeName node, std::string by) {
  ClusterView view = co_await deps_.observer.Observe();
  DROVER_CO_RETURN_IF_ERROR(co_await DiscardArriving(application, node, std::move(view)));
  view = co_await deps_.observer.Observe();
  DROVER_CO_RETURN_IF_ERROR(CheckClaim(view, application, node));
  DROVER_CO_RETURN_IF_ERROR(co_await GiveUpMove(application, node, std::move(view), by));
  DROVER_CO_ASSIGN_OR_RETURN(BusyApplications::Token token, deps_.busy.Acquire(application));
  // Nobody else works on it from here on: what was true before may be so no more.
  view = co_await deps_.observer.Observe();
  DROVER_CO_RETURN_IF_ERROR(CheckClaim(view, application, node));

  const Generation generation = deps_.journal.TakeGeneration();
  Change begun;
  begun.audit.push_back({deps_.clock.Now(), by, "ClaimVolumes",
                         absl::StrCat(application.value(), " on ", node.value()),
                         absl::StrCat("begun under generation ", generation.value())});
  co_await deps_.journal.Commit(std::move(begun));
  // The node first: if it does not get there, the old owner is still the owner, and nothing is
  // lost when it comes back.
  DROVER_CO_RETURN_IF_ERROR(co_await ClaimOnNode(application, node, generation));
  co_await deps_.journal.Commit(ChangeOf(application, node, generation));
  LOG(WARNING) << "the volumes of " << application << " were claimed on " << node
               << " under generation " << generation << " by " << by;
  const ApplicationRecord record = *deps_.journal.FindApplication(application);
  if (!record.running) co_return absl::OkStatus();
  co_return co_await deps_.operations.Start(record.spec, node, generation);
}

Task<absl::Status> Takeover::DiscardArriving(ApplicationName application, NodeName claimer,
                                             ClusterView view) {
  const MigrationRecord* move = FindUnfinished(deps_.journal, application);
  const bool is_stuck = move != nullptr && move->state == MigrationState::kAborting &&
                        move->destination == claimer && IsLost(view, move->source);
  if (!is_stuck) co_return absl::OkStatus();
  DROVER_CO_ASSIGN_OR_RETURN(std::shared_ptr<NodeHandle> handle, deps_.nodes.Find(claimer));
  volume::v1::AbortMigrationRequest request;
  volume::v1::MigrationKey* key = request.mutable_key();
  *key->mutable_fence() = deps_.journal.fence();
  key->set_migration(move->id.value());
  key->set_generation(move->generation.value());
  key->set_application(application.value());
  const auto aborted = co_await handle->volume->AbortMigration(std::move(request), kCallDeadline);
  co_return aborted.status();
}

Task<absl::Status> Takeover::GiveUpMove(ApplicationName application, NodeName claimer,
                                        ClusterView view, std::string by) {
  const MigrationRecord* move = FindUnfinished(deps_.journal, application);
  if (move == nullptr) co_return absl::OkStatus();
  const MigrationId id = move->id;
  const bool forward =
      IsCommitted(move->state) && move->source == claimer && IsLost(view, move->destination);
  const bool back = move->state == MigrationState::kAborting && move->destination == claimer &&
                    IsLost(view, move->source);
  if (!forward && !back) {
    co_return absl::AbortedError(absl::StrCat("a move of ", application.value(),
                                              " is under way; end it first: `drover "
                                              "migrations cancel ",
                                              id.value(), "`"));
  }
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.migrations.GiveUp(id, by));
  co_await deps_.migrations.Wait(id);
  co_return absl::OkStatus();
}

Task<absl::Status> Takeover::ClaimOnNode(ApplicationName application, NodeName node,
                                         Generation generation) {
  DROVER_CO_ASSIGN_OR_RETURN(std::shared_ptr<NodeHandle> handle, deps_.nodes.Find(node));
  volume::v1::ClaimGroupRequest request;
  *request.mutable_fence() = deps_.journal.fence();
  request.set_application(application.value());
  request.set_generation(generation.value());
  const auto claimed = co_await handle->volume->ClaimGroup(std::move(request), kCallDeadline);
  if (claimed.ok()) co_return absl::OkStatus();
  co_return absl::Status(claimed.status().code(),
                         absl::StrCat(node.value(), ": ", claimed.status().message(),
                                      "; whether it was claimed there is shown by `drover volumes "
                                      "list`, and claiming it again does no harm"));
}

Change Takeover::ChangeOf(const ApplicationName& application, const NodeName& node,
                          Generation generation) const {
  Change change;
  ApplicationRecord record = *deps_.journal.FindApplication(application);
  ++record.revision;
  record.node = node;
  record.generation = generation;
  record.problem.clear();
  change.applications.push_back(std::move(record));
  for (const MigrationRecord* migration : deps_.journal.migrations()) {
    const bool pending = migration->source_pending || migration->start_pending;
    if (migration->application != application || !pending) continue;
    change.migrations.push_back(*migration);
    change.migrations.back().source_pending = false;
    change.migrations.back().start_pending = false;
    ++change.migrations.back().revision;
  }
  return change;
}

Task<absl::Status> Takeover::DeleteDiverged(ApplicationName application, NodeName node) {
  DROVER_CO_ASSIGN_OR_RETURN(BusyApplications::Token token, deps_.busy.Acquire(application));
  const ClusterView view = co_await deps_.observer.Observe();
  DROVER_CO_RETURN_IF_ERROR(CheckDeleteDiverged(view, application, node));
  DROVER_CO_ASSIGN_OR_RETURN(std::shared_ptr<NodeHandle> handle, deps_.nodes.Find(node));
  volume::v1::DeleteGroupRequest request;
  *request.mutable_fence() = deps_.journal.fence();
  request.set_application(application.value());
  request.set_generation(FindGroup(*view.FindNode(node), application)->generation.value());
  const auto deleted = co_await handle->volume->DeleteGroup(std::move(request), kCallDeadline);
  co_return deleted.status();
}

Task<absl::Status> Takeover::TellOwnership(std::shared_ptr<NodeHandle> node,
                                           std::vector<container::v1::Container> containers) {
  volume::v1::ListGroupsRequest request;
  request.set_records_only(true);
  DROVER_CO_ASSIGN_OR_RETURN(auto groups, co_await node->volume->ListGroups(request, kDeadline));
  NodeView view;
  view.name = node->name;
  for (const auto& group : groups.groups()) view.groups.push_back(GroupViewOf(group));
  for (const auto& container : containers) view.containers.push_back(ContainerViewOf(container));
  const OwnershipOrders orders =
      OwnershipOrdersFor(view, deps_.journal.applications(), deps_.busy.names());
  if (!orders.confirm.empty()) {
    volume::v1::ConfirmOwnershipRequest confirm;
    *confirm.mutable_fence() = deps_.journal.fence();
    for (const OwnershipOrders::Group& group : orders.confirm) {
      volume::v1::OwnedGroup* owned = confirm.add_groups();
      owned->set_application(group.application.value());
      owned->set_generation(group.generation.value());
    }
    DROVER_CO_RETURN_IF_ERROR(
        (co_await node->volume->ConfirmOwnership(std::move(confirm), kDeadline)).status());
  }
  for (const OwnershipOrders::Group& group : orders.diverge) {
    const absl::StatusOr<BusyApplications::Token> token = deps_.busy.Acquire(group.application);
    if (!token.ok()) continue;
    DROVER_CO_RETURN_IF_ERROR(co_await Diverge(node, group));
  }
  for (const ApplicationName& application : orders.remove_containers) {
    const absl::StatusOr<BusyApplications::Token> token = deps_.busy.Acquire(application);
    const ApplicationRecord* record = deps_.journal.FindApplication(application);
    if (!token.ok() || record == nullptr) continue;
    DROVER_CO_RETURN_IF_ERROR(
        co_await deps_.node_operations.RemoveContainer(node->name, record->spec, Generation()));
  }
  co_return absl::OkStatus();
}

Task<absl::Status> Takeover::Diverge(std::shared_ptr<NodeHandle> node,
                                     OwnershipOrders::Group group) {
  volume::v1::DivergeGroupRequest request;
  *request.mutable_fence() = deps_.journal.fence();
  request.set_application(group.application.value());
  request.set_generation(group.generation.value());
  const auto told = co_await node->volume->DivergeGroup(std::move(request), kCallDeadline);
  if (!told.ok()) co_return told.status();
  LOG(WARNING) << node->name << " is back with volumes of " << group.application
               << " that were claimed elsewhere: kept there as DIVERGED, not served";
  Change change;
  change.audit.push_back({deps_.clock.Now(), "drover-coordinator", "DivergeGroup",
                          absl::StrCat(group.application.value(), " on ", node->name.value()),
                          "OK"});
  co_await deps_.journal.Commit(std::move(change));
  co_return absl::OkStatus();
}

}  // namespace drover::coordinator
