// How the coordinator goes on from what the nodes have, after its store was restored from an old
// copy.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_ADOPTION_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_ADOPTION_H_

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/coordinator/domain/cluster_view.h"
#include "services/coordinator/domain/migration_record.h"
#include "services/coordinator/domain/records.h"

namespace drover::coordinator {

// What the old journal says, beside the applications in ClusterView.
struct OldJournal {
  std::vector<const MigrationRecord*> migrations;
  std::vector<const DeploymentRecord*> deployments;
  Counters counters;
};

// What the journal is to say; all of it in one transaction.
struct AdoptionPlan {
  // Changed, or new: those of which the nodes know and the journal does not.
  std::vector<MigrationRecord> migrations;
  std::vector<ApplicationRecord> applications;
  std::vector<DeploymentRecord> deployments;
  // Nothing that any node knows is higher.
  Counters counters;
  int64_t epoch = 0;
  // Whom the nodes have obeyed.
  std::vector<CoordinatorStart> starts;

  // In sentences: what is taken over or decided, and what is left for a person.
  std::vector<std::string> done;
  std::vector<std::string> open;
};

// UNAVAILABLE naming the nodes that do not answer: each may have what the journal forgot.
// FAILED_PRECONDITION (NODE_ANSWERS) if one of `without` does: what those know that the journal
// does not is given up.
//
// The nodes' records decide; where the journal was written later than they know, it stands.
// - A generation is under its owner's name from COMMIT on. So a move whose generation a node has
//   (or had) is committed, and goes forward; any other is undone, its destination discarding what
//   it received before its source may go on. What a node alone has is never discarded, and a source
//   never goes on where somebody owns the data under a later generation.
// - Applications are where their owner is (OwnerChoice): a claim that broke off makes none.
// - A deployment that was under way is over: what it asked for may have been replaced since.
// - Of nodes that are left out nothing is waited for. What they own of an application that another
//   node owns does not count when they are back (ApplicationRecord::refused_generation).
absl::StatusOr<AdoptionPlan> PlanAdoption(const ClusterView& view, const OldJournal& journal,
                                          const std::set<NodeName>& without, absl::Time now);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_ADOPTION_H_
