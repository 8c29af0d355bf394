#include "services/coordinator/domain/planner.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/common/graph/cycle.h"
#include "services/common/status/reason.h"
#include "services/coordinator/domain/config_hash.h"
#include "services/coordinator/domain/fingerprint.h"
#include "services/coordinator/domain/move_problem.h"
#include "services/coordinator/domain/move_warning.h"
#include "services/coordinator/domain/own_ports.h"
#include "services/coordinator/domain/owner_choice.h"
#include "services/coordinator/domain/routes.h"
#include "services/coordinator/domain/spec_change.h"
#include "services/coordinator/domain/unkept.h"
#include "services/coordinator/domain/volume_name.h"

namespace drover::coordinator {
namespace {

struct Placement {
  ApplicationSpec spec;
  NodeName node;
};
using Placements = std::map<ApplicationName, Placement>;

// What the desired state says, with every node resolved.
struct Resolved {
  Placements placements;
  std::set<NodeName> listed;
};

std::string At(const NodeAssignment& assignment) {
  if (assignment.location.empty()) return "";
  return absl::StrCat(assignment.location, ": nodes.", assignment.node, ": ");
}

// Checks the desired state against itself; collects all problems.
class Resolver {
 public:
  Resolver(const DesiredState& desired, const ClusterView& view) : desired_(desired), view_(view) {}

  absl::StatusOr<Resolved> Resolve() {
    for (const ApplicationSpec& spec : desired_.applications) specs_[spec.name] = &spec;
    for (const NodeAssignment& assignment : desired_.nodes) Assign(assignment);
    CheckPorts();
    CheckOrder();
    if (problems_.empty()) return resolved_;
    const std::string message = absl::StrJoin(problems_, "\n");
    if (!reason_.empty()) {
      return StatusWithReason(absl::StatusCode::kInvalidArgument, reason_, message);
    }
    return absl::InvalidArgumentError(message);
  }

 private:
  void Assign(const NodeAssignment& assignment) {
    absl::StatusOr<NodeName> node = ResolveNode(view_.nodes, assignment.node);
    if (!node.ok()) {
      problems_.push_back(absl::StrCat(At(assignment), node.status().message()));
      reason_ = ReasonOf(node.status());
      return;
    }
    if (!resolved_.listed.insert(*node).second) {
      problems_.push_back(
          absl::StrCat(At(assignment), "node ", node->value(), " is listed twice; list it once"));
    }
    for (const ApplicationName& application : assignment.applications) {
      Place(assignment, application, *node);
    }
  }

  void Place(const NodeAssignment& assignment, const ApplicationName& application,
             const NodeName& node) {
    auto spec = specs_.find(application);
    if (spec == specs_.end()) {
      problems_.push_back(absl::StrCat(At(assignment), application.value(),
                                       " is not defined in the applications file; define it or "
                                       "take it off node ",
                                       node.value()));
      return;
    }
    auto [placed, is_new] =
        resolved_.placements.try_emplace(application, Placement{*spec->second, node});
    if (!is_new) {
      problems_.push_back(absl::StrCat(At(assignment), application.value(), " is placed on ",
                                       placed->second.node.value(), " already; place it once"));
    }
  }

  // Among what will run in the whole cluster, and what runs now on nodes the file does not speak
  // for.
  void CheckPorts() {
    std::map<int, ApplicationName> claimed;
    for (const auto& [name, placement] : resolved_.placements) Claim(name, placement.spec, claimed);
    for (const auto& [name, record] : view_.applications) {
      const bool left_alone = record.running && !resolved_.placements.contains(name) &&
                              !resolved_.listed.contains(record.node);
      if (left_alone) Claim(name, record.spec, claimed);
    }
  }

  void CheckOrder() {
    NameGraph graph;
    for (const auto& [name, spec] : specs_) {
      for (const ApplicationName& other : spec->depends_on) {
        graph[name.value()].push_back(other.value());
      }
    }
    const std::vector<std::string> circle = FindCycle(graph);
    if (circle.empty()) return;
    problems_.push_back(
        absl::StrCat("of applications that depend on each other none could start "
                     "first: ",
                     absl::StrJoin(circle, " -> "), " -> ", circle.front()));
  }

  void Claim(const ApplicationName& name, const ApplicationSpec& spec,
             std::map<int, ApplicationName>& claimed) {
    for (int port : ExternalPorts(spec)) {
      if (IsOwnPort(port)) {
        problems_.push_back(absl::StrCat("external port ", port, " of ", name.value(),
                                         " is one of Drover's own (", kFirstOwnPort, " to ",
                                         kLastOwnPort, "); choose another"));
      }
      auto [owner, is_new] = claimed.try_emplace(port, name);
      if (!is_new) {
        problems_.push_back(absl::StrCat("external port ", port, " is claimed by ",
                                         owner->second.value(), " and by ", name.value(),
                                         "; an external port belongs to one application in the "
                                         "whole cluster"));
      }
    }
  }

  const DesiredState& desired_;
  const ClusterView& view_;
  std::map<ApplicationName, const ApplicationSpec*> specs_;
  Resolved resolved_;
  std::vector<std::string> problems_;
  std::string reason_;
};

// Plans one application after the other. Each Plan…() adds what it finds to plan_.
class Planner {
 public:
  Planner(const ClusterView& view, Resolved resolved)
      : view_(view), resolved_(std::move(resolved)) {
    for (const NodeView& node : view_.nodes) {
      if (!node.reachable) unreachable_.push_back(node.name.value());
    }
  }

  Plan Make() {
    for (const auto& [name, placement] : resolved_.placements) PlanPlaced(name, placement);
    PlanStops();
    WarnOfNodes();
    std::stable_sort(plan_.actions.begin(), plan_.actions.end(),
                     [](const Action& a, const Action& b) {
                       return std::tie(a.application, a.kind) < std::tie(b.application, b.kind);
                     });
    plan_.fingerprint = FingerprintOf();
    return std::move(plan_);
  }

 private:
  void PlanPlaced(const ApplicationName& name, const Placement& placement) {
    std::vector<Held> owners, others;
    for (const NodeView& node : view_.nodes) {
      const GroupView* group = FindGroup(node, name);
      if (group == nullptr) continue;
      const bool owns = IsOwner(group->state) && !WasReplaced(name, {&node, group});
      (owns ? owners : others).push_back({&node, group});
    }
    if (std::string busy = BusyProblem(view_, name); !busy.empty()) {
      Block(ActionKind::kMove, name, {}, placement.node, busy);
    } else if (owners.empty()) {
      PlanWithoutOwner(name, placement, others);
    } else if (owners.size() > 1) {
      Block(ActionKind::kMove, name, {}, placement.node,
            absl::StrCat(owners[0].node->name.value(), " and ", owners[1].node->name.value(),
                         " both hold the data of ", name.value(),
                         "; look at both with `drover volumes list` before you go on"));
    } else {
      PlanOwned(name, placement, owners[0]);
    }
  }

  void PlanWithoutOwner(const ApplicationName& name, const Placement& placement,
                        const std::vector<Held>& copies) {
    const ApplicationRecord* record = FindRecord(name);
    const bool existed = record != nullptr && !record->generation.empty();
    const ActionKind kind = existed ? ActionKind::kStart : ActionKind::kCreate;
    std::string why;
    if (existed && IsUnreachable(record->node)) {
      why = absl::StrCat("the data of ", name.value(), " is on ", record->node.value(),
                         ", which does not answer; an empty volume is not made in its place. "
                         "Bring ",
                         record->node.value(), " back");
    } else if (!unreachable_.empty()) {
      why = absl::StrCat(absl::StrJoin(unreachable_, ", "),
                         unreachable_.size() == 1 ? " does" : " do",
                         " not answer and might hold data of ", name.value(),
                         "; an empty volume is not made in its place. Bring ",
                         unreachable_.size() == 1 ? "it" : "them",
                         " back, or, if no application is there, use `drover nodes remove`");
    } else if (!copies.empty()) {
      why = absl::StrCat(
          "no node owns the data of ", name.value(), ", but ", copies[0].node->name.value(),
          " keeps a ", GroupStateName(copies[0].group->state),
          " copy; an empty volume is not made in its place. Bring back the pool that holds its "
          "newest data, or give the application another name");
    } else if (existed) {
      why = absl::StrCat("the data of ", name.value(), " was on ", record->node.value(),
                         " and no node has it now; an empty volume is not made in its place. "
                         "Bring back the pool that holds it");
    }
    if (why.empty()) why = DatasetProblem(placement.spec);
    const NodeView& target = *view_.FindNode(placement.node);
    if (why.empty()) why = CordonProblem(target);
    if (why.empty() && !target.engine_problem.empty()) {
      why = absl::StrCat(target.name.value(), ": ", target.engine_problem,
                         "; nothing can be started there");
    }
    if (!why.empty()) {
      Block(kind, name, {}, placement.node, why);
      return;
    }
    Add(kind, name, {}, placement.node, "new");
  }

  void PlanOwned(const ApplicationName& name, const Placement& placement, const Held& owner) {
    const bool here = owner.node->name == placement.node;
    const ActionKind kind = here ? ActionKind::kStart : ActionKind::kMove;
    const NodeName from = here ? NodeName() : owner.node->name;
    const NodeView& target = *view_.FindNode(placement.node);
    std::string why = OwnerProblem(view_, name, owner);
    if (why.empty()) why = VolumesProblem(name, placement.spec, owner, here);
    if (why.empty() && !here) why = CordonProblem(target);
    if (why.empty() && !target.reachable) named_.insert(target.name);
    if (why.empty()) why = DestinationProblem(target, name, owner);
    if (why.empty() && !here) why = EngineProblem(target, name, owner);
    if (!why.empty()) {
      Block(kind, name, from, placement.node, why);
      return;
    }
    here ? PlanInPlace(name, placement, owner) : PlanMove(name, placement, owner);
    PlanResize(name, placement, owner);
  }

  static std::string CordonProblem(const NodeView& node) {
    return std::string(CheckCordon(node.name, node.cordoned).message());
  }

  // Of another image nothing is known before it is there; the deployment's end says it.
  void WarnOfUnkept(const ContainerView* container, const ApplicationSpec& spec) {
    if (container == nullptr || container->image != spec.image) return;
    std::string warning = UnkeptWarning(*container);
    if (!warning.empty()) plan_.warnings.push_back(std::move(warning));
  }

  // From `before`, which is what the application was started with; its ports are what the journal
  // says, since they change without a start.
  static std::string ChangeOf(const ApplicationSpec& before, const ApplicationSpec& after,
                              const ApplicationRecord* record) {
    std::string change = DescribeChange(before, after);
    if (record != nullptr && ExternalPorts(record->spec) != ExternalPorts(after)) {
      absl::StrAppend(&change, change.empty() ? "" : ", ", "external ports changed");
    }
    return change;
  }

  // A start, or a restart, where the data is.
  void PlanStart(ActionKind kind, const ApplicationName& name, const Held& owner,
                 const std::string& reason) {
    const std::string problem = EngineProblem(*owner.node, name, owner);
    if (problem.empty()) {
      Add(kind, name, {}, owner.node->name, reason);
    } else {
      Block(kind, name, {}, owner.node->name, problem);
    }
  }

  void PlanMove(const ApplicationName& name, const Placement& placement, const Held& owner) {
    const ApplicationRecord* record = FindRecord(name);
    WarnOfUnkept(FindContainer(*owner.node, name), placement.spec);
    std::string not_ready = NotReadyWarning(view_, name, *owner.node);
    if (!not_ready.empty()) plan_.warnings.push_back(std::move(not_ready));
    Action& move = Add(ActionKind::kMove, name, owner.node->name, placement.node,
                       record == nullptr ? "" : ChangeOf(record->spec, placement.spec, record));
    for (const VolumeView& volume : owner.group->volumes) move.bytes += volume.size_bytes;
    if (!resolved_.listed.contains(owner.node->name)) {
      plan_.warnings.push_back(absl::StrCat(owner.node->name.value(), " is not in the file; ",
                                            name.value(), " moves away from it with its data"));
    }
  }

  void PlanInPlace(const ApplicationName& name, const Placement& placement, const Held& owner) {
    const ContainerView* container = FindContainer(*owner.node, name);
    const ApplicationRecord* record = FindRecord(name);
    if (container == nullptr || container->state == ContainerState::kExited) {
      WarnOfDetached(name, placement.spec, owner);
      PlanStart(ActionKind::kStart, name, owner,
                container == nullptr ? "not running" : HowItEnded(*container));
    } else if (container->config_hash != ConfigHash(placement.spec)) {
      const std::string change =
          record == nullptr ? "" : ChangeOf(record->spec, placement.spec, record);
      WarnOfUnkept(container, placement.spec);
      WarnOfDetached(name, placement.spec, owner);
      PlanStart(ActionKind::kRestart, name, owner,
                change.empty() ? "configuration changed" : change);
    } else if (container->state == ContainerState::kGated ||
               container->state == ContainerState::kStaging) {
      PlanStart(ActionKind::kStart, name, owner, "waits at its gate");
    } else if (container->state == ContainerState::kStarting &&
               (record == nullptr || !record->route.has_value())) {
      // Begun by a coordinator that went away meanwhile: nothing is led to it before it is ready.
      PlanStart(ActionKind::kStart, name, owner, "not ready yet");
    } else if (!HaveSameSettings(container->spec, placement.spec)) {
      // What is in force there counts: an update may have been recorded that never got there.
      Add(ActionKind::kUpdate, name, {}, placement.node,
          ChangeOf(container->spec, placement.spec, record));
    } else if (record == nullptr || !record->running || !record->route.has_value()) {
      Add(ActionKind::kReroute, name, {}, placement.node, "its routes are missing");
    } else if (!HaveSamePorts(record->spec, placement.spec)) {
      Add(ActionKind::kReroute, name, {}, placement.node, "external ports changed");
    }
  }

  void WarnOfDetached(const ApplicationName& name, const ApplicationSpec& spec, const Held& owner) {
    for (const VolumeView& volume : owner.group->volumes) {
      const bool is_used = std::any_of(spec.volumes.begin(), spec.volumes.end(),
                                       [&](const VolumeSpec& one) { return one.id == volume.id; });
      if (is_used || volume.detached) continue;
      const std::string shown = VolumeDisplayName(name, volume.id);
      plan_.warnings.push_back(absl::StrCat(shown, " is not in the file any more: it is kept, ",
                                            "unattached; `drover volumes delete ", shown,
                                            "` deletes it"));
    }
  }

  void PlanResize(const ApplicationName& name, const Placement& placement, const Held& owner) {
    // The volumes stay as they are where what comes first cannot be done.
    const bool is_blocked = !plan_.actions.empty() && plan_.actions.back().application == name &&
                            !plan_.actions.back().error.empty();
    if (is_blocked) return;
    bool is_changed = false;
    for (const VolumeSpec& asked : placement.spec.volumes) {
      for (const VolumeView& volume : owner.group->volumes) {
        if (volume.id != asked.id || volume.maximum_size_bytes == asked.maximum_size_bytes)
          continue;
        // As it was measured last: only the node knows for sure.
        if (asked.maximum_size_bytes > 0 && asked.maximum_size_bytes < volume.size_bytes) {
          plan_.warnings.push_back(absl::StrCat(
              "maximum_size of ", VolumeDisplayName(name, volume.id), " would be ",
              asked.maximum_size_bytes, " bytes, which is refused while it holds more: it held ",
              volume.size_bytes, " when it was measured last"));
        }
        is_changed = true;
      }
    }
    if (is_changed) Add(ActionKind::kResize, name, {}, placement.node, "maximum_size changed");
  }

  // What runs on a listed node and is placed nowhere.
  void PlanStops() {
    for (const NodeView& node : view_.nodes) {
      if (!resolved_.listed.contains(node.name)) continue;
      std::set<ApplicationName> running;
      for (const ContainerView& container : node.containers) running.insert(container.application);
      for (const auto& [name, record] : view_.applications) {
        if (record.running && record.node == node.name) running.insert(name);
      }
      for (const ApplicationName& name : running) {
        if (!resolved_.placements.contains(name)) PlanStop(name, node);
      }
    }
  }

  void PlanStop(const ApplicationName& name, const NodeView& node) {
    if (std::string busy = BusyProblem(view_, name); !busy.empty()) {
      Block(ActionKind::kStop, name, node.name, {}, busy);
      return;
    }
    if (!node.reachable) {
      named_.insert(node.name);
      Block(ActionKind::kStop, name, node.name, {},
            absl::StrCat(node.name.value(), " does not answer (", node.problem, "); whether ",
                         name.value(), " runs there is not known"));
      return;
    }
    if (!node.engine_problem.empty()) {
      Block(ActionKind::kStop, name, node.name, {},
            absl::StrCat(node.name.value(), ": ", node.engine_problem, "; ", name.value(),
                         " was not stopped"));
      return;
    }
    Add(ActionKind::kStop, name, node.name, {}, "not in the file for this node");
    const GroupView* group = FindGroup(node, name);
    const bool has_data = group != nullptr && !group->volumes.empty();
    plan_.warnings.push_back(absl::StrCat(
        name.value(), " is stopped",
        has_data ? absl::StrCat("; its data is kept on ", node.name.value()) : std::string()));
  }

  void WarnOfNodes() {
    for (const NodeView& node : view_.nodes) {
      if (node.reachable || !resolved_.listed.contains(node.name)) continue;
      if (named_.contains(node.name)) continue;
      plan_.problems.push_back(absl::StrCat(node.name.value(), " does not answer (", node.problem,
                                            "), so what runs there is not known"));
    }
  }

  bool WasReplaced(const ApplicationName& name, const Held& held) const {
    const ApplicationRecord* record = FindRecord(name);
    return record != nullptr && IsReplaced(*record, held);
  }

  // Volumes come and go where the application is; and a data set's identity is what it is.
  static std::string VolumesProblem(const ApplicationName& name, const ApplicationSpec& spec,
                                    const Held& owner, bool here) {
    std::set<std::string> asked, there;
    for (const VolumeSpec& volume : spec.volumes) asked.insert(volume.id);
    for (const VolumeView& volume : owner.group->volumes) {
      if (!volume.detached) there.insert(volume.id);
    }
    if (asked != there && !here) {
      return absl::StrCat("the volumes of ", name.value(), " change, and it moves; do one after ",
                          "the other: leave it on ", owner.node->name.value(), " first; ",
                          WhereItIs(name, owner));
    }
    for (const VolumeSpec& volume : spec.volumes) {
      for (const VolumeView& held : owner.group->volumes) {
        const bool differs = held.id == volume.id && !volume.dataset_id.empty() &&
                             !absl::EqualsIgnoreCase(held.dataset_id, volume.dataset_id);
        if (!differs) continue;
        return absl::StrCat("the file's dataset_id of ", VolumeDisplayName(name, volume.id), " is ",
                            volume.dataset_id, ", but that volume is ", held.dataset_id,
                            "; correct it, or leave it out; ", WhereItIs(name, owner));
      }
    }
    return "";
  }

  // A dataset that is there already has an application.
  std::string DatasetProblem(const ApplicationSpec& spec) const {
    for (const VolumeSpec& volume : spec.volumes) {
      const std::string there = WhereIsDataset(volume.dataset_id);
      if (there.empty()) continue;
      return absl::StrCat("the dataset ", volume.dataset_id, " is the volume ", there,
                          "; leave the dataset_id out, and use `drover clone` for a copy of it");
    }
    return "";
  }

  // "redis on node1"; empty if it is nowhere.
  std::string WhereIsDataset(const std::string& id) const {
    for (const NodeView& node : view_.nodes) {
      for (const GroupView& group : node.groups) {
        for (const VolumeView& volume : group.volumes) {
          if (id.empty() || !absl::EqualsIgnoreCase(volume.dataset_id, id)) continue;
          return absl::StrCat(VolumeDisplayName(group.application, volume.id), " on ",
                              node.name.value());
        }
      }
    }
    return "";
  }

  bool IsUnreachable(const NodeName& name) const {
    return std::count(unreachable_.begin(), unreachable_.end(), name.value()) > 0;
  }

  const ApplicationRecord* FindRecord(const ApplicationName& name) const {
    auto record = view_.applications.find(name);
    return record == view_.applications.end() ? nullptr : &record->second;
  }

  Action& Add(ActionKind kind, const ApplicationName& name, const NodeName& from,
              const NodeName& to, const std::string& reason) {
    Action action;
    action.kind = kind;
    action.application = name;
    action.from = from;
    action.to = to;
    action.reason = reason;
    plan_.actions.push_back(std::move(action));
    return plan_.actions.back();
  }

  void Block(ActionKind kind, const ApplicationName& name, const NodeName& from, const NodeName& to,
             const std::string& why) {
    Action& action = Add(kind, name, from, to, "");
    action.state = ActionState::kFailed;
    action.error = why;
  }

  // Sizes change all the time and are left out.
  std::string FingerprintOf() const {
    Fingerprint hash;
    for (const Action& action : plan_.actions) {
      hash.Add(ActionKindName(action.kind)).Add(action.application.value());
      hash.Add(action.from.value()).Add(action.to.value()).Add(action.error);
      auto placed = resolved_.placements.find(action.application);
      if (placed != resolved_.placements.end()) hash.Add(ConfigHash(placed->second.spec));
    }
    return hash.Hex();
  }

  const ClusterView& view_;
  const Resolved resolved_;
  std::vector<std::string> unreachable_;
  // Of those, the ones that the error of an action names.
  std::set<NodeName> named_;
  Plan plan_;
};

}  // namespace

absl::StatusOr<NodeName> ResolveNode(const std::vector<NodeView>& nodes,
                                     const std::string& written) {
  for (const NodeView& node : nodes) {
    if (node.name.value() == written) return node.name;
  }
  for (const NodeView& node : nodes) {
    if (node.address == written) return node.name;
  }
  std::vector<std::string> names;
  for (const NodeView& node : nodes) names.push_back(node.name.value());
  return StatusWithReason(
      absl::StatusCode::kInvalidArgument, "UNKNOWN_NODE",
      absl::StrCat(
          "no node `", written, "` is registered",
          names.empty() ? "" : absl::StrCat(" (registered: ", absl::StrJoin(names, ", "), ")"),
          "; add it with `drover nodes add NAME ADDRESS`"));
}

absl::StatusOr<Plan> MakePlan(const DesiredState& desired, const ClusterView& view) {
  absl::StatusOr<Resolved> resolved = Resolver(desired, view).Resolve();
  if (!resolved.ok()) return resolved.status();
  return Planner(view, *std::move(resolved)).Make();
}

}  // namespace drover::coordinator
