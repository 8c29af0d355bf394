// What the coordinator must not forget: nodes, applications, the journal of moves, deployments.
#ifndef DROVER_SERVICES_COORDINATOR_STORE_COORDINATOR_STORE_H_
#define DROVER_SERVICES_COORDINATOR_STORE_COORDINATOR_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/common/file/unique_fd.h"
#include "services/common/ids/ids.h"
#include "services/coordinator/domain/migration_record.h"
#include "services/coordinator/domain/records.h"

namespace drover::coordinator {

// One start of the coordinator; what every changing call carries as its fence.
struct EpochRecord {
  Epoch epoch;
  std::string nonce;
  friend bool operator==(const EpochRecord&, const EpochRecord&) = default;
};

// Everything but the audit; in the order of creation.
struct StoredState {
  std::vector<NodeRecord> nodes;
  std::vector<ApplicationRecord> applications;
  std::vector<MigrationRecord> migrations;
  std::vector<DeploymentRecord> deployments;
  Counters counters;
  // Every start that belongs to this store's history: those that TakeEpoch() answered, and those
  // that were adopted.
  std::vector<EpochRecord> starts;
  // Why this store may not be the newest: the coordinator then decides nothing. Empty if it is.
  std::string recovery;
};

// What one transaction changes. Records replace those of the same name or id.
struct Change {
  std::vector<NodeRecord> nodes;
  std::vector<NodeName> removed_nodes;
  std::vector<ApplicationRecord> applications;
  std::vector<ApplicationName> removed_applications;
  std::vector<MigrationRecord> migrations;
  std::vector<DeploymentRecord> deployments;
  std::vector<AuditEntry> audit;
  Counters counters;
  // Starts of other coordinators, which from now on belong to this store's history.
  std::vector<EpochRecord> adopted_starts;
  // The new StoredState::recovery, if it changes.
  std::optional<std::string> recovery;
};

// The durable memory of the one coordinator of a cluster. Calls block; one at a time, on any
// thread.
class CoordinatorStore {
 public:
  virtual ~CoordinatorStore() = default;

  // A new epoch, higher than all before and than `above`, durable when the call returns. Called
  // once per start, before anything is read.
  virtual absl::StatusOr<EpochRecord> TakeEpoch(Epoch above) = 0;

  virtual absl::StatusOr<StoredState> Load() = 0;

  // All of `change` or nothing, durable when the call returns. FAILED_PRECONDITION if a migration
  // would have both COMMIT and ABORT, or a counter would go back: bugs of the caller. Any other
  // error leaves open whether the change is durable: the caller has to end.
  virtual absl::Status Commit(const Change& change) = 0;

  // A consistent copy of all of it, as an open file without a name: closing it removes it. The copy
  // has `recovery` in its state, whatever is in ours, since it is old as soon as we go on.
  virtual absl::StatusOr<UniqueFd> BackUp(const std::string& recovery) = 0;

  // The audit, oldest first.
  virtual absl::StatusOr<std::vector<AuditEntry>> LoadAudit() = 0;
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_STORE_COORDINATOR_STORE_H_
