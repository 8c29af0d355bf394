#include "services/coordinator/domain/drain_planner.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/common/status/status_macros.h"
#include "services/coordinator/domain/fingerprint.h"
#include "services/coordinator/domain/move_problem.h"
#include "services/coordinator/domain/move_warning.h"
#include "services/coordinator/domain/owner_choice.h"
#include "services/coordinator/domain/placement.h"

namespace drover::coordinator {
namespace {

int64_t SizeOf(const GroupView& group) {
  int64_t bytes = 0;
  for (const VolumeView& volume : group.volumes) bytes += volume.size_bytes;
  return bytes;
}

absl::StatusOr<const NodeView*> FindRegistered(const ClusterView& view, const NodeName& name) {
  DROVER_ASSIGN_OR_RETURN(const NodeName registered, ResolveNode(view.nodes, name.value()));
  return view.FindNode(registered);
}

// What both plans are made of.
class Draft {
 public:
  Draft(const Drain& drain, const ClusterView& view) : drain_(drain), view_(view) {}

  void Move(const ApplicationName& name, const Held& owner, const NodeName& to, std::string why) {
    for (std::string& warning : MoveWarnings(view_, name, *owner.node)) Warn(std::move(warning));
    Add(name, owner.node->name, to).reason = std::move(why);
    plan_.actions.back().bytes = SizeOf(*owner.group);
  }
  void Block(const ApplicationName& name, const NodeName& from, const NodeName& to,
             std::string why) {
    Action& action = Add(name, from, to);
    action.state = ActionState::kFailed;
    action.error = std::move(why);
  }
  void Warn(std::string warning) { plan_.warnings.push_back(std::move(warning)); }
  void Problem(std::string problem) { plan_.problems.push_back(std::move(problem)); }

  bool Has(const ApplicationName& name) const {
    return std::any_of(plan_.actions.begin(), plan_.actions.end(),
                       [&name](const Action& action) { return action.application == name; });
  }

  // Null if it is not known.
  const ApplicationRecord* Find(const ApplicationName& name) const {
    const auto record = view_.applications.find(name);
    return record == view_.applications.end() ? nullptr : &record->second;
  }

  Plan Take() {
    // Room and sizes change all the time, and with them the order and the destinations: what counts
    // is which applications move, and which cannot.
    std::map<ApplicationName, bool> can_move;
    for (const Action& action : plan_.actions) can_move[action.application] = action.error.empty();
    Fingerprint hash;
    hash.Add(drain_.node.value()).Add(drain_.restore);
    for (const auto& [name, can] : can_move) hash.Add(name.value()).Add(can);
    plan_.fingerprint = hash.Hex();
    return std::move(plan_);
  }

 private:
  Action& Add(const ApplicationName& name, const NodeName& from, const NodeName& to) {
    Action& action = plan_.actions.emplace_back();
    action.kind = ActionKind::kMove;
    action.application = name;
    action.from = from;
    action.to = to;
    return action;
  }

  const Drain& drain_;
  const ClusterView& view_;
  Plan plan_;
};

// The nodes that may take what leaves `node`; `why_not` says of the others why they may not.
std::vector<const NodeView*> Candidates(const Drain& drain, const NodeView& node,
                                        const ClusterView& view,
                                        std::vector<std::string>& why_not) {
  const auto is_asked = [&drain](const NodeName& name) {
    return drain.destinations.empty() ||
           std::find(drain.destinations.begin(), drain.destinations.end(), name) !=
               drain.destinations.end();
  };
  std::vector<const NodeView*> candidates;
  for (const NodeView& other : view.nodes) {
    if (other.name == node.name || !is_asked(other.name)) continue;
    if (!other.reachable) {
      why_not.push_back(absl::StrCat(other.name.value(), " does not answer"));
    } else if (!other.engine_problem.empty()) {
      why_not.push_back(
          absl::StrCat("the container engine of ", other.name.value(), " does not answer"));
    } else if (other.cordoned) {
      why_not.push_back(absl::StrCat(other.name.value(), " is cordoned"));
    } else if (other.backend != node.backend) {
      why_not.push_back(absl::StrCat(other.name.value(), " has a pool of ", other.backend,
                                     ", not of ", node.backend));
    } else {
      candidates.push_back(&other);
    }
  }
  return candidates;
}

// What the node owns, the greatest first: it is the hardest to place.
std::vector<const GroupView*> OwnedBy(const NodeView& node) {
  std::vector<const GroupView*> groups;
  for (const GroupView& group : node.groups) {
    if (IsOwner(group.state)) groups.push_back(&group);
  }
  std::stable_sort(groups.begin(), groups.end(),
                   [](const GroupView* a, const GroupView* b) { return SizeOf(*a) > SizeOf(*b); });
  return groups;
}

// What the node does not own now, and may run nevertheless once the drain is over.
void BlockWhatMayComeBack(const NodeView& node, const ClusterView& view,
                          const std::vector<const MigrationRecord*>& migrations, Draft& draft) {
  for (const MigrationRecord* migration : migrations) {
    const bool touches = migration->source == node.name || migration->destination == node.name;
    if (IsTerminal(migration->state) || !touches || draft.Has(migration->application)) continue;
    draft.Block(migration->application, node.name, {},
                absl::StrCat(migration->application.value(), " is being moved from ",
                             migration->source.value(), " to ", migration->destination.value(),
                             "; wait for its end, and drain again"));
  }
  for (const auto& [name, record] : view.applications) {
    if (!record.running || record.node != node.name || draft.Has(name)) continue;
    draft.Block(name, node.name, {},
                absl::StrCat(name.value(), " should run on ", node.name.value(),
                             ", which does not own its data; see `drover doctor`"));
  }
}

}  // namespace

absl::StatusOr<Plan> PlanDrain(const Drain& drain, const ClusterView& view,
                               const std::vector<const MigrationRecord*>& migrations) {
  DROVER_ASSIGN_OR_RETURN(const NodeView* node, FindRegistered(view, drain.node));
  for (const NodeName& destination : drain.destinations) {
    DROVER_RETURN_IF_ERROR(FindRegistered(view, destination).status());
    if (destination == drain.node) {
      return absl::InvalidArgumentError(
          absl::StrCat(drain.node.value(), " cannot take what is moved away from it"));
    }
  }
  Draft draft(drain, view);
  if (!node->reachable) {
    draft.Problem(absl::StrCat(
        node->name.value(), " does not answer (", node->problem,
        "), so nothing can be moved away from it; if it is lost, `drover volumes claim` goes on "
        "with another node's copy"));
    return draft.Take();
  }
  std::vector<std::string> why_not;
  Placement placement(Candidates(drain, *node, view, why_not));
  for (const GroupView* group : OwnedBy(*node)) {
    const ApplicationName& name = group->application;
    const Held owner = {node, group};
    const ApplicationRecord* record = draft.Find(name);
    if (record != nullptr && IsReplaced(*record, owner)) continue;
    if (record == nullptr) {
      draft.Warn(absl::StrCat("the coordinator does not know ", name.value(), ", whose data is on ",
                              node->name.value(), " and stays there; see `drover doctor`"));
      continue;
    }
    if (!record->running) {
      draft.Warn(absl::StrCat(name.value(), " is stopped; its data stays on ", node->name.value()));
      continue;
    }
    std::string why = BusyProblem(view, name);
    if (why.empty()) why = OwnerProblem(view, name, owner);
    const NodeView* destination = nullptr;
    if (why.empty()) {
      std::string shortage;
      const Demand demand = {name, SizeOf(*group), record->spec.memory_limit_bytes};
      destination = placement.Place(demand, shortage);
      std::vector<std::string> reasons = why_not;
      if (!shortage.empty()) reasons.push_back(shortage);
      if (destination == nullptr) {
        why = absl::StrCat("no node can take ", name.value(), ": ",
                           reasons.empty() ? "there is no other" : absl::StrJoin(reasons, ", "),
                           "; ", WhereItIs(name, owner));
      }
    }
    if (destination == nullptr) {
      draft.Block(name, node->name, {}, std::move(why));
    } else {
      draft.Move(name, owner, destination->name, "");
    }
  }
  BlockWhatMayComeBack(*node, view, migrations, draft);
  return draft.Take();
}

absl::StatusOr<Plan> PlanRestore(const Drain& drain,
                                 const std::map<ApplicationName, MovedApplication>& moved_away,
                                 const ClusterView& view) {
  DROVER_ASSIGN_OR_RETURN(const NodeView* node, FindRegistered(view, drain.node));
  Draft draft(drain, view);
  Placement placement({node});
  for (const auto& [name, moved] : moved_away) {
    const NodeName& put_on = moved.node;
    const ApplicationRecord* record = draft.Find(name);
    if (record == nullptr || record->node == drain.node) continue;
    if (record->node != put_on || record->generation != moved.generation) {
      draft.Warn(
          absl::StrCat(name.value(), " has been moved since, and stays on ", record->node.value()));
      continue;
    }
    if (!record->running) {
      draft.Warn(absl::StrCat(name.value(), " is stopped; its data stays on ", put_on.value()));
      continue;
    }
    const NodeView* holder = view.FindNode(put_on);
    const GroupView* group = holder == nullptr ? nullptr : FindGroup(*holder, name);
    if (group == nullptr) {
      draft.Block(
          name, put_on, drain.node,
          absl::StrCat(put_on.value(), " does not answer, or lost the volumes of ", name.value()));
      continue;
    }
    const Held owner = {holder, group};
    std::string why = BusyProblem(view, name);
    if (why.empty()) why = OwnerProblem(view, name, owner);
    if (why.empty()) why = DestinationProblem(*node, name, owner);
    if (why.empty()) why = EngineProblem(*node, name, owner);
    if (why.empty()) {
      const Demand demand = {name, SizeOf(*group), record->spec.memory_limit_bytes};
      if (placement.Place(demand, why) == nullptr) {
        absl::StrAppend(&why, "; ", WhereItIs(name, owner));
      }
    }
    if (why.empty()) {
      draft.Move(name, owner, drain.node, "it was drained away");
    } else {
      draft.Block(name, put_on, drain.node, std::move(why));
    }
  }
  return draft.Take();
}

}  // namespace drover::coordinator
