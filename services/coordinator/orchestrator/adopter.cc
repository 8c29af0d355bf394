#include "services/coordinator/orchestrator/adopter.h"

#include <glog/logging.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/status/status_macros.h"

namespace drover::coordinator {
namespace {

// `left_out`: as they were registered.
Adoption AdoptionOf(const AdoptionPlan& plan, std::vector<NodeRecord> left_out,
                    const std::string& caller, absl::Time now) {
  Adoption adoption;
  adoption.counters = plan.counters;
  adoption.epoch = Epoch(plan.epoch);
  Change& change = adoption.change;
  change.migrations = plan.migrations;
  change.applications = plan.applications;
  change.deployments = plan.deployments;
  for (NodeRecord& node : left_out) {
    node.given_up_epoch = plan.epoch;
    change.audit.push_back({now, caller, "AdoptWithout", node.name.value(),
                            absl::StrCat("what it owns under generations before ",
                                         plan.counters.generation, " is given up")});
  }
  change.nodes = std::move(left_out);
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

Task<absl::StatusOr<AdoptionReport>> Adopter::Adopt(std::set<NodeName> without,
                                                    std::string caller) {
  AsyncMutex::Lock lock = co_await adopting_->Acquire();
  if (journal_.recovery().empty()) {
    co_return absl::FailedPreconditionError(
        "the coordinator is not in recovery mode: its journal is the newest that the nodes know, "
        "and there is nothing to adopt; `drover doctor` says what disagrees with it");
  }
  const ClusterView view = co_await observer_.Observe();
  const OldJournal old{journal_.migrations(), journal_.deployments(), journal_.counters()};
  DROVER_CO_ASSIGN_OR_RETURN(AdoptionPlan plan, PlanAdoption(view, old, without, clock_.Now()));
  for (const std::string& sentence : plan.done) LOG(WARNING) << "adopted: " << sentence;
  for (const std::string& sentence : plan.open) LOG(WARNING) << "not adopted: " << sentence;
  std::vector<NodeRecord> left_out;
  for (const NodeName& name : without) left_out.push_back(journal_.nodes().at(name));
  Adoption adoption = AdoptionOf(plan, std::move(left_out), caller, clock_.Now());
  co_await journal_.Adopt(std::move(adoption));
  // What they have obeyed belongs to our history now.
  co_await contact_.MeetAll();
  co_return AdoptionReport{std::move(plan.done), std::move(plan.open)};
}

}  // namespace drover::coordinator
