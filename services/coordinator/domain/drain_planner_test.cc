#include "services/coordinator/domain/drain_planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "services/common/status/reason.h"
#include "services/coordinator/domain/drain_history.h"

namespace drover::coordinator {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

const NodeName kNode1("node1"), kNode2("node2"), kNode3("node3");

// Three nodes with room.
class DrainPlannerTest : public ::testing::Test {
 protected:
  DrainPlannerTest() {
    for (const NodeName& name : {kNode1, kNode2, kNode3}) {
      NodeView& node = view_.nodes.emplace_back();
      node.name = name;
      node.reachable = node.volumes_known = node.containers_known = true;
      node.backend = "btrfs";
      node.pool_bytes = 1000 << 20;
      node.free_pool_bytes = 500 << 20;
    }
  }

  NodeView& Node(const NodeName& name) { return view_.nodes[name.value().back() - '1']; }

  ApplicationRecord& AddRunning(const char* name, const NodeName& node, int mebibytes = 10) {
    GroupView group;
    group.application = ApplicationName(name);
    group.generation = Generation(3);
    group.volumes = {VolumeView{.size_bytes = mebibytes << 20}};
    Node(node).groups.push_back(group);
    ContainerView container;
    container.application = group.application;
    Node(node).containers.push_back(container);
    ApplicationRecord& record = view_.applications[group.application];
    record.name = group.application;
    record.node = node;
    record.generation = group.generation;
    record.running = true;
    return record;
  }

  static std::string Text(const absl::StatusOr<Plan>& plan) {
    if (!plan.ok()) return std::string(plan.status().message());
    std::string text;
    for (const Action& action : plan->actions) {
      text += action.application.value() + " " + action.from.value() + ">" + action.to.value();
      text += action.error.empty() ? "\n" : " not: " + action.error + "\n";
    }
    return text;
  }
  std::string Drained(std::vector<NodeName> destinations = {}) {
    return Text(PlanDrain({kNode1, std::move(destinations)}, view_, {}));
  }
  // Each as the generation that AddRunning() gives.
  using Moved = std::map<ApplicationName, NodeName>;
  absl::StatusOr<Plan> Restore(const Moved& moved) {
    std::map<ApplicationName, MovedApplication> moved_away;
    for (const auto& [name, node] : moved) moved_away[name] = {node, Generation(3)};
    return PlanRestore({.node = kNode1, .restore = true}, moved_away, view_);
  }
  std::string Restored(const Moved& moved) { return Text(Restore(moved)); }

  ClusterView view_;
};

TEST_F(DrainPlannerTest, SpreadsWhatRunsThereTheGreatestFirst) {
  AddRunning("small", kNode1, 10);
  AddRunning("large", kNode1, 300);
  AddRunning("other", kNode2);
  EXPECT_EQ(Drained(), "large node1>node3\nsmall node1>node2\n");
}

TEST_F(DrainPlannerTest, TakesOnlyTheDestinationsThatAreAskedFor) {
  AddRunning("a", kNode1);
  AddRunning("b", kNode2);
  EXPECT_EQ(Drained({kNode2}), "a node1>node2\n");
  EXPECT_EQ(Drained({kNode1}), "node1 cannot take what is moved away from it");
  for (const Drain& drain : {Drain{kNode1, {NodeName("node9")}}, Drain{NodeName("node9")}}) {
    const absl::Status status = PlanDrain(drain, view_, {}).status();
    EXPECT_EQ(ReasonOf(status), "UNKNOWN_NODE");
    EXPECT_EQ(status.message(),
              "no node `node9` is registered (registered: node1, node2, node3); add it with "
              "`drover nodes add NAME ADDRESS`");
  }
}

TEST_F(DrainPlannerTest, SaysOfEachNodeWhyItCannotTakeAnApplication) {
  AddRunning("a", kNode1, 600);
  Node(kNode2).cordoned = true;
  EXPECT_EQ(Drained(),
            "a node1> not: no node can take a: node2 is cordoned, its pool needs 720 MiB and node3 "
            "has 500 MiB free; a runs on node1 as before\n");
  Node(kNode2).cordoned = false;
  Node(kNode2).reachable = false;
  Node(kNode3).backend = "zfs";
  EXPECT_EQ(Drained(),
            "a node1> not: no node can take a: node2 does not answer, node3 has a pool of zfs, not "
            "of btrfs; a runs on node1 as before\n");
}

TEST_F(DrainPlannerTest, ANodeWhoseEngineIsAwayTakesNothing) {
  AddRunning("a", kNode1);
  Node(kNode2).engine_problem = "it does not answer";
  EXPECT_EQ(Drained(), "a node1>node3\n");
  Node(kNode3).cordoned = true;
  EXPECT_EQ(
      Drained(),
      "a node1> not: no node can take a: the container engine of node2 does not answer, node3 "
      "is cordoned; a runs on node1 as before\n");
}

TEST_F(DrainPlannerTest, OneWithoutRoomDoesNotKeepTheOthers) {
  AddRunning("large", kNode1, 600);
  AddRunning("small", kNode1);
  EXPECT_THAT(Drained(), HasSubstr("\nsmall node1>node2\n"));
}

TEST_F(DrainPlannerTest, WarnsOfWhatIsNotReady) {
  AddRunning("a", kNode1);
  Node(kNode1).containers[0].state = ContainerState::kStarting;
  EXPECT_THAT(PlanDrain({kNode1}, view_, {})->warnings,
              ElementsAre(HasSubstr("a is not ready on node1 now")));
}

TEST_F(DrainPlannerTest, LeavesStoppedAndUnknownOnesWithAWarning) {
  AddRunning("stopped", kNode1).running = false;
  AddRunning("unknown", kNode1);
  view_.applications.erase(ApplicationName("unknown"));
  const Plan plan = *PlanDrain({kNode1}, view_, {});
  EXPECT_THAT(plan.actions, IsEmpty());
  EXPECT_THAT(plan.warnings,
              UnorderedElementsAre(HasSubstr("stopped is stopped; its data stays on node1"),
                                   HasSubstr("does not know unknown")));
}

TEST_F(DrainPlannerTest, LeavesOutWhatAnotherNodeOwnsByNow) {
  ApplicationRecord& record = AddRunning("a", kNode1);
  record.node = kNode2;
  record.generation = Generation(4);
  EXPECT_EQ(Drained(), "");
}

TEST_F(DrainPlannerTest, WhatComesOrMayComeBackIsNamed) {
  AddRunning("coming", kNode2);
  ApplicationRecord& leaving = AddRunning("leaving", kNode1);
  leaving.node = kNode2;
  leaving.generation = Generation(4);
  AddRunning("elsewhere", kNode2);
  const MigrationRecord to_here = {.id = MigrationId("1"),
                                   .application = ApplicationName("coming"),
                                   .source = kNode2,
                                   .destination = kNode1,
                                   .state = MigrationState::kCopying};
  MigrationRecord from_here = to_here;
  from_here.application = ApplicationName("leaving");
  std::swap(from_here.source, from_here.destination);
  from_here.state = MigrationState::kActive;
  MigrationRecord other = from_here;
  other.application = ApplicationName("elsewhere");
  other.source = kNode3;
  MigrationRecord over = to_here;
  over.application = ApplicationName("elsewhere");
  over.state = MigrationState::kDone;
  EXPECT_EQ(Text(PlanDrain({kNode1}, view_, {&to_here, &from_here, &other, &over})),
            "coming node1> not: coming is being moved from node2 to node1; wait for its end, and "
            "drain again\n"
            "leaving node1> not: leaving is being moved from node1 to node2; wait for its end, and "
            "drain again\n");
}

TEST_F(DrainPlannerTest, WhatShouldBeThereAndIsNotIsNamed) {
  AddRunning("lost", kNode1);
  Node(kNode1).groups[0].state = GroupState::kDiverged;
  EXPECT_EQ(Drained(),
            "lost node1> not: lost should run on node1, which does not own its data; see `drover "
            "doctor`\n");
}

TEST_F(DrainPlannerTest, WhatIsBusyIsNamed) {
  AddRunning("a", kNode1);
  view_.busy = {ApplicationName("a")};
  EXPECT_EQ(Drained(), "a node1> not: another operation on a is under way; wait for its end\n");
  view_.busy.clear();
  Node(kNode1).groups[0].migration = MigrationId("m");
  EXPECT_THAT(Drained(), HasSubstr("not: the volumes of a on node1 are still OWNED for"));
}

TEST_F(DrainPlannerTest, ANodeThatDoesNotAnswerCannotBeDrained) {
  AddRunning("a", kNode1);
  Node(kNode1).reachable = false;
  Node(kNode1).problem = "refused";
  const Plan plan = *PlanDrain({kNode1}, view_, {});
  EXPECT_THAT(plan.actions, IsEmpty());
  EXPECT_THAT(plan.problems, ElementsAre(HasSubstr("node1 does not answer (refused)")));
}

TEST_F(DrainPlannerTest, TheFingerprintTellsPlansApartAndNotSizes) {
  AddRunning("a", kNode1, 10);
  AddRunning("b", kNode1, 11);
  AddRunning("large", kNode1, 600);
  const auto fingerprint = [this] { return PlanDrain({kNode1}, view_, {})->fingerprint; };
  const std::string before = fingerprint();
  Node(kNode1).groups[0].volumes[0].size_bytes = 12 << 20;
  Node(kNode2).free_pool_bytes -= 60 << 20;
  EXPECT_EQ(fingerprint(), before);
  Node(kNode2).free_pool_bytes = 900 << 20;
  EXPECT_NE(fingerprint(), before) << "the large one finds room";
  AddRunning("c", kNode1);
  EXPECT_NE(fingerprint(), before);
}

TEST_F(DrainPlannerTest, RestoresWhatIsStillWhereItWasPut) {
  AddRunning("a", kNode2);
  AddRunning("back", kNode1);
  // Still cordoned: the restore ends that.
  Node(kNode1).cordoned = true;
  EXPECT_EQ(Restored({{ApplicationName("a"), kNode2},
                      {ApplicationName("back"), kNode2},
                      {ApplicationName("gone"), kNode2}}),
            "a node2>node1\n");
}

TEST_F(DrainPlannerTest, LeavesWhereItIsWhatWasMovedOnOrStopped) {
  AddRunning("moved", kNode3);
  // There and back.
  AddRunning("returned", kNode2).generation = Generation(5);
  AddRunning("stopped", kNode2).running = false;
  const Plan plan = *Restore({{ApplicationName("moved"), kNode2},
                              {ApplicationName("returned"), kNode2},
                              {ApplicationName("stopped"), kNode2}});
  EXPECT_THAT(plan.actions, IsEmpty());
  EXPECT_THAT(plan.warnings, ElementsAre("moved has been moved since, and stays on node3",
                                         "returned has been moved since, and stays on node2",
                                         "stopped is stopped; its data stays on node2"));
}

TEST_F(DrainPlannerTest, SaysWhatCannotBeRestored) {
  AddRunning("a", kNode2, 600);
  EXPECT_EQ(Restored({{ApplicationName("a"), kNode2}}),
            "a node2>node1 not: its pool needs 720 MiB and node1 has 500 MiB free; a runs on node2 "
            "as before\n");
  Node(kNode2).groups.clear();
  EXPECT_EQ(Restored({{ApplicationName("a"), kNode2}}),
            "a node2>node1 not: node2 does not answer, or lost the volumes of a\n");
}

class MovedAwayTest : public ::testing::Test {
 protected:
  // As the next generation, a second later than the one before.
  void Add(bool restore, const char* application, const NodeName& to,
           ActionState state = ActionState::kDone) {
    MigrationRecord& migration = migrations_.emplace_back();
    migration.id = MigrationId(std::to_string(migrations_.size()));
    migration.generation = Generation(static_cast<int64_t>(migrations_.size()));
    DeploymentRecord& record = records_.emplace_back();
    record.create_time = absl::FromUnixSeconds(static_cast<int64_t>(migrations_.size()));
    record.drain = Drain{.node = kNode1, .restore = restore};
    record.actions = {Action{.application = ApplicationName(application),
                             .to = to,
                             .state = state,
                             .migration = migration.id}};
  }
  std::map<ApplicationName, MovedApplication> Moved() {
    std::vector<const DeploymentRecord*> deployments;
    for (const DeploymentRecord& record : records_) deployments.push_back(&record);
    std::vector<const MigrationRecord*> migrations;
    for (const MigrationRecord& record : migrations_) migrations.push_back(&record);
    return MovedAway(deployments, migrations, node_);
  }
  static auto Is(const char* application, const NodeName& node, int64_t generation) {
    return Pair(ApplicationName(application), MovedApplication{node, Generation(generation)});
  }

  NodeRecord node_ = {.name = kNode1};
  std::vector<DeploymentRecord> records_;
  std::vector<MigrationRecord> migrations_;
};

TEST_F(MovedAwayTest, KnowsWhatIsAway) {
  Add(false, "a", kNode2);
  Add(false, "b", kNode3);
  Add(false, "failed", kNode2, ActionState::kFailed);
  Add(false, "moved by somebody else", kNode2);
  records_.back().actions[0].migration = MigrationId();
  EXPECT_THAT(Moved(), UnorderedElementsAre(Is("a", kNode2, 1), Is("b", kNode3, 2)));
}

TEST_F(MovedAwayTest, ForgetsWhatWasBroughtBack) {
  Add(false, "a", kNode2);
  Add(false, "b", kNode2);
  Add(true, "a", kNode1);
  Add(true, "b", kNode1, ActionState::kFailed);
  EXPECT_THAT(Moved(), ElementsAre(Is("b", kNode2, 2)));
  Add(false, "a", kNode3);
  EXPECT_THAT(Moved(), UnorderedElementsAre(Is("a", kNode3, 5), Is("b", kNode2, 2)));
}

TEST_F(MovedAwayTest, ForgetsWhatWasMovedBeforeTheNodeWasCordonedAgain) {
  Add(false, "a", kNode2);
  Add(false, "b", kNode2);
  node_.cordon_time = records_[1].create_time;
  EXPECT_THAT(Moved(), ElementsAre(Is("b", kNode2, 2)));
}

TEST_F(MovedAwayTest, OtherNodesAndDeploymentsDoNotCount) {
  Add(false, "a", kNode2);
  records_[0].drain->node = kNode3;
  Add(false, "b", kNode2);
  records_[1].drain.reset();
  EXPECT_THAT(Moved(), IsEmpty());
}

}  // namespace
}  // namespace drover::coordinator
