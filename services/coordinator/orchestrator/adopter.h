// Carries out `drover doctor --adopt`.
#ifndef DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_ADOPTER_H_
#define DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_ADOPTER_H_

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/common/async/async_mutex.h"
#include "services/common/async/task.h"
#include "services/common/time/clock.h"
#include "services/coordinator/domain/adoption.h"
#include "services/coordinator/orchestrator/first_contact.h"
#include "services/coordinator/orchestrator/journal.h"
#include "services/coordinator/orchestrator/observer.h"

namespace drover::coordinator {

// In sentences.
struct AdoptionReport {
  std::vector<std::string> done;
  std::vector<std::string> open;
};

// Not thread-safe.
class Adopter {
 public:
  Adopter(Journal& journal, const Observer& observer, FirstContact& contact, const Clock& clock)
      : journal_(journal), observer_(observer), contact_(contact), clock_(clock) {}

  // Looks at all nodes, plans, and makes the plan durable in one transaction, with an entry in the
  // audit for each decision; after that the coordinator is not in recovery mode. The moves that it
  // decided about are the caller's to resume. `without`: whose knowledge the caller gives up.
  // FAILED_PRECONDITION if it is not in recovery mode, or one of those answers; UNAVAILABLE naming
  // the other nodes that do not.
  Task<absl::StatusOr<AdoptionReport>> Adopt(std::set<NodeName> without, std::string caller);

 private:
  Journal& journal_;
  const Observer& observer_;
  FirstContact& contact_;
  const Clock& clock_;
  const std::shared_ptr<AsyncMutex> adopting_ = std::make_shared<AsyncMutex>();
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_ADOPTER_H_
