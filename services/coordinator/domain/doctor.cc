#include "services/coordinator/domain/doctor.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/coordinator/domain/owner_choice.h"

namespace drover::coordinator {
namespace {

constexpr char kAdopt[] =
    "When every node answers, run `drover doctor --adopt`: it goes on from what the nodes have.";

const char* ContainerStateName(ContainerState state) {
  switch (state) {
    case ContainerState::kStaging:
      return "being made";
    case ContainerState::kGated:
      return "waiting at its gate";
    case ContainerState::kStarting:
      return "starting";
    case ContainerState::kReady:
      return "running";
    case ContainerState::kExited:
      return "ended";
  }
  return "there";
}

std::string InWords(const Held& held) {
  return absl::StrCat(held.node->name.value(), " (", GroupStateName(held.group->state),
                      ", generation ", held.group->generation.value(), ")");
}

// Ends every question of who owns the volumes, in favour of that node.
std::string ClaimCommand(const ApplicationName& name, const NodeName& node) {
  return absl::StrCat("`drover volumes claim ", name.value(), " --node ", node.value(),
                      " --accept-data-loss`");
}

class Doctor {
 public:
  Doctor(const ClusterView& view, const JournalFacts& journal)
      : view_(view), journal_(journal), choice_(view, journal.migrations, journal.generation) {}

  std::vector<Finding> Diagnose() {
    LookAtTheCoordinator();
    for (const NodeView& node : view_.nodes) LookAtAnswers(node);
    for (const auto& [name, record] : view_.applications) {
      if (!IsBusy(name)) LookAtApplication(record);
    }
    for (const NodeView& node : view_.nodes) {
      for (const GroupView& group : node.groups) LookAtGroup(node, group);
      for (const ContainerView& container : node.containers) LookAtContainer(node, container);
      LookAtRoutes(node);
    }
    std::stable_sort(findings_.begin(), findings_.end(),
                     [](const Finding& a, const Finding& b) { return a.severity > b.severity; });
    return std::move(findings_);
  }

 private:
  bool IsRecovery() const { return !journal_.recovery.empty(); }

  // After a command that the recovery mode refuses.
  const char* WhenAllowed() const { return IsRecovery() ? " once the recovery mode is over" : ""; }

  bool IsBusy(const ApplicationName& name) const {
    return !IsRecovery() && (view_.busy.contains(name) || view_.migrating.contains(name));
  }

  void Add(Severity severity, const std::string& subject, std::string what, std::string advice) {
    findings_.push_back({severity, subject, std::move(what), std::move(advice)});
  }

  void LookAtTheCoordinator() {
    if (!IsRecovery()) return;
    Add(Severity::kError, "coordinator",
        absl::StrCat("It is in recovery mode and changes nothing, since ", journal_.recovery,
                     ". The applications are not affected."),
        kAdopt);
  }

  void LookAtAnswers(const NodeView& node) {
    if (!node.engine_problem.empty()) {
      Add(Severity::kError, node.name.value(),
          absl::StrCat("Nothing can be started there: ", node.engine_problem),
          absl::StrCat("Start the engine on ", node.name.value(),
                       " again: what ran there is looked at then, and started again where it has "
                       "to be."));
    }
    if (node.reachable) return;
    Add(Severity::kError, node.name.value(),
        absl::StrCat("It does not answer: ", node.problem, ". What it has is not known."),
        absl::StrCat("Look on ", node.name.value(),
                     " whether drover-volume, drover-container, drover-proxy and the container "
                     "engine run there; `drover nodes list` shows when it is back.",
                     IsRecovery() ? absl::StrCat(" If it is lost for good, `drover doctor --adopt "
                                                 "--without ",
                                                 node.name.value(),
                                                 " --accept-data-loss` gives up what it has.")
                                  : ""));
  }

  void LookAtApplication(const ApplicationRecord& record) {
    // Without a generation it never had volumes.
    if (record.generation.empty()) return;
    std::vector<Held> owners = OwnersOf(view_, record.name);
    const Held owner = choice_.OwnerOf(record.name);
    // The source of a move that was cut off is no second owner.
    std::erase_if(owners, [&owner](const Held& held) {
      return owner.node != nullptr && IsLeftByMoveTo(owner, held);
    });
    if (owners.empty()) {
      LookForOwner(record);
    } else if (owners.size() > 1) {
      ReportOwners(record, owners, owner);
    } else {
      CompareOwner(record, owners[0]);
    }
  }

  void LookForOwner(const ApplicationRecord& record) {
    const NodeView* expected = view_.FindNode(record.node);
    // One that does not answer is reported as that.
    if (expected != nullptr && !expected->volumes_known) return;
    std::vector<std::string> silent, kept;
    for (const NodeView& node : view_.nodes) {
      if (!node.volumes_known) silent.push_back(node.name.value());
      const GroupView* group = FindGroup(node, record.name);
      if (group != nullptr) kept.push_back(InWords({&node, group}));
    }
    std::string what =
        absl::StrCat("No node that answers owns its volumes; the journal has them on ",
                     record.node.value(), " (generation ", record.generation.value(), ").");
    if (!kept.empty()) absl::StrAppend(&what, " Copies are on ", absl::StrJoin(kept, ", "), ".");
    std::string advice =
        silent.empty()
            ? "Do not deploy it anew before you know where its data is: `drover volumes list` "
              "shows what is left of it."
            : absl::StrCat("Bring ", absl::StrJoin(silent, " and "),
                           " back first: the owner may be there.");
    Add(Severity::kError, record.name.value(), std::move(what), std::move(advice));
  }

  // `owner`: the one of them that is it; no node while the journal's owner does not answer.
  void ReportOwners(const ApplicationRecord& record, const std::vector<Held>& owners,
                    const Held& owner) {
    std::vector<std::string> words;
    for (const Held& held : owners) words.push_back(InWords(held));
    Add(Severity::kError, record.name.value(),
        absl::StrCat(
            "More than one node says that it owns its volumes: ", absl::StrJoin(words, ", "), "."),
        IsByJournal(record, owner) ? KeepJournalsOwner(record, owners)
                                   : KeepNewest(record, owners, owner));
  }

  bool IsByJournal(const ApplicationRecord& record, const Held& owner) const {
    return owner.node == nullptr || IsJournalsOwner(record, owner);
  }

  std::string KeepJournalsOwner(const ApplicationRecord& record,
                                const std::vector<Held>& owners) const {
    std::string advice = absl::StrCat("The owner is ", record.node.value(),
                                      ": the journal names it, whatever the generations are.");
    std::vector<std::string> claims;
    for (const Held& held : owners) {
      if (held.node->name == record.node) continue;
      const std::string node = held.node->name.value();
      if (IsReplaced(record, held)) {
        absl::StrAppend(&advice, " ", node,
                        " is told so within seconds, and keeps what it has as DIVERGED.");
      } else {
        claims.push_back(
            absl::StrCat("or on ", node, " with ", ClaimCommand(record.name, held.node->name)));
      }
    }
    if (claims.empty()) return advice;
    if (IsRecovery()) return absl::StrCat(advice, " ", kAdopt);
    const NodeView* named = view_.FindNode(record.node);
    const bool answers = named != nullptr && named->volumes_known;
    absl::StrAppend(&advice, " A claim broke off before the journal named another one. Go on ",
                    answers ? absl::StrCat("there with ", ClaimCommand(record.name, record.node))
                            : absl::StrCat("there when ", record.node.value(), " is back"),
                    ", ", absl::StrJoin(claims, ", "),
                    "; what the others have is kept as DIVERGED.");
    return advice;
  }

  // The journal is silent.
  static std::string KeepNewest(const ApplicationRecord& record, const std::vector<Held>& owners,
                                const Held& newest) {
    std::vector<std::string> older;
    for (const Held& held : owners) {
      if (held.node != newest.node) older.push_back(held.node->name.value());
    }
    return absl::StrCat("What ", newest.node->name.value(), " has is the newest. On ",
                        absl::StrJoin(older, " and "), " stop it with docker stop drover--",
                        record.name.value(),
                        ", and save what was written there, before you do anything else.");
  }

  // The only node that says that it owns the volumes is not the one of the journal, or has them
  // under another generation.
  std::string AboutAnotherOwner(const ApplicationRecord& record, const Held& owner) const {
    if (IsRecovery()) return kAdopt;
    const std::string node = owner.node->name.value();
    if (IsReplaced(record, owner)) {
      return absl::StrCat(node, " is told within seconds that it is not the owner any more, and ",
                          "keeps what it has as DIVERGED.");
    }
    if (owner.group->generation < record.generation) {
      return absl::StrCat(
          "Its pool was put back to an older time. Put the newer one back, or give "
          "up what is not in this one with ",
          ClaimCommand(record.name, owner.node->name), ".");
    }
    const bool was_claimed = owner.group->generation > record.generation &&
                             owner.group->generation.value() <= journal_.generation;
    if (!was_claimed) {
      return "Run `drover deploy` with your two files: it goes by what the nodes have.";
    }
    std::string advice = absl::StrCat(
        "The journal has not named ", node,
        ": a claim broke off, or the store was adopted without it. Go on with what it has: ",
        ClaimCommand(record.name, owner.node->name));
    const NodeView* named = view_.FindNode(record.node);
    const bool may_come_back = named != nullptr && !named->volumes_known;
    absl::StrAppend(&advice, may_come_back ? absl::StrCat("; until then ", record.node.value(),
                                                          " is the owner, and goes on when it is "
                                                          "back.")
                                           : ".");
    return advice;
  }

  void CompareOwner(const ApplicationRecord& record, const Held& owner) {
    // LookAtDoubt() says why its owner is not as the journal has it.
    const bool is_older_pool =
        owner.node->name == record.node && owner.group->doubt == OwnershipDoubt::kOlderPool;
    if (is_older_pool) return;
    const std::string& name = record.name.value();
    if (owner.node->name != record.node || owner.group->generation != record.generation) {
      Add(Severity::kError, name,
          absl::StrCat("The journal has it on ", record.node.value(), " (generation ",
                       record.generation.value(), "), but its volumes are on ", InWords(owner),
                       "."),
          AboutAnotherOwner(record, owner));
      return;
    }
    if (!record.running || !owner.node->containers_known || !owner.group->migration.empty()) return;
    if (const ContainerView* container = FindContainer(*owner.node, record.name)) {
      LookWhetherItServes(record, *owner.node, *container);
      return;
    }
    Add(Severity::kError, name,
        absl::StrCat("It should run on ", owner.node->name.value(), ", but has no container there.",
                     record.problem.empty() ? "" : " ", record.problem),
        IsRecovery() ? kAdopt : "Run `drover deploy` with your two files: it is started again.");
  }

  // Its owner runs it, or has tried to.
  void LookWhetherItServes(const ApplicationRecord& record, const NodeView& node,
                           const ContainerView& container) {
    const std::string& name = record.name.value();
    const std::string logs = absl::StrCat("`drover logs ", name, "` shows what it wrote");
    const std::string again = "`drover deploy` with your two files starts it again";
    if (container.state == ContainerState::kStarting && !container.problem.empty()) {
      // The node says so once its time is over.
      Add(Severity::kWarning, name,
          absl::StrCat("It runs on ", node.name.value(),
                       " and did not get ready in time: ", container.problem, "."),
          absl::StrCat(logs,
                       ". It is asked on; if it only needs longer, raise `ready: timeout` in "
                       "your application.yml."));
    } else if (container.state == ContainerState::kExited && container.container_id.empty()) {
      Add(Severity::kWarning, name,
          absl::StrCat("It could not be started on ", node.name.value(), ": ", container.problem,
                       "."),
          absl::StrCat("Once that is repaired, ", again, "."));
    } else if (container.state == ContainerState::kExited && container.starts_again) {
      Add(Severity::kWarning, name,
          absl::StrCat("It ended on ", node.name.value(), " with exit code ", container.exit_code,
                       "; its restart policy starts it again."),
          absl::StrCat(logs, "."));
    } else if (container.state == ContainerState::kExited) {
      Add(Severity::kWarning, name,
          absl::StrCat("It should run on ", node.name.value(), ", but ended with exit code ",
                       container.exit_code, "."),
          absl::StrCat(logs, ", ", again, "."));
    }
  }

  const ApplicationRecord* RecordOf(const ApplicationName& name) const {
    auto found = view_.applications.find(name);
    return found == view_.applications.end() ? nullptr : &found->second;
  }

  void LookAtGroup(const NodeView& node, const GroupView& group) {
    const std::string& name = group.application.value();
    if (!group.migration.empty()) LookAtLock(node, group);
    if (group.state == GroupState::kDiverged) {
      Add(Severity::kWarning, name,
          absl::StrCat(node.name.value(),
                       " keeps a DIVERGED copy of its volumes: what was written there after they "
                       "were claimed for another node is in no other copy."),
          absl::StrCat("Save by hand what you need of it, then remove it with `drover volumes "
                       "delete ",
                       name, " --node ", node.name.value(), "`", WhenAllowed(), "."));
    }
    if (!IsBusy(group.application)) LookAtDoubt({&node, &group});
    if (RecordOf(group.application) != nullptr || IsBusy(group.application)) return;
    Add(Severity::kWarning, name,
        absl::StrCat("The journal knows no such application, but volumes of it are on ",
                     InWords({&node, &group}), "."),
        IsOwner(group.state) ? "Put it into your application.yml and run `drover deploy`: it is "
                               "taken over with its data."
                             : "`drover volumes list` shows what is kept of it.");
  }

  // Why an owner serves nothing, and the command that ends it.
  void LookAtDoubt(const Held& held) {
    const ApplicationName& name = held.group->application;
    const ApplicationRecord* record = RecordOf(name);
    // It is turned away.
    if (record != nullptr && IsReplaced(*record, held)) return;
    const std::string node = held.node->name.value();
    const std::string serves_not =
        absl::StrCat(node, " does not serve its volumes (", GroupStateName(held.group->state),
                     ", generation ", held.group->generation.value(), "): ");
    switch (held.group->doubt) {
      case OwnershipDoubt::kNone:
        return;
      case OwnershipDoubt::kAwaitsCoordinator:
        // What the journal does not know has to be deployed first.
        if (record != nullptr) LookAtWait(*record, held, serves_not);
        return;
      case OwnershipDoubt::kOlderPool:
        Add(Severity::kError, name.value(),
            absl::StrCat(serves_not,
                         "its pool was put back to an older time, and writes that came later are "
                         "not in it."),
            absl::StrCat("Put the newer pool back; or give those writes up: ",
                         ClaimCommand(name, held.node->name), WhenAllowed(), "."));
        return;
    }
  }

  void LookAtWait(const ApplicationRecord& record, const Held& held,
                  const std::string& serves_not) {
    const std::string& node = held.node->name.value();
    const bool is_its =
        record.node == held.node->name && record.generation == held.group->generation;
    if (is_its) {
      Add(Severity::kWarning, record.name.value(),
          absl::StrCat(node,
                       " does not serve its volumes yet: since its volume service was restarted, "
                       "it waits for the coordinator's word that they are still its own."),
          IsRecovery() ? kAdopt
                       : absl::StrCat("It gets it within seconds; if this stays, look at the log "
                                      "of drover-volume on ",
                                      node, "."));
      return;
    }
    Add(Severity::kError, record.name.value(),
        absl::StrCat(serves_not,
                     "it waits for the coordinator's word that they are its own, and the journal "
                     "has them on ",
                     record.node.value(), " (generation ", record.generation.value(), ")."),
        IsRecovery()
            ? kAdopt
            : absl::StrCat("To go on with what ", node, " has, and give up what is elsewhere: ",
                           ClaimCommand(record.name, held.node->name), "."));
  }

  void LookAtLock(const NodeView& node, const GroupView& group) {
    const MigrationRecord* migration = nullptr;
    for (const MigrationRecord* one : journal_.migrations) {
      if (one->id == group.migration) migration = one;
    }
    // Unfinished ones hold their locks, and the reconciler is still telling the others' nodes.
    const bool is_told =
        migration != nullptr && (!IsTerminal(migration->state) || migration->source_pending ||
                                 migration->destination_pending);
    if (is_told && !IsRecovery()) return;
    if (IsRecovery() && migration != nullptr && !IsTerminal(migration->state)) return;
    const std::string which =
        migration == nullptr
            ? "of which the journal knows nothing"
            : absl::StrCat("which is ", MigrationStateName(migration->state), " in the journal");
    Add(Severity::kError, group.application.value(),
        absl::StrCat("Its volumes on ", node.name.value(), " (", GroupStateName(group.state),
                     ") are held by migration ", group.migration.value(), ", ", which, "."),
        IsRecovery() ? kAdopt
                     : "Make a copy with `drover backup FILE`, start the coordinator from it, and "
                       "run `drover doctor --adopt`: it ends what nobody is carrying out.");
  }

  void LookAtContainer(const NodeView& node, const ContainerView& container) {
    const std::string& name = container.application.value();
    if (IsBusy(container.application)) return;
    const std::string state = ContainerStateName(container.state);
    const std::string by_hand =
        absl::StrCat("If it is not wanted, remove it on ", node.name.value(),
                     " with docker rm --force drover--", name, "; its volumes are not touched.");
    const ApplicationRecord* record = RecordOf(container.application);
    if (record == nullptr) {
      Add(Severity::kWarning, name,
          absl::StrCat("The journal knows no such application, but a container of it is ", state,
                       " on ", node.name.value(), "."),
          absl::StrCat("To keep it, put it into your application.yml and run `drover deploy`. ",
                       by_hand));
      return;
    }
    const GroupView* group = FindGroup(node, container.application);
    const bool is_owner = group != nullptr && IsOwner(group->state);
    // Of a move that is not over.
    const bool moves = group != nullptr && !group->migration.empty();
    if (is_owner || moves || !node.volumes_known) return;
    Add(Severity::kError, name,
        absl::StrCat("A container of it is ", state, " on ", node.name.value(),
                     ", which does not own its volumes."),
        IsRecovery() ? kAdopt : by_hand);
  }

  void LookAtRoutes(const NodeView& node) {
    if (!node.reachable || node.route_revision == journal_.route_revision) return;
    const std::string& name = node.name.value();
    if (node.route_revision > journal_.route_revision) {
      Add(Severity::kWarning, name,
          absl::StrCat("Its routes are of revision ", node.route_revision,
                       ", but the journal has given only ", journal_.route_revision, "."),
          IsRecovery() ? kAdopt : "It gets newer ones within seconds; look again then.");
      return;
    }
    Add(Severity::kWarning, name,
        absl::StrCat("Its routes are of revision ", node.route_revision, ", the newest are ",
                     journal_.route_revision, "."),
        IsRecovery() ? kAdopt
                     : absl::StrCat("It gets them within seconds; if this stays, look at the log "
                                    "of drover-proxy on ",
                                    name, "."));
  }

  const ClusterView& view_;
  const JournalFacts& journal_;
  const OwnerChoice choice_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> Diagnose(const ClusterView& view, const JournalFacts& journal) {
  return Doctor(view, journal).Diagnose();
}

}  // namespace drover::coordinator
