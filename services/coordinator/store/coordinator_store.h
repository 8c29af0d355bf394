// What the coordinator must not forget: nodes, applications, the journal of moves, deployments.
#ifndef DROVER_SERVICES_COORDINATOR_STORE_COORDINATOR_STORE_H_
#define DROVER_SERVICES_COORDINATOR_STORE_COORDINATOR_STORE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/common/ids/ids.h"
#include "services/coordinator/domain/migration_record.h"
#include "services/coordinator/domain/records.h"

namespace drover::coordinator {

// One start of the coordinator; what every changing call carries as its fence.
struct EpochRecord {
  Epoch epoch;
  std::string nonce;
};

// Everything but the audit; in the order of creation.
struct StoredState {
  std::vector<NodeRecord> nodes;
  std::vector<ApplicationRecord> applications;
  std::vector<MigrationRecord> migrations;
  std::vector<DeploymentRecord> deployments;
  Counters counters;
};

// What one transaction changes. Records replace those of the same name or id.
struct Change {
  std::vector<NodeRecord> nodes;
  std::vector<NodeName> removed_nodes;
  std::vector<ApplicationRecord> applications;
  std::vector<MigrationRecord> migrations;
  std::vector<DeploymentRecord> deployments;
  std::vector<AuditEntry> audit;
  Counters counters;
};

// The durable memory of the one coordinator of a cluster. Calls block; one at a time, on any
// thread.
class CoordinatorStore {
 public:
  virtual ~CoordinatorStore() = default;

  // A new epoch, durable when the call returns. Called once per start, before anything is read.
  virtual absl::StatusOr<EpochRecord> TakeEpoch() = 0;

  virtual absl::StatusOr<StoredState> Load() = 0;

  // All of `change` or nothing, durable when the call returns. FAILED_PRECONDITION if a migration
  // would have both COMMIT and ABORT, or a counter would go back: bugs of the caller. Any other
  // error leaves open whether the change is durable: the caller has to end.
  virtual absl::Status Commit(const Change& change) = 0;

  // The audit, oldest first.
  virtual absl::StatusOr<std::vector<AuditEntry>> LoadAudit() = 0;
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_STORE_COORDINATOR_STORE_H_
