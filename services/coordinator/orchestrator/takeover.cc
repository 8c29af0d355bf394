#include "services/coordinator/orchestrator/takeover.h"

#include <glog/logging.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"
#include "services/coordinator/domain/old_store.h"

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
  const absl::Status possible = CheckClaim(view, application, node);
  if (ReasonOf(possible) == "ALREADY_OWNER") {
    co_return co_await StartIfClaimBrokeOff(application, node, std::move(view), possible);
  }
  if (!possible.ok()) co_return possible;
  DROVER_CO_ASSIGN_OR_RETURN(const MigrationId stuck, FindStuck(application, node, view));
  // Of a move that is stuck, its driver has the token; it waits for a node that is lost.
  BusyApplications::Token token;
  if (stuck.empty()) {
    DROVER_CO_ASSIGN_OR_RETURN(token, deps_.busy.Acquire(application));
    // Nobody else works on it from here on: what was true before may be so no more.
    view = co_await deps_.observer.Observe();
    DROVER_CO_RETURN_IF_ERROR(CheckClaim(view, application, node));
  }
  claiming_.insert(application);
  const absl::Status claimed = co_await TakeOver(application, node, stuck, by);
  claiming_.erase(application);
  if (!claimed.ok()) co_return claimed;
  if (!stuck.empty()) {
    DROVER_CO_ASSIGN_OR_RETURN(token, deps_.busy.Acquire(application));
  }
  const ApplicationRecord record = *deps_.journal.FindApplication(application);
  if (!record.running) co_return absl::OkStatus();
  co_return co_await deps_.operations.Start(record.spec, node, record.generation);
}

Task<absl::Status> Takeover::CheckMayClaim(ApplicationName application, NodeName node) const {
  const ClusterView view = co_await deps_.observer.Observe();
  const absl::Status possible = CheckClaim(view, application, node);
  const bool is_to_start =
      ReasonOf(possible) == "ALREADY_OWNER" && HasClaimBrokenOff(application, node, view);
  if (!possible.ok() && !is_to_start) co_return possible;
  co_return FindStuck(application, node, view).status();
}

Task<absl::Status> Takeover::TakeOver(ApplicationName application, NodeName node, MigrationId stuck,
                                      std::string by) {
  // An old store was noticed while the nodes were looked at.
  if (!deps_.journal.recovery().empty()) co_return RecoveryModeError(deps_.journal.recovery());
  const Generation generation = deps_.journal.TakeGeneration();
  Change begun;
  begun.audit.push_back({deps_.clock.Now(), by, "ClaimVolumes",
                         absl::StrCat(application.value(), " on ", node.value()),
                         absl::StrCat("begun under generation ", generation.value())});
  co_await deps_.journal.Commit(std::move(begun));
  // The node first: if it does not get there, the old owner is still the owner, and nothing is
  // lost when it comes back.
  DROVER_CO_RETURN_IF_ERROR(co_await ClaimOnNode(application, node, generation));
  if (!stuck.empty()) {
    DROVER_CO_RETURN_IF_ERROR(co_await deps_.migrations.GiveUp(stuck, by));
    co_await deps_.migrations.Wait(stuck);
    co_await deps_.routes.Release(stuck.value());
  }
  co_await deps_.journal.Commit(ChangeOf(application, node, generation));
  LOG(WARNING) << "the volumes of " << application << " were claimed on " << node
               << " under generation " << generation << " by " << by;
  co_return absl::OkStatus();
}

bool Takeover::HasClaimBrokenOff(const ApplicationName& application, const NodeName& node,
                                 const ClusterView& view) const {
  const NodeView* there = view.FindNode(node);
  return deps_.journal.FindApplication(application)->running && there->containers_known &&
         FindContainer(*there, application) == nullptr;
}

Task<absl::Status> Takeover::StartIfClaimBrokeOff(ApplicationName application, NodeName node,
                                                  ClusterView view, absl::Status already) {
  DROVER_CO_ASSIGN_OR_RETURN(BusyApplications::Token token, deps_.busy.Acquire(application));
  if (!HasClaimBrokenOff(application, node, view)) co_return already;
  const ApplicationRecord record = *deps_.journal.FindApplication(application);
  co_return co_await deps_.operations.Start(record.spec, node, record.generation);
}

absl::StatusOr<MigrationId> Takeover::FindStuck(const ApplicationName& application,
                                                const NodeName& claimer,
                                                const ClusterView& view) const {
  const MigrationRecord* move = FindUnfinished(deps_.journal, application);
  if (move == nullptr) return MigrationId();
  const bool forward =
      IsCommitted(move->state) && move->source == claimer && IsLost(view, move->destination);
  const bool back = move->state == MigrationState::kAborting && move->destination == claimer &&
                    IsLost(view, move->source);
  if (forward || back) return move->id;
  return absl::AbortedError(absl::StrCat("a move of ", application.value(),
                                         " is under way; end it first: `drover migrations cancel ",
                                         move->id.value(), "`"));
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
    const bool arrives_here = migration->destination_pending && migration->destination == node;
    const bool pending = migration->source_pending || migration->start_pending || arrives_here;
    if (migration->application != application || !pending) continue;
    change.migrations.push_back(*migration);
    change.migrations.back().source_pending = false;
    change.migrations.back().start_pending = false;
    if (arrives_here) change.migrations.back().destination_pending = false;
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
  std::set<ApplicationName> moving;
  for (const MigrationRecord* migration : deps_.journal.migrations()) {
    if (!IsTerminal(migration->state)) moving.insert(migration->application);
  }
  OwnershipOrders orders = OwnershipOrdersFor(view, deps_.journal.applications(), moving);
  // Whose it is is being decided.
  std::erase_if(orders.confirm, [this](const OwnershipOrders::Group& group) {
    return claiming_.contains(group.application);
  });
  // After the look at the node: what was noticed at another one meanwhile counts.
  DROVER_CO_RETURN_IF_ERROR(deps_.contact.CheckMayTellOwners());
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
    DROVER_CO_RETURN_IF_ERROR(co_await Diverge(node, group));
  }
  for (const ApplicationName& application : orders.remove_containers) {
    const absl::StatusOr<BusyApplications::Token> token = deps_.busy.Acquire(application);
    const ApplicationRecord* record = deps_.journal.FindApplication(application);
    if (!token.ok() || record == nullptr || record->node == node->name) continue;
    DROVER_CO_RETURN_IF_ERROR(
        co_await deps_.node_operations.RemoveContainer(node->name, record->spec, Generation()));
  }
  co_return absl::OkStatus();
}

Task<absl::Status> Takeover::Diverge(std::shared_ptr<NodeHandle> node,
                                     OwnershipOrders::Group group) {
  DROVER_CO_RETURN_IF_ERROR(deps_.contact.CheckMayTellOwners());
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
