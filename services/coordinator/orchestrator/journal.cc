#include "services/coordinator/orchestrator/journal.h"

#include <algorithm>
#include <utility>

#include "services/common/status/status_macros.h"

namespace drover::coordinator {
namespace {

template <class Map, class Key>
auto* FindIn(const Map& map, const Key& key) {
  auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

}  // namespace

Journal::Journal(CoordinatorStore& store, BlockingPool& pool, Die die)
    : store_(store), pool_(pool), die_(std::move(die)) {}

absl::StatusOr<std::unique_ptr<Journal>> Journal::Open(CoordinatorStore& store, BlockingPool& pool,
                                                       Die die) {
  std::unique_ptr<Journal> journal(new Journal(store, pool, std::move(die)));
  DROVER_ASSIGN_OR_RETURN(EpochRecord epoch, store.TakeEpoch());
  journal->fence_.set_epoch(epoch.epoch.value());
  journal->fence_.set_nonce(epoch.nonce);
  DROVER_ASSIGN_OR_RETURN(StoredState state, store.Load());
  journal->counters_ = state.counters;
  Change all;
  all.nodes = std::move(state.nodes);
  all.applications = std::move(state.applications);
  all.migrations = std::move(state.migrations);
  all.deployments = std::move(state.deployments);
  journal->Apply(all);
  return journal;
}

const ApplicationRecord* Journal::FindApplication(const ApplicationName& name) const {
  return FindIn(applications_, name);
}

const MigrationRecord* Journal::FindMigration(const MigrationId& id) const {
  return FindIn(migrations_, id);
}

const DeploymentRecord* Journal::FindDeployment(const std::string& id) const {
  return FindIn(deployments_, id);
}

std::vector<const MigrationRecord*> Journal::migrations() const {
  std::vector<const MigrationRecord*> ordered;
  for (const MigrationId& id : migration_order_) ordered.push_back(&migrations_.at(id));
  return ordered;
}

std::vector<const DeploymentRecord*> Journal::deployments() const {
  std::vector<const DeploymentRecord*> ordered;
  for (const std::string& id : deployment_order_) ordered.push_back(&deployments_.at(id));
  return ordered;
}

void Journal::RaiseRouteRevision(int64_t at_least) {
  counters_.route_revision = std::max(counters_.route_revision, at_least);
}

Task<void> Journal::Commit(Change change) {
  AsyncMutex::Lock lock = co_await writing_->Acquire();
  change.counters = counters_;
  co_await Write(std::move(change));
}

Task<void> Journal::CommitRoutes(Change change) {
  AsyncMutex::Lock lock = co_await writing_->Acquire();
  change.counters = counters_;
  ++change.counters.route_revision;
  co_await Write(std::move(change));
}

Task<void> Journal::Write(Change change) {
  auto write = [this, &change] { return store_.Commit(change); };
  absl::Status written = co_await RunBlocking(pool_, std::move(write));
  if (!written.ok()) co_await EndProcess(written);
  RaiseRouteRevision(change.counters.route_revision);
  Apply(change);
  changed_.Notify();
}

Task<void> Journal::EndProcess(absl::Status why) {
  die_(why);
  // In production die_ does not return; in tests the coroutine is dropped together with its
  // executor.
  auto never = [](Completion<bool>) {};
  co_await AwaitCallback<bool>(std::move(never));
}

void Journal::Apply(const Change& change) {
  for (const NodeRecord& node : change.nodes) nodes_[node.name] = node;
  for (const NodeName& name : change.removed_nodes) nodes_.erase(name);
  for (const ApplicationRecord& app : change.applications) applications_[app.name] = app;
  for (const MigrationRecord& migration : change.migrations) {
    if (!migrations_.contains(migration.id)) migration_order_.push_back(migration.id);
    migrations_[migration.id] = migration;
  }
  for (const DeploymentRecord& deployment : change.deployments) {
    if (!deployments_.contains(deployment.id)) deployment_order_.push_back(deployment.id);
    deployments_[deployment.id] = deployment;
  }
}

}  // namespace drover::coordinator
