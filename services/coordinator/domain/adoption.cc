#include "services/coordinator/domain/adoption.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"
#include "services/coordinator/domain/owner_choice.h"

namespace drover::coordinator {
namespace {

// How far a node that is left out may be ahead of all that is known, in starts of coordinators and
// entries of the journal: far more than any of them ever is.
constexpr int64_t kUnseen = 1'000'000;

constexpr char kWhy[] = "the coordinator's store was restored from an old copy";

class Adopter {
 public:
  Adopter(const ClusterView& view, const OldJournal& journal, const std::set<NodeName>& without,
          absl::Time now)
      : view_(view),
        journal_(journal),
        without_(without),
        choice_(view, journal.migrations, journal.counters.generation),
        now_(now) {}

  absl::StatusOr<AdoptionPlan> Plan() {
    DROVER_RETURN_IF_ERROR(CheckLeftOut());
    DROVER_RETURN_IF_ERROR(CheckAnswers());
    RaiseCounters();
    for (const MigrationRecord* record : journal_.migrations) {
      if (!IsTerminal(record->state)) {
        AdoptKnown(*record);
      } else if (!LockedBy(*record).empty()) {
        AdoptEnded(*record);
      }
    }
    for (const auto& [id, lock] : UnknownLocks()) AdoptUnknown(id, lock);
    for (const auto& [name, record] : view_.applications) AdoptApplication(record);
    ReportUnknownApplications();
    ReportWaitingMoves();
    EndDeployments();
    ReportLeftOut();
    return std::move(plan_);
  }

 private:
  bool IsLeftOut(const NodeName& name) const { return without_.contains(name); }

  absl::Status CheckLeftOut() const {
    for (const NodeName& left_out : without_) {
      const std::string& name = left_out.value();
      const NodeView* node = view_.FindNode(left_out);
      if (node == nullptr) {
        return absl::NotFoundError(absl::StrCat("no node ", name, " is registered"));
      }
      if (!node->volumes_known) continue;
      return StatusWithReason(
          absl::StatusCode::kFailedPrecondition, "NODE_ANSWERS",
          node->reachable
              ? absl::StrCat("nothing was adopted, since ", name,
                             " answers, and what it has need not be given up; run `drover doctor "
                             "--adopt` without naming it")
              : absl::StrCat("nothing was adopted, since the volume service of ", name,
                             " answers, and what it has need not be given up; see to the rest of "
                             "it (",
                             node->problem,
                             "), and run `drover doctor --adopt` without naming it"));
    }
    return absl::OkStatus();
  }

  absl::Status CheckAnswers() const {
    std::vector<std::string> silent;
    for (const NodeView& node : view_.nodes) {
      if (!node.reachable && !IsLeftOut(node.name))
        silent.push_back(absl::StrCat(node.name.value(), " (", node.problem, ")"));
    }
    if (silent.empty()) return absl::OkStatus();
    return absl::UnavailableError(absl::StrCat(
        "nothing was adopted, since not every node answers: ", absl::StrJoin(silent, ", "),
        "; what the journal has forgotten may be there, so bring them back and run "
        "`drover doctor --adopt` again; what is on one that is lost for good can be given up with "
        "`drover doctor --adopt --without NODE --accept-data-loss`"));
  }

  void RaiseCounters() {
    Counters& counters = plan_.counters;
    counters = journal_.counters;
    std::set<CoordinatorStart> starts;
    for (const NodeView& node : view_.nodes) {
      counters.route_revision = std::max(counters.route_revision, node.route_revision);
      for (const ObeyedCoordinator& obeyed : node.obeyed) {
        counters.sequence = std::max(counters.sequence, obeyed.sequence);
        plan_.epoch = std::max(plan_.epoch, obeyed.start.epoch);
        if (obeyed.start.epoch > 0) starts.insert(obeyed.start);
      }
    }
    plan_.starts.assign(starts.begin(), starts.end());
    if (!without_.empty()) {
      plan_.epoch += kUnseen;
      counters.sequence += kUnseen;
      counters.route_revision += kUnseen;
    }
    // Every generation is taken in an entry of its own: so many more may have been, and refused by
    // nodes that do not show it.
    counters.generation += counters.sequence - journal_.counters.sequence;
    for (const NodeView& node : view_.nodes) {
      for (const GroupView& group : node.groups) {
        counters.generation = std::max(
            {counters.generation, group.generation.value(), group.migration_generation.value()});
      }
      for (const ContainerView& container : node.containers) {
        counters.generation = std::max(counters.generation, container.generation.value());
      }
    }
    // Every node gets the table of the adopted journal, whatever it has.
    ++counters.route_revision;
  }

  // Where that migration holds the group.
  std::vector<Held> LockedBy(const MigrationRecord& record) const {
    std::vector<Held> locked;
    for (const Held& held : GroupsOf(view_, record.application)) {
      if (held.group->migration == record.id) locked.push_back(held);
    }
    return locked;
  }

  // The destination's record is under the migration's generation from COMMIT on, also once it is an
  // earlier owner.
  Held FindCommitted(const MigrationRecord& record) const {
    for (const Held& held : GroupsOf(view_, record.application)) {
      if (held.group->generation == record.generation) return held;
    }
    return {};
  }

  // The data went on under a newer generation, by a claim or a later move.
  bool IsOvertaken(const MigrationRecord& record) const {
    for (const Held& held : GroupsOf(view_, record.application)) {
      if (IsOwner(held.group->state) && held.group->generation > record.generation) return true;
    }
    return false;
  }

  std::string Describe(const MigrationRecord& record) const {
    return absl::StrCat(record.application.value(), ": migration ", record.id.value(), " from ",
                        record.source.value(), " to ", record.destination.value());
  }

  void Decide(MigrationRecord record, std::string sentence) {
    ++record.revision;
    plan_.done.push_back(absl::StrCat(Describe(record), " ", sentence));
    plan_.migrations.push_back(std::move(record));
  }

  // It is over, and nobody has to be told.
  void End(MigrationRecord record, MigrationState state, const std::string& error,
           std::string sentence) {
    record.state = state;
    record.end_time = now_;
    if (!error.empty()) record.error = error;
    Decide(std::move(record), std::move(sentence));
  }

  bool IsAnEndLeftOut(const MigrationRecord& record) const {
    return IsLeftOut(record.source) || IsLeftOut(record.destination);
  }

  // Nobody waits for the end that was left out: it is told when it is back. What may be the only
  // copy is not discarded even then.
  void GiveUp(MigrationRecord record, const std::string& error) {
    const bool is_owned = choice_.OwnerOf(record.application).node != nullptr;
    record.source_pending = IsLeftOut(record.source);
    record.destination_pending = is_owned && IsLeftOut(record.destination);
    record.start_pending = record.source_pending && record.source_running;
    End(std::move(record), MigrationState::kAborted, error, "is given up: ABORTED");
  }

  void AdoptKnown(const MigrationRecord& record) {
    const Held committed = FindCommitted(record);
    if (LockedBy(record).empty()) {
      AdoptOver(record, committed.node != nullptr);
    } else if (committed.node != nullptr) {
      AdoptCommitted(record, committed);
    } else if (!IsCommitted(record.state)) {
      Undo(record);
    } else if (IsOvertaken(record)) {
      plan_.open.push_back(
          absl::StrCat(Describe(record),
                       " was committed by this journal, but a newer owner serves; the move is "
                       "ended, and its nodes are left as they are"));
      End(record, MigrationState::kDone, absl::StrCat("a newer owner was found when ", kWhy),
          "was overtaken by a newer owner: DONE");
    } else {
      // COMMIT was the journal's last word about it: it goes forward, and the application with it.
      standing_.insert(record.application);
    }
  }

  // No node holds anything for it.
  void AdoptOver(const MigrationRecord& record, bool was_committed) {
    if (was_committed && record.state != MigrationState::kAborting) {
      End(record, MigrationState::kDone, "", "had been carried out: DONE");
    } else if (IsCommitted(record.state)) {
      return;
    } else if (IsAnEndLeftOut(record)) {
      GiveUp(record, absl::StrCat("one of its nodes was left out when ", kWhy));
    } else {
      End(record, MigrationState::kAborted, absl::StrCat("it was over when ", kWhy),
          "was over, without having moved anything: ABORTED");
    }
  }

  void AdoptCommitted(const MigrationRecord& record, const Held& destination) {
    if (record.state == MigrationState::kAborting) {
      plan_.open.push_back(absl::StrCat(
          Describe(record), " was aborted by this journal, but ", destination.node->name.value(),
          " owns the data under its generation; both nodes are left as they are"));
      // Unfinished it would be resumed, and the source go on beside that owner.
      End(record, MigrationState::kAborted,
          absl::StrCat("its destination owned the data when ", kWhy), "is given up: ABORTED");
      return;
    }
    if (IsCommitted(record.state)) return;
    MigrationRecord next = record;
    next.state = MigrationState::kCommitted;
    next.seal_requested = true;
    // When the interruption began is forgotten: only what is left of it is measured.
    if (next.cutover_start == absl::InfinitePast()) next.cutover_start = now_;
    const ContainerView* container = FindContainer(*destination.node, record.application);
    if (container != nullptr && container->generation == record.generation) {
      next.start_id = container->start_id;
      next.container_id = container->container_id;
    }
    Decide(std::move(next), "had been committed: it goes forward");
  }

  // Over in the journal, but not on the nodes.
  void AdoptEnded(const MigrationRecord& record) {
    const bool was_committed = FindCommitted(record).node != nullptr;
    const bool is_aborted = record.state == MigrationState::kAborted;
    if (is_aborted && !was_committed) {
      Undo(record);
    } else if (!is_aborted && was_committed) {
      Finish(record);
    } else {
      plan_.open.push_back(absl::StrCat(Describe(record), " is ", MigrationStateName(record.state),
                                        " in the journal, but not on the nodes; they are left as "
                                        "they are"));
    }
  }

  // Of a move that the destination has activated: what is left to do on the nodes that it holds.
  void Finish(const MigrationRecord& record) {
    MigrationRecord next = record;
    next.state = MigrationState::kRetired;
    for (const Held& held : LockedBy(record)) {
      const bool is_source =
          held.node->name == record.source && held.group->generation != record.generation;
      if (is_source) next.state = MigrationState::kRouted;
    }
    Decide(std::move(next), "had been committed: it is finished");
  }

  // Of the journal, or made up from what the nodes say.
  void Undo(const MigrationRecord& record) {
    const Held owner = choice_.OwnerOf(record.application);
    if (owner.node == nullptr) {
      plan_.open.push_back(absl::StrCat(
          Describe(record), " is unfinished, but no node owns the volumes: what ",
          record.destination.value(), " has received may be the only copy, and was left alone"));
      GiveUp(record, absl::StrCat("its source was gone when ", kWhy));
      return;
    }
    for (const Held& held : LockedBy(record)) {
      if (!IsOwner(held.group->state) || held.node == owner.node) continue;
      plan_.open.push_back(absl::StrCat(Describe(record), " is unfinished on ",
                                        held.node->name.value(), ", but ", owner.node->name.value(),
                                        " owns the volumes under a later generation; ",
                                        held.node->name.value(), " was left as it is"));
      GiveUp(record, absl::StrCat("another node owned the data when ", kWhy));
      return;
    }
    MigrationRecord next = record;
    next.state = MigrationState::kAborting;
    next.discard_first = !IsLeftOut(record.destination);
    next.error = absl::StrCat("it was undone, since ", kWhy);
    const GroupView* source = owner.group;
    if (source->migration == record.id && source->state != GroupState::kOwned) {
      next.seal_requested = true;
    }
    // Then it would be waited for.
    if (IsLeftOut(record.source)) next.seal_requested = false;
    Decide(std::move(next), "was not committed: it is undone");
  }

  // Migrations that hold a group and are not in the journal, each with one group that it holds.
  std::map<MigrationId, Held> UnknownLocks() const {
    std::set<MigrationId> known;
    for (const MigrationRecord* record : journal_.migrations) known.insert(record->id);
    std::map<MigrationId, Held> unknown;
    for (const NodeView& node : view_.nodes) {
      for (const GroupView& group : node.groups) {
        if (group.migration.empty() || known.contains(group.migration)) continue;
        unknown.try_emplace(group.migration, Held{&node, &group});
      }
    }
    return unknown;
  }

  void AdoptUnknown(const MigrationId& id, const Held& lock) {
    MigrationRecord record;
    record.id = id;
    record.application = lock.group->application;
    record.generation = lock.group->migration_generation;
    record.create_time = now_;
    record.spec.name = record.source_spec.name = record.application;
    auto application = view_.applications.find(record.application);
    if (application != view_.applications.end()) {
      record.spec = record.source_spec = application->second.spec;
      record.source_running = application->second.running;
    }
    FillEnds(record);
    const Held committed = FindCommitted(record);
    if (committed.node == nullptr) {
      Undo(record);
      return;
    }
    record.destination = committed.node->name;
    if (record.source.empty()) record.source = record.destination;
    Finish(record);
  }

  // Source and destination, as the locks tell them.
  void FillEnds(MigrationRecord& record) const {
    for (const Held& held : LockedBy(record)) {
      const bool owns_before =
          IsOwner(held.group->state) && held.group->generation != record.generation;
      if (owns_before) {
        record.source = held.node->name;
        record.source_generation = held.group->generation;
      } else {
        record.destination = held.node->name;
      }
    }
    if (record.source.empty()) {
      const Held owner = choice_.OwnerOf(record.application);
      if (owner.node != nullptr && owner.node->name != record.destination) {
        record.source = owner.node->name;
        record.source_generation = owner.group->generation;
      }
    }
    FillLeftOutEnds(record);
    // No node has heard of it as a destination: then there is nothing to discard either.
    if (record.destination.empty()) record.destination = record.source;
  }

  // Then they are told of the end when they are back.
  void FillLeftOutEnds(MigrationRecord& record) const {
    const auto application = view_.applications.find(record.application);
    const bool has_lost_owner =
        application != view_.applications.end() && IsLeftOut(application->second.node);
    if (record.source.empty() && has_lost_owner) {
      record.source = application->second.node;
      record.source_generation = application->second.generation;
    }
    const bool only_one = without_.size() == 1 && *without_.begin() != record.source;
    if (record.destination.empty() && only_one) record.destination = *without_.begin();
  }

  void AdoptApplication(const ApplicationRecord& record) {
    ApplicationRecord next = record;
    if (!without_.empty()) next.refused_generation = Generation(plan_.counters.generation);
    if (standing_.contains(record.name)) {
      if (next == record || IsLeftOut(record.node)) return;
      ++next.revision;
      plan_.applications.push_back(std::move(next));
      return;
    }
    const Held owner = choice_.OwnerOf(record.name);
    if (owner.node == nullptr) {
      if (!record.generation.empty()) ReportNoOwner(record);
      return;
    }
    ReportOtherOwners(record, owner);
    next.node = owner.node->name;
    next.generation = owner.group->generation;
    const ContainerView* container = FindContainer(*owner.node, record.name);
    const bool moved = next.node != record.node || next.generation != record.generation;
    if (moved) next.running = container != nullptr;
    // A move may have brought another configuration.
    for (const MigrationRecord& move : plan_.migrations) {
      const bool is_newest = move.application == record.name && IsCommitted(move.state) &&
                             move.generation == next.generation;
      if (is_newest) next.spec = move.spec;
    }
    if (container != nullptr && container->state == ContainerState::kReady) {
      next.route = RouteTarget{next.node, container->container_id};
    } else if (moved) {
      next.route.reset();
    }
    if (next == record) return;
    ++next.revision;
    if (moved) {
      plan_.done.push_back(absl::StrCat(record.name.value(), ": it is on ", next.node.value(),
                                        " (generation ", next.generation.value(),
                                        "); the journal had it on ", record.node.value(),
                                        " (generation ", record.generation.value(), ")"));
    }
    plan_.applications.push_back(std::move(next));
  }

  void ReportNoOwner(const ApplicationRecord& record) {
    const std::string& name = record.name.value();
    std::string sentence = absl::StrCat(name, ": no node owns its volumes");
    if (IsLeftOut(record.node)) {
      sentence = absl::StrCat(name, ": the journal has it on ", record.node.value(),
                              ", which was left out, and goes on there if it comes back");
    } else if (!without_.empty()) {
      absl::StrAppend(&sentence, " that was not left out");
    }
    for (const Held& held : GroupsOf(view_, record.name)) {
      const GroupState state = held.group->state;
      const bool is_copy =
          state == GroupState::kRetired || state == GroupState::kPrepared || IsOwner(state);
      if (without_.empty() || !is_copy) continue;
      absl::StrAppend(&sentence, "; to go on with what ", held.node->name.value(), " has (",
                      GroupStateName(state), "): `drover volumes claim ", name, " --node ",
                      held.node->name.value(), " --accept-data-loss`");
    }
    plan_.open.push_back(std::move(sentence));
  }

  void ReportOtherOwners(const ApplicationRecord& record, const Held& owner) {
    for (const Held& held : OwnersOf(view_, record.name)) {
      if (held.node == owner.node || IsLeftByMoveTo(owner, held)) continue;
      plan_.open.push_back(absl::StrCat(record.name.value(), ": ", held.node->name.value(),
                                        " says that it owns its volumes, too (",
                                        GroupStateName(held.group->state), ", generation ",
                                        held.group->generation.value(), ")"));
    }
  }

  void ReportUnknownApplications() {
    std::set<ApplicationName> names;
    for (const NodeView& node : view_.nodes) {
      for (const GroupView& group : node.groups) names.insert(group.application);
      for (const ContainerView& container : node.containers) names.insert(container.application);
    }
    for (const ApplicationName& name : names) {
      if (view_.applications.contains(name)) continue;
      const Held owner = choice_.OwnerOf(name);
      plan_.open.push_back(
          owner.node == nullptr
              ? absl::StrCat(name.value(),
                             ": the journal does not know it, and no node owns "
                             "volumes of it")
              : absl::StrCat(name.value(), ": the journal does not know it; its volumes are on ",
                             owner.node->name.value(),
                             ". Put it into your application.yml and run `drover deploy`"));
    }
  }

  // Committed, so they only go forward.
  void ReportWaitingMoves() {
    std::map<MigrationId, const MigrationRecord*> moves;
    for (const MigrationRecord* record : journal_.migrations) moves[record->id] = record;
    for (const MigrationRecord& record : plan_.migrations) moves[record.id] = &record;
    for (const auto& [id, record] : moves) {
      const bool goes_on = IsCommitted(record->state) && !IsTerminal(record->state);
      if (!goes_on || !IsAnEndLeftOut(*record)) continue;
      const bool is_source = IsLeftOut(record->source);
      plan_.open.push_back(absl::StrCat(
          Describe(*record), " is committed, and ends when ",
          (is_source ? record->source : record->destination).value(), " is back",
          is_source ? ""
                    : absl::StrCat(", or when the data is claimed where it was: `drover volumes "
                                   "claim ",
                                   record->application.value(), " --node ", record->source.value(),
                                   " --accept-data-loss`")));
    }
  }

  void ReportLeftOut() {
    for (const NodeName& name : without_) {
      plan_.done.push_back(absl::StrCat(
          name.value(), " was left out: what it has that the journal does not know is given up"));
    }
  }

  void EndDeployments() {
    for (const DeploymentRecord* record : journal_.deployments) {
      if (record->state != DeploymentState::kRunning) continue;
      DeploymentRecord next = *record;
      next.state = DeploymentState::kFailed;
      next.error = absl::StrCat("it was given up, since ", kWhy, "; run `drover deploy` again");
      next.end_time = now_;
      ++next.revision;
      plan_.done.push_back(absl::StrCat("deployment ", record->id, " of ", record->requested_by,
                                        " is given up; run `drover deploy` with the newest files"));
      plan_.deployments.push_back(std::move(next));
    }
  }

  const ClusterView& view_;
  const OldJournal& journal_;
  const std::set<NodeName>& without_;
  const OwnerChoice choice_;
  const absl::Time now_;
  AdoptionPlan plan_;
  // What the journal says of them is newer than what the nodes know.
  std::set<ApplicationName> standing_;
};

}  // namespace

absl::StatusOr<AdoptionPlan> PlanAdoption(const ClusterView& view, const OldJournal& journal,
                                          const std::set<NodeName>& without, absl::Time now) {
  return Adopter(view, journal, without, now).Plan();
}

}  // namespace drover::coordinator
