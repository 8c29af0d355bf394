#include "services/coordinator/domain/clone_planner.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/coordinator/domain/move_problem.h"
#include "services/coordinator/domain/own_ports.h"
#include "services/coordinator/domain/resting_owner.h"
#include "services/coordinator/domain/routes.h"

namespace drover::coordinator {
namespace {

// Who has an external port now.
std::map<int, ApplicationName> TakenPorts(const ClusterView& view) {
  std::map<int, ApplicationName> taken;
  for (const auto& [name, record] : view.applications) {
    if (!record.running) continue;
    for (int port : ExternalPorts(record.spec)) taken[port] = name;
  }
  return taken;
}

// Gives the clone's ports, or all that is wrong with them.
class PortMap {
 public:
  PortMap(const Clone& clone, const ApplicationSpec& source, const ClusterView& view)
      : clone_(clone), source_(source), taken_(TakenPorts(view)) {}

  absl::StatusOr<std::vector<PortMapping>> Make() {
    for (const ClonePort& port : clone_.ports) Check(port);
    std::vector<PortMapping> ports = source_.ports;
    for (PortMapping& port : ports) {
      const auto asked = new_ports_.find(port.external);
      if (asked == new_ports_.end()) {
        Problem(absl::StrCat("external port ", port.external, " is ", source_.name.value(),
                             "'s; give the clone one of its own with --port ", port.external,
                             "=NEW"));
      } else {
        port.external = asked->second;
      }
    }
    if (!problems_.empty()) return absl::InvalidArgumentError(absl::StrJoin(problems_, "\n"));
    return ports;
  }

 private:
  void Check(const ClonePort& port) {
    const std::string what =
        absl::StrCat("--port ", port.source_external, "=", port.clone_external);
    const std::vector<int> had = ExternalPorts(source_);
    const auto other = taken_.find(port.clone_external);
    if (std::find(had.begin(), had.end(), port.source_external) == had.end()) {
      Problem(absl::StrCat(what, ": ", source_.name.value(), " has no external port ",
                           port.source_external,
                           had.empty() ? "" : "; it has: ", absl::StrJoin(had, ", ")));
    } else if (!new_ports_.emplace(port.source_external, port.clone_external).second) {
      Problem(absl::StrCat(what, ": port ", port.source_external, " was given one already"));
    } else if (port.clone_external < 1 || port.clone_external > 65535) {
      Problem(absl::StrCat(what, ": ports are numbers from 1 to 65535"));
    } else if (IsOwnPort(port.clone_external)) {
      Problem(absl::StrCat(what, ": ", kFirstOwnPort, " to ", kLastOwnPort, " are Drover's own"));
    } else if (other != taken_.end()) {
      Problem(
          absl::StrCat(what, ": port ", port.clone_external, " is ", other->second.value(), "'s"));
    } else if (!asked_.insert(port.clone_external).second) {
      Problem(absl::StrCat(what, ": port ", port.clone_external, " is given twice"));
    }
  }
  void Problem(std::string text) { problems_.push_back(std::move(text)); }

  const Clone& clone_;
  const ApplicationSpec& source_;
  const std::map<int, ApplicationName> taken_;
  std::map<int, int> new_ports_;
  std::set<int> asked_;
  std::vector<std::string> problems_;
};

absl::Status CheckNameIsNew(const ApplicationName& name, const ClusterView& view) {
  if (view.applications.contains(name)) {
    return absl::AlreadyExistsError(
        absl::StrCat("there is an application ", name.value(), " already; choose another name"));
  }
  for (const NodeView& node : view.nodes) {
    if (FindGroup(node, name) == nullptr) continue;
    return absl::AlreadyExistsError(absl::StrCat(node.name.value(), " has data of the name ",
                                                 name.value(), " already; choose another name"));
  }
  return CheckAllAnswer(view, absl::StrCat("might have data of the name ", name.value()));
}

}  // namespace

absl::StatusOr<ClonePlan> PlanClone(const Clone& clone, const ClusterView& view) {
  absl::StatusOr<Held> owner = FindRestingOwner(view, clone.source);
  if (!owner.ok()) return owner.status();
  absl::Status is_new = CheckNameIsNew(clone.clone, view);
  if (!is_new.ok()) return is_new;
  const ApplicationSpec& source = view.applications.at(clone.source).spec;
  absl::StatusOr<std::vector<PortMapping>> ports = PortMap(clone, source, view).Make();
  if (!ports.ok()) return ports.status();

  ClonePlan made;
  made.spec = source;
  made.spec.name = clone.clone;
  made.spec.ports = *std::move(ports);
  // An order of starting within the source's files, and the identity of its data.
  made.spec.depends_on.clear();
  for (VolumeSpec& volume : made.spec.volumes) volume.dataset_id.clear();

  const NodeName& here = owner->node->name;
  const NodeView* target = clone.node.empty() ? owner->node : view.FindNode(clone.node);
  absl::Status cordon = CheckCordon(target->name, target->cordoned);
  if (!cordon.ok()) return cordon;
  const std::string problem = DestinationProblem(*target, clone.source, *owner);
  if (!problem.empty()) return absl::FailedPreconditionError(problem);

  Action& copy = made.plan.actions.emplace_back();
  copy.kind = ActionKind::kClone;
  copy.application = clone.clone;
  copy.to = here;
  copy.reason = absl::StrCat("of ", clone.source.value(), " as it is now");
  Action& go = made.plan.actions.emplace_back();
  go.application = clone.clone;
  go.to = target->name;
  go.kind = target->name == here ? ActionKind::kStart : ActionKind::kMove;
  if (go.kind == ActionKind::kMove) {
    go.from = here;
    for (const VolumeView& volume : owner->group->volumes) go.bytes += volume.size_bytes;
  }
  return made;
}

}  // namespace drover::coordinator
