// On what the journal and the nodes disagree, what should serve and does not, and what to do about
// it.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_DOCTOR_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_DOCTOR_H_

#include <cstdint>
#include <string>
#include <vector>

#include "services/coordinator/domain/cluster_view.h"
#include "services/coordinator/domain/migration_record.h"

namespace drover::coordinator {

enum class Severity { kWarning, kError };

struct Finding {
  Severity severity = Severity::kError;
  std::string subject;  // A node, an application, or `coordinator`.
  std::string what;
  std::string advice;
  friend bool operator==(const Finding&, const Finding&) = default;
};

// What of the journal is not in ClusterView.
struct JournalFacts {
  std::vector<const MigrationRecord*> migrations;
  int64_t route_revision = 0;
  int64_t generation = 0;  // The last that it has given.
  std::string recovery;    // Why the coordinator is in recovery mode; empty if it is not.
};

// Errors first; empty if everything agrees and serves. Applications on which somebody works right
// now are left out, but in recovery mode, where nobody does. Nodes that do not answer are reported,
// and nothing is concluded from their silence.
std::vector<Finding> Diagnose(const ClusterView& view, const JournalFacts& journal);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_DOCTOR_H_
