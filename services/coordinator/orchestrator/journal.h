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
#include "services/coordinator/domain/old_store.h"
#include "services/coordinator/domain/records.h"
#include "services/coordinator/orchestrator/store_copy.h"
#include "services/coordinator/store/coordinator_store.h"

namespace drover::coordinator {

// What is adopted in place of what the store forgot: one transaction that ends the recovery mode.
struct Adoption {
  // Without counters.
  Change change;
  // Nothing that anybody has seen is higher.
  Counters counters;
  Epoch epoch;
};

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
  // How old the store is, to compare with what the nodes know.
  const StoreHistory& history() const { return history_; }

  // Why nothing may be decided; empty if all is well. Then Commit() takes only new nodes and the
  // audit, and anything else ends the process.
  const std::string& recovery() const { return recovery_; }

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
  // A node has a higher one: of a table that never became durable here.
  void RaiseRouteRevision(int64_t at_least);
  const Counters& counters() const { return counters_; }

  // Makes `change` durable and then visible. Fills in its counters.
  Task<void> Commit(Change change);
  // The same for a change of routes: the next revision becomes durable and visible together with
  // it, since a revision that is seen without its routes would be given to the nodes with others.
  Task<void> CommitRoutes(Change change);

  // From this call on nothing is decided, and durably so when it ends.
  Task<void> EnterRecovery(std::string why);
  // Takes a new epoch, and makes `adoption` durable and then visible.
  Task<void> Adopt(Adoption adoption);

  // A copy as it is now, which has `recovery` in its state. Writers wait until it is made.
  Task<absl::StatusOr<std::shared_ptr<StoreCopy>>> Copy(std::string recovery);

  // Ends the process: the journal, or a node, shows that we must not go on.
  Task<void> EndProcess(absl::Status why);

  ChangeSignal& changed() { return changed_; }

 private:
  Journal(CoordinatorStore& store, BlockingPool& pool, Die die);
  // `change` has its counters but for the sequence. For the holder of writing_.
  Task<void> Write(Change change);
  void Remember(const EpochRecord& start);
  void Apply(const Change& change);

  CoordinatorStore& store_;
  BlockingPool& pool_;
  const Die die_;
  drover::common::v1::Fence fence_;
  StoreHistory history_;
  std::string recovery_;
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
