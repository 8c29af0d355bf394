// Plans desired states and drains by what the cluster is like now.
#ifndef DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_DEPLOYMENT_PLANNER_H_
#define DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_DEPLOYMENT_PLANNER_H_

#include <map>
#include <vector>

#include "absl/status/statusor.h"
#include "services/common/async/task.h"
#include "services/common/time/clock.h"
#include "services/coordinator/domain/drain_history.h"
#include "services/coordinator/domain/planner.h"
#include "services/coordinator/orchestrator/application_operations.h"
#include "services/coordinator/orchestrator/host_resolver.h"
#include "services/coordinator/orchestrator/journal.h"
#include "services/coordinator/orchestrator/observer.h"

namespace drover::coordinator {

// Both with the nodes' registered names.
struct DeploymentPlan {
  DesiredState desired;
  Plan plan;
};
struct DrainPlan {
  Drain drain;
  Plan plan;
};

// What the pure planners need to know is looked up here, and what they cannot know is added: how
// long each application will be interrupted, and which external ports something else listens on.
// Changes nothing. Not thread-safe.
class DeploymentPlanner {
 public:
  DeploymentPlanner(const Journal& journal, const Observer& observer,
                    ApplicationOperations& operations, HostResolver& hosts, const Clock& clock)
      : journal_(journal),
        observer_(observer),
        operations_(operations),
        hosts_(hosts),
        clock_(clock) {}

  // With the nodes as somebody has written them. See the pure MakePlan for what is refused.
  Task<absl::StatusOr<DeploymentPlan>> MakePlan(DesiredState desired);
  // The same; see PlanDrain and PlanRestore.
  Task<absl::StatusOr<DrainPlan>> MakePlan(Drain drain);

  // What the application is to be: as asked for, or as it is.
  ApplicationSpec SpecOf(const DesiredState& desired, const ApplicationName& name) const;

 private:
  Task<Drain> Resolve(Drain drain, const std::vector<NodeView>& nodes);
  absl::StatusOr<Plan> PlanOf(const Drain& drain, const ClusterView& view) const;
  std::map<ApplicationName, MovedApplication> MovedAwayFrom(const NodeName& name) const;
  // By moves and restarts of applications that run.
  void PredictInterruptions(Plan& plan, const ClusterView& view) const;
  // The plan, with what is not possible because something else listens on an external port.
  Task<Plan> NameTakenPorts(Plan plan, DesiredState desired);

  const Journal& journal_;
  const Observer& observer_;
  ApplicationOperations& operations_;
  HostResolver& hosts_;
  const Clock& clock_;
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_DEPLOYMENT_PLANNER_H_
