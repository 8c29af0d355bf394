#include "services/coordinator/orchestrator/adopter.h"

#include <glog/logging.h>

#include <utility>

#include "services/common/status/status_macros.h"

namespace drover::coordinator {
namespace {

Adoption AdoptionOf(const AdoptionPlan& plan, const std::string& caller, absl::Time now) {
  Adoption adoption;
  adoption.counters = plan.counters;
  adoption.epoch = Epoch(plan.epoch);
  Change& change = adoption.change;
  change.migrations = plan.migrations;
  change.applications = plan.applications;
  change.deployments = plan.deployments;
  for (const CoordinatorStart& start : plan.starts) {
    change.adopted_starts.push_back({Epoch(start.epoch), start.nonce});
  }
  for (const MigrationRecord& migration : plan.migrations) {
    change.audit.push_back(
        {now, caller, "AdoptMigration", migration.id.value(), MigrationStateName(migration.state)});
  }
  for (const ApplicationRecord& application : plan.applications) {
    change.audit.push_back(
        {now, caller, "AdoptApplication", application.name.value(), application.node.value()});
  }
  return adoption;
}

}  // namespace

Task<absl::StatusOr<AdoptionReport>> Adopter::Adopt(std::string caller) {
  AsyncMutex::Lock lock = co_await adopting_->Acquire();
  if (journal_.recovery().empty()) {
    co_return absl::FailedPreconditionError(
        "the coordinator is not in recovery mode: its journal is the newest that the nodes know, "
        "and there is nothing to adopt; `drover doctor` says what disagrees with it");
  }
  const ClusterView view = co_await observer_.Observe();
  const OldJournal old{journal_.migrations(), journal_.deployments(), journal_.counters()};
  DROVER_CO_ASSIGN_OR_RETURN(AdoptionPlan plan, PlanAdoption(view, old, clock_.Now()));
  for (const std::string& sentence : plan.done) LOG(WARNING) << "adopted: " << sentence;
  for (const std::string& sentence : plan.open) LOG(WARNING) << "not adopted: " << sentence;
  Adoption adoption = AdoptionOf(plan, caller, clock_.Now());
  co_await journal_.Adopt(std::move(adoption));
  // What they have obeyed belongs to our history now.
  co_await contact_.MeetAll();
  co_return AdoptionReport{std::move(plan.done), std::move(plan.open)};
}

}  // namespace drover::coordinator
