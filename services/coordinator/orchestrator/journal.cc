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

// What a coordinator writes that must not decide anything.
bool DecidesNothing(const Change& change) {
  return change.removed_nodes.empty() && change.applications.empty() &&
         change.removed_applications.empty() && change.migrations.empty() &&
         change.deployments.empty();
}

}  // namespace

Journal::Journal(CoordinatorStore& store, BlockingPool& pool, Die die)
    : store_(store), pool_(pool), die_(std::move(die)) {}

absl::StatusOr<std::unique_ptr<Journal>> Journal::Open(CoordinatorStore& store, BlockingPool& pool,
                                                       Die die) {
  std::unique_ptr<Journal> journal(new Journal(store, pool, std::move(die)));
  DROVER_ASSIGN_OR_RETURN(EpochRecord epoch, store.TakeEpoch(Epoch(0)));
  DROVER_ASSIGN_OR_RETURN(StoredState state, store.Load());
  journal->Remember(epoch);
  for (const EpochRecord& start : state.starts) {
    journal->history_.starts.insert({start.epoch.value(), start.nonce});
  }
  journal->history_.opened_sequence = state.counters.sequence;
  journal->recovery_ = state.recovery;
  journal->counters_ = state.counters;
  journal->fence_.set_sequence(state.counters.sequence);
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

void Journal::Remember(const EpochRecord& start) {
  fence_.set_epoch(start.epoch.value());
  fence_.set_nonce(start.nonce);
  history_.current = {start.epoch.value(), start.nonce};
  history_.starts.insert(history_.current);
}

Task<void> Journal::Commit(Change change) {
  AsyncMutex::Lock lock = co_await writing_->Acquire();
  if (!recovery_.empty() && !DecidesNothing(change)) {
    co_await EndProcess(RecoveryModeError(recovery_));
  }
  change.counters = counters_;
  co_await Write(std::move(change));
}

Task<void> Journal::CommitRoutes(Change change) {
  AsyncMutex::Lock lock = co_await writing_->Acquire();
  if (!recovery_.empty()) co_await EndProcess(RecoveryModeError(recovery_));
  change.counters = counters_;
  ++change.counters.route_revision;
  co_await Write(std::move(change));
}

Task<void> Journal::EnterRecovery(std::string why) {
  if (!recovery_.empty()) co_return;
  // What waits for its turn to write finds this when it has it.
  recovery_ = why;
  AsyncMutex::Lock lock = co_await writing_->Acquire();
  Change change;
  change.recovery = std::move(why);
  change.counters = counters_;
  co_await Write(std::move(change));
}

Task<void> Journal::Adopt(Adoption adoption) {
  AsyncMutex::Lock lock = co_await writing_->Acquire();
  auto take = [this, above = adoption.epoch] { return store_.TakeEpoch(above); };
  absl::StatusOr<EpochRecord> start = co_await RunBlocking(pool_, std::move(take));
  if (!start.ok()) co_await EndProcess(start.status());
  Change& change = adoption.change;
  counters_ = adoption.counters;
  change.counters = counters_;
  change.recovery = "";
  for (const EpochRecord& other : change.adopted_starts) {
    history_.starts.insert({other.epoch.value(), other.nonce});
  }
  Remember(*start);
  co_await Write(std::move(adoption.change));
  history_.opened_sequence = counters_.sequence;
  recovery_.clear();
  changed_.Notify();
}

Task<void> Journal::Write(Change change) {
  change.counters.sequence = counters_.sequence + 1;
  auto write = [this, &change] { return store_.Commit(change); };
  absl::Status written = co_await RunBlocking(pool_, std::move(write));
  if (!written.ok()) co_await EndProcess(written);
  counters_.sequence = change.counters.sequence;
  fence_.set_sequence(counters_.sequence);
  RaiseRouteRevision(change.counters.route_revision);
  Apply(change);
  changed_.Notify();
}

Task<absl::StatusOr<std::shared_ptr<StoreCopy>>> Journal::Copy(std::string recovery) {
  AsyncMutex::Lock lock = co_await writing_->Acquire();
  auto copy = [this, recovery]() -> absl::StatusOr<std::shared_ptr<StoreCopy>> {
    DROVER_ASSIGN_OR_RETURN(UniqueFd file, store_.BackUp(recovery));
    return std::make_shared<StoreCopy>(std::move(file), pool_);
  };
  co_return co_await RunBlocking(pool_, std::move(copy));
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
  for (const ApplicationName& name : change.removed_applications) applications_.erase(name);
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
