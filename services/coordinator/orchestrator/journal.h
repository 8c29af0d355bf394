// The store as the io thread sees it: all records in memory, every change durable before it shows.
#ifndef DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_JOURNAL_H_
#define DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_JOURNAL_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "drover/common/v1/fence.pb.h"
#include "services/common/async/async_mutex.h"
#include "services/common/async/blocking.h"
#include "services/common/async/change_signal.h"
#include "services/common/async/task.h"
#include "services/coordinator/domain/records.h"
#include "services/coordinator/store/coordinator_store.h"

namespace drover::coordinator {

// The only writer of the store. Reads are answered from memory and show nothing that is not
// durable. A write that fails leaves open what is on the disk, so it ends the process: `die` is
// called and the writing coroutine never resumes. Not thread-safe.
class Journal {
 public:
  using Die = std::function<void(const absl::Status&)>;

  // Takes an epoch, then reads everything. Blocks. `store` and `pool` must outlive the journal.
  static absl::StatusOr<std::unique_ptr<Journal>> Open(CoordinatorStore& store, BlockingPool& pool,
                                                       Die die);

  // What proves to the nodes that a call comes from this start of the coordinator.
  const drover::common::v1::Fence& fence() const { return fence_; }

  const std::map<NodeName, NodeRecord>& nodes() const { return nodes_; }
  const std::map<ApplicationName, ApplicationRecord>& applications() const { return applications_; }
  // Null if there is none.
  const ApplicationRecord* FindApplication(const ApplicationName& name) const;
  const MigrationRecord* FindMigration(const MigrationId& id) const;
  const DeploymentRecord* FindDeployment(const std::string& id) const;
  // Oldest first.
  std::vector<const MigrationRecord*> migrations() const;
  std::vector<const DeploymentRecord*> deployments() const;

  // Numbers never given before; durable with the next Commit(), which must come before their use.
  Generation TakeGeneration() { return Generation(++counters_.generation); }
  // Of the routes that applications() says.
  int64_t route_revision() const { return counters_.route_revision; }
  // The nodes know a higher one: the store was restored from an old copy.
  void RaiseRouteRevision(int64_t at_least);

  // Makes `change` durable and then visible. Fills in its counters.
  Task<void> Commit(Change change);
  // The same for a change of routes: the next revision becomes durable and visible together with
  // it, since a revision that is seen without its routes would be given to the nodes with others.
  Task<void> CommitRoutes(Change change);

  // Ends the process: the journal, or a node, shows that we must not go on.
  Task<void> EndProcess(absl::Status why);

  ChangeSignal& changed() { return changed_; }

 private:
  Journal(CoordinatorStore& store, BlockingPool& pool, Die die);
  Task<void> Write(Change change);
  void Apply(const Change& change);

  CoordinatorStore& store_;
  BlockingPool& pool_;
  const Die die_;
  drover::common::v1::Fence fence_;
  // One at a time, so that memory and disk see the same order.
  const std::shared_ptr<AsyncMutex> writing_ = std::make_shared<AsyncMutex>();
  std::map<NodeName, NodeRecord> nodes_;
  std::map<ApplicationName, ApplicationRecord> applications_;
  std::map<MigrationId, MigrationRecord> migrations_;
  std::vector<MigrationId> migration_order_;
  std::map<std::string, DeploymentRecord> deployments_;
  std::vector<std::string> deployment_order_;
  Counters counters_;
  ChangeSignal changed_;
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_JOURNAL_H_
