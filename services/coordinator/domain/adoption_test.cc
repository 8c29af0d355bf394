#include "services/coordinator/domain/adoption.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <set>

#include "services/common/status/reason.h"

namespace drover::coordinator {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The old journal has redis on node1, under generation 5.
class AdoptionTest : public ::testing::Test {
 protected:
  AdoptionTest() {
    for (const char* name : {"node1", "node2", "node3"}) {
      NodeView node;
      node.name = NodeName(name);
      node.reachable = node.volumes_known = node.containers_known = true;
      view_.nodes.push_back(node);
    }
    ApplicationRecord record;
    record.name = record.spec.name = kRedis;
    record.spec.image = "redis:7";
    record.node = NodeName("node1");
    record.generation = Generation(5);
    record.running = true;
    record.route = RouteTarget{NodeName("node1"), ContainerId("old")};
    view_.applications[kRedis] = record;
    journal_.counters = {5, 20, 100};
  }

  GroupView& AddGroup(int node, GroupState state, int64_t generation, std::string migration = "",
                      int64_t migration_generation = 0) {
    GroupView group;
    group.application = kRedis;
    group.state = state;
    group.generation = Generation(generation);
    group.migration = MigrationId(migration);
    group.migration_generation = Generation(migration_generation);
    view_.nodes[node - 1].groups.push_back(group);
    return view_.nodes[node - 1].groups.back();
  }
  void AddContainer(int node, int64_t generation, ContainerState state = ContainerState::kReady) {
    ContainerView container;
    container.application = kRedis;
    container.container_id = ContainerId("new");
    container.start_id = StartId("start");
    container.generation = Generation(generation);
    container.state = state;
    view_.nodes[node - 1].containers.push_back(container);
  }
  // From node1 to node2, to get generation 6.
  MigrationRecord& AddMigration(MigrationState state) {
    MigrationRecord& record = records_.emplace_back();
    record.id = MigrationId("m1");
    record.application = kRedis;
    record.source = NodeName("node1");
    record.destination = NodeName("node2");
    record.source_generation = Generation(5);
    record.generation = Generation(6);
    record.source_running = true;
    record.spec.image = "redis:8";
    record.source_spec.image = "redis:7";
    record.state = state;
    journal_.migrations.push_back(&record);
    return record;
  }

  AdoptionPlan Plan() {
    absl::StatusOr<AdoptionPlan> plan =
        PlanAdoption(view_, journal_, without_, absl::FromUnixSeconds(9));
    EXPECT_TRUE(plan.ok()) << plan.status();
    return plan.ok() ? *plan : AdoptionPlan();
  }
  void LoseNode(int node) {
    NodeView& lost = view_.nodes[node - 1];
    lost.reachable = lost.volumes_known = lost.containers_known = false;
    lost.problem = "volume service: refused";
    without_.insert(lost.name);
  }
  // The one decision about a move that there must be.
  MigrationRecord Decided() {
    const AdoptionPlan plan = Plan();
    EXPECT_EQ(plan.migrations.size(), 1u);
    return plan.migrations.empty() ? MigrationRecord() : plan.migrations[0];
  }

  static inline const ApplicationName kRedis{"redis"};
  ClusterView view_;
  OldJournal journal_;
  std::set<NodeName> without_;
  std::deque<MigrationRecord> records_;
};

TEST_F(AdoptionTest, NothingIsDecidedWithoutAllNodes) {
  view_.nodes[1].reachable = false;
  view_.nodes[1].problem = "volume service: refused";
  const auto plan = PlanAdoption(view_, journal_, without_, absl::Now());
  EXPECT_TRUE(absl::IsUnavailable(plan.status()));
  EXPECT_THAT(plan.status().message(), HasSubstr("node2 (volume service: refused)"));
}

TEST_F(AdoptionTest, NothingChangesWhereAllAgree) {
  AddGroup(1, GroupState::kOwned, 5);
  const AdoptionPlan plan = Plan();
  EXPECT_THAT(plan.migrations, IsEmpty());
  EXPECT_THAT(plan.applications, IsEmpty());
  EXPECT_THAT(plan.done, IsEmpty());
  EXPECT_THAT(plan.open, IsEmpty());
}

TEST_F(AdoptionTest, CountersGoAboveAllThatAnybodyHasSeen) {
  AddGroup(1, GroupState::kOwned, 5, "m9", 131);
  view_.nodes[0].obeyed = {{"volume", {7, "x"}, 120}, {"proxy", {6, "w"}, 80}};
  view_.nodes[1].obeyed = {{"volume", {0, ""}, 0}};
  view_.nodes[1].route_revision = 44;
  AdoptionPlan plan = Plan();
  EXPECT_EQ(plan.counters, (Counters{131, 45, 120}));
  EXPECT_EQ(plan.epoch, 7);
  EXPECT_THAT(plan.starts, ElementsAre(CoordinatorStart{6, "w"}, CoordinatorStart{7, "x"}));
  // Generations that no node shows, but that may have been taken in the entries that are lost.
  view_.nodes[0].groups[0].migration_generation = Generation(6);
  EXPECT_EQ(Plan().counters.generation, 25);
}

TEST_F(AdoptionTest, AnApplicationIsWhereItsNewestOwnerIs) {
  AddGroup(1, GroupState::kRetired, 5);
  AddGroup(2, GroupState::kOwned, 9);
  AddContainer(2, 9);
  const AdoptionPlan plan = Plan();
  ASSERT_EQ(plan.applications.size(), 1u);
  EXPECT_EQ(plan.applications[0].node, NodeName("node2"));
  EXPECT_EQ(plan.applications[0].generation, Generation(9));
  EXPECT_TRUE(plan.applications[0].running);
  EXPECT_EQ(plan.applications[0].route, (RouteTarget{NodeName("node2"), ContainerId("new")}));
  EXPECT_THAT(plan.done, ElementsAre("redis: it is on node2 (generation 9); the journal had it on "
                                     "node1 (generation 5)"));
  EXPECT_THAT(plan.open, IsEmpty());
}

TEST_F(AdoptionTest, AnApplicationThatMovedAndWasStoppedIsStopped) {
  AddGroup(2, GroupState::kOwned, 9);
  const AdoptionPlan plan = Plan();
  EXPECT_FALSE(plan.applications[0].running);
  EXPECT_EQ(plan.applications[0].route, std::nullopt);
}

TEST_F(AdoptionTest, ASecondOwnerIsReportedAndTheNewestCounts) {
  AddGroup(1, GroupState::kOwned, 5);
  AddGroup(2, GroupState::kOwned, 9);
  const AdoptionPlan plan = Plan();
  EXPECT_EQ(plan.applications[0].node, NodeName("node2"));
  EXPECT_THAT(plan.open, ElementsAre("redis: node1 says that it owns its volumes, too (OWNED, "
                                     "generation 5)"));
}

TEST_F(AdoptionTest, AClaimThatBrokeOffIsReportedAndTheJournalsOwnerCounts) {
  journal_.counters.generation = 6;
  AddGroup(1, GroupState::kOwned, 5);
  AddGroup(2, GroupState::kOwned, 6);
  AdoptionPlan plan = Plan();
  EXPECT_THAT(plan.applications, IsEmpty());
  EXPECT_THAT(plan.open, ElementsAre("redis: node2 says that it owns its volumes, too (OWNED, "
                                     "generation 6)"));
  // The application runs there: a later journal knew the claim.
  AddContainer(2, 6);
  plan = Plan();
  ASSERT_EQ(plan.applications.size(), 1u);
  EXPECT_EQ(plan.applications[0].node, NodeName("node2"));
  EXPECT_EQ(plan.applications[0].generation, Generation(6));
}

TEST_F(AdoptionTest, AMoveIsUndoneForItsSourceBesideAClaimThatBrokeOff) {
  // The claim is of node2, after the move from node1 could not be undone there.
  AddMigration(MigrationState::kAborting);
  journal_.counters.generation = 7;
  AddGroup(1, GroupState::kSealed, 5, "m1", 6);
  AddGroup(2, GroupState::kOwned, 7);
  const AdoptionPlan plan = Plan();
  ASSERT_EQ(plan.migrations.size(), 1u);
  EXPECT_EQ(plan.migrations[0].state, MigrationState::kAborting);
  EXPECT_THAT(plan.applications, IsEmpty());
  EXPECT_THAT(plan.open, ElementsAre("redis: node2 says that it owns its volumes, too (OWNED, "
                                     "generation 7)"));
}

TEST_F(AdoptionTest, AClaimThatTheJournalRecordedIsNotUndoneByTheOldOwner) {
  ApplicationRecord& record = view_.applications.begin()->second;
  record.node = NodeName("node2");
  record.generation = Generation(6);
  journal_.counters.generation = 6;
  AddGroup(1, GroupState::kOwned, 5);
  AddGroup(2, GroupState::kOwned, 6);
  const AdoptionPlan plan = Plan();
  EXPECT_THAT(plan.applications, IsEmpty());
  EXPECT_THAT(plan.open, ElementsAre("redis: node1 says that it owns its volumes, too (OWNED, "
                                     "generation 5)"));
}

TEST_F(AdoptionTest, AnApplicationWithoutAnOwnerIsReported) {
  EXPECT_THAT(Plan().open, ElementsAre("redis: no node owns its volumes"));
}

TEST_F(AdoptionTest, AnUnknownApplicationIsReported) {
  AddGroup(1, GroupState::kOwned, 5);
  AddGroup(3, GroupState::kOwned, 4).application = ApplicationName("web");
  EXPECT_THAT(Plan().open,
              ElementsAre("web: the journal does not know it; its volumes are on node3. Put it "
                          "into your application.yml and run `drover deploy`"));
}

TEST_F(AdoptionTest, ADeploymentThatWasUnderWayIsGivenUp) {
  AddGroup(1, GroupState::kOwned, 5);
  DeploymentRecord running, done;
  running.id = "d1";
  running.requested_by = "ann";
  done.state = DeploymentState::kDone;
  journal_.deployments = {&running, &done};
  const AdoptionPlan plan = Plan();
  ASSERT_EQ(plan.deployments.size(), 1u);
  EXPECT_EQ(plan.deployments[0].state, DeploymentState::kFailed);
  EXPECT_EQ(plan.deployments[0].end_time, absl::FromUnixSeconds(9));
}

// --- moves of the journal ---

TEST_F(AdoptionTest, AMoveWhoseDestinationOwnsGoesForward) {
  AddMigration(MigrationState::kSealed);
  AddGroup(1, GroupState::kSealed, 5, "m1", 6);
  AddGroup(2, GroupState::kOwned, 6, "m1", 6);
  AddContainer(2, 6);
  const AdoptionPlan plan = Plan();
  ASSERT_EQ(plan.migrations.size(), 1u);
  EXPECT_EQ(plan.migrations[0].state, MigrationState::kCommitted);
  EXPECT_EQ(plan.migrations[0].start_id, StartId("start"));
  EXPECT_TRUE(plan.migrations[0].seal_requested);
  EXPECT_EQ(plan.migrations[0].cutover_start, absl::FromUnixSeconds(9));
  EXPECT_EQ(plan.migrations[0].container_id, ContainerId("new"));
  ASSERT_EQ(plan.applications.size(), 1u);
  EXPECT_EQ(plan.applications[0].node, NodeName("node2"));
  EXPECT_EQ(plan.applications[0].generation, Generation(6));
  EXPECT_EQ(plan.applications[0].spec.image, "redis:8");
  EXPECT_THAT(plan.open, IsEmpty());
}

TEST_F(AdoptionTest, AMoveThatNobodyCommittedIsUndoneAtItsDestinationFirst) {
  AddMigration(MigrationState::kCopying);
  AddGroup(1, GroupState::kSealed, 5, "m1", 6);
  AddGroup(2, GroupState::kPrepared, 0, "m1", 6);
  const AdoptionPlan plan = Plan();
  ASSERT_EQ(plan.migrations.size(), 1u);
  EXPECT_EQ(plan.migrations[0].state, MigrationState::kAborting);
  EXPECT_TRUE(plan.migrations[0].discard_first);
  // The journal did not know yet that the source had been asked to stop.
  EXPECT_TRUE(plan.migrations[0].seal_requested);
  EXPECT_THAT(plan.applications, IsEmpty());
}

TEST_F(AdoptionTest, ASourceThatRunsIsNotStartedAgain) {
  AddMigration(MigrationState::kCopying);
  AddGroup(1, GroupState::kOwned, 5, "m1", 6);
  AddGroup(2, GroupState::kReceiving, 0, "m1", 6);
  EXPECT_FALSE(Decided().seal_requested);
}

TEST_F(AdoptionTest, AMoveThatTheJournalCommittedStandsAsItIs) {
  AddMigration(MigrationState::kCommitted);
  ApplicationRecord& record = view_.applications.begin()->second;
  record.node = NodeName("node2");
  record.generation = Generation(6);
  AddGroup(1, GroupState::kSealed, 5, "m1", 6);
  AddGroup(2, GroupState::kPrepared, 0, "m1", 6);
  EXPECT_THAT(Plan().migrations, IsEmpty());
  EXPECT_THAT(Plan().applications, IsEmpty());
}

TEST_F(AdoptionTest, AMoveThatWasFinishedIsDone) {
  for (MigrationState state : {MigrationState::kCopying, MigrationState::kActive}) {
    journal_.migrations.clear();
    AddMigration(state);
    for (NodeView& node : view_.nodes) node.groups.clear();
    AddGroup(1, GroupState::kRetired, 5);
    AddGroup(2, GroupState::kOwned, 6);
    EXPECT_EQ(Decided().state, MigrationState::kDone);
  }
}

TEST_F(AdoptionTest, AMoveThatWasFinishedAndFollowedByAnotherIsDone) {
  AddMigration(MigrationState::kPrepared);
  AddGroup(2, GroupState::kRetired, 6);
  AddGroup(3, GroupState::kOwned, 7);
  const AdoptionPlan plan = Plan();
  EXPECT_EQ(plan.migrations[0].state, MigrationState::kDone);
  EXPECT_EQ(plan.applications[0].node, NodeName("node3"));
}

TEST_F(AdoptionTest, AMoveThatWasUndoneIsAborted) {
  AddMigration(MigrationState::kCopying);
  AddGroup(1, GroupState::kOwned, 5);
  const MigrationRecord decided = Decided();
  EXPECT_EQ(decided.state, MigrationState::kAborted);
  EXPECT_FALSE(decided.source_pending);
}

TEST_F(AdoptionTest, TheOnlyCopyIsNeverDiscarded) {
  AddMigration(MigrationState::kSealed);
  AddGroup(2, GroupState::kPrepared, 0, "m1", 6);
  const AdoptionPlan plan = Plan();
  EXPECT_EQ(plan.migrations[0].state, MigrationState::kAborted);
  EXPECT_THAT(plan.open[0], HasSubstr("may be the only copy, and was left alone"));
}

TEST_F(AdoptionTest, ASourceDoesNotGoOnWhereSomebodyElseOwnsLaterData) {
  AddMigration(MigrationState::kSealed);
  AddGroup(1, GroupState::kSealed, 5, "m1", 6);
  AddGroup(3, GroupState::kOwned, 9);
  const AdoptionPlan plan = Plan();
  EXPECT_EQ(plan.migrations[0].state, MigrationState::kAborted);
  EXPECT_FALSE(plan.migrations[0].discard_first);
  EXPECT_THAT(plan.open[0], HasSubstr("node3 owns the volumes under a later generation"));
}

TEST_F(AdoptionTest, WhatThisJournalAbortedIsNotCommittedAndItsSourceDoesNotGoOn) {
  AddMigration(MigrationState::kAborting);
  journal_.counters.generation = 6;
  AddGroup(1, GroupState::kSealed, 5, "m1", 6);
  AddGroup(2, GroupState::kOwned, 6, "m1", 6);
  const AdoptionPlan plan = Plan();
  ASSERT_EQ(plan.migrations.size(), 1u);
  EXPECT_EQ(plan.migrations[0].state, MigrationState::kAborted);
  EXPECT_FALSE(plan.migrations[0].source_pending);
  EXPECT_THAT(plan.open[0], HasSubstr("was aborted by this journal"));
  EXPECT_THAT(plan.applications, IsEmpty());
}

// --- moves that the journal does not know ---

TEST_F(AdoptionTest, AnUnknownMoveThatWasCommittedIsFinished) {
  AddGroup(1, GroupState::kSealed, 5, "m9", 8);
  AddGroup(2, GroupState::kOwned, 8, "m9", 8);
  AddContainer(2, 8);
  const AdoptionPlan plan = Plan();
  ASSERT_EQ(plan.migrations.size(), 1u);
  const MigrationRecord& move = plan.migrations[0];
  EXPECT_EQ(move.state, MigrationState::kRouted);
  EXPECT_EQ(move.id, MigrationId("m9"));
  EXPECT_EQ(move.generation, Generation(8));
  EXPECT_EQ(move.source, NodeName("node1"));
  EXPECT_EQ(move.source_generation, Generation(5));
  EXPECT_EQ(move.destination, NodeName("node2"));
  EXPECT_EQ(plan.applications[0].node, NodeName("node2"));
  EXPECT_EQ(plan.applications[0].route, (RouteTarget{NodeName("node2"), ContainerId("new")}));
  EXPECT_THAT(plan.open, IsEmpty());
}

TEST_F(AdoptionTest, AnUnknownMoveWhoseSourceIsRetiredNeedsItsDestinationOnly) {
  AddGroup(1, GroupState::kRetired, 5);
  AddGroup(2, GroupState::kOwned, 8, "m9", 8);
  EXPECT_EQ(Decided().state, MigrationState::kRetired);
}

TEST_F(AdoptionTest, AnUnknownMoveThatWasNotCommittedIsUndone) {
  AddGroup(1, GroupState::kSealed, 5, "m9", 8);
  AddGroup(2, GroupState::kPrepared, 0, "m9", 8);
  const MigrationRecord move = Decided();
  EXPECT_EQ(move.state, MigrationState::kAborting);
  EXPECT_TRUE(move.discard_first);
  EXPECT_TRUE(move.seal_requested);
  EXPECT_TRUE(move.source_running);
  EXPECT_EQ(move.source, NodeName("node1"));
  EXPECT_EQ(move.destination, NodeName("node2"));
  EXPECT_EQ(move.source_spec.image, "redis:7");
}

TEST_F(AdoptionTest, AnUnknownLockOfASourceAloneIsReleasedThere) {
  AddGroup(1, GroupState::kOwned, 5, "m9", 8);
  const MigrationRecord move = Decided();
  EXPECT_EQ(move.state, MigrationState::kAborting);
  EXPECT_EQ(move.source, NodeName("node1"));
  EXPECT_EQ(move.destination, NodeName("node1"));
}

TEST_F(AdoptionTest, AnUnknownLockOfADestinationAloneIsReleasedThere) {
  AddGroup(1, GroupState::kOwned, 5);
  AddGroup(2, GroupState::kReceiving, 0, "m9", 8);
  const MigrationRecord move = Decided();
  EXPECT_EQ(move.source, NodeName("node1"));
  EXPECT_EQ(move.destination, NodeName("node2"));
  EXPECT_FALSE(move.seal_requested);
}

// --- moves that are over in the journal, and hold nodes all the same ---

TEST_F(AdoptionTest, AnAbortedMoveIsUndoneAgain) {
  AddMigration(MigrationState::kAborted);
  AddGroup(1, GroupState::kOwned, 5, "m1", 6);
  const MigrationRecord move = Decided();
  EXPECT_EQ(move.state, MigrationState::kAborting);
  EXPECT_TRUE(move.discard_first);
}

TEST_F(AdoptionTest, ADoneMoveIsFinishedAgain) {
  AddMigration(MigrationState::kDone);
  AddGroup(1, GroupState::kSealed, 5, "m1", 6);
  AddGroup(2, GroupState::kOwned, 6);
  EXPECT_EQ(Decided().state, MigrationState::kRouted);
}

TEST_F(AdoptionTest, WhatJournalAndNodesDecidedDifferentlyIsLeftAlone) {
  AddMigration(MigrationState::kDone);
  AddGroup(1, GroupState::kSealed, 5, "m1", 6);
  const AdoptionPlan plan = Plan();
  EXPECT_THAT(plan.migrations, IsEmpty());
  EXPECT_THAT(plan.open[0], HasSubstr("is DONE in the journal, but not on the nodes"));
}

TEST_F(AdoptionTest, LocksThatAreRightAreKept) {
  AddMigration(MigrationState::kCommitted);
  AddGroup(1, GroupState::kSealed, 5, "m1", 6);
  AddGroup(2, GroupState::kOwned, 6, "m1", 6);
  EXPECT_THAT(Plan().migrations, IsEmpty());
}

// --- nodes that are left out ---

TEST_F(AdoptionTest, OnlyANodeThatDoesNotAnswerIsLeftOut) {
  AddGroup(1, GroupState::kOwned, 5);
  without_ = {NodeName("node2")};
  absl::Status refused = PlanAdoption(view_, journal_, without_, absl::Now()).status();
  EXPECT_EQ(ReasonOf(refused), "NODE_ANSWERS");
  EXPECT_EQ(refused.message(),
            "nothing was adopted, since node2 answers, and what it has need not be given up; run "
            "`drover doctor --adopt` without naming it");
  // What its volumes are can be asked.
  view_.nodes[1].reachable = false;
  view_.nodes[1].problem = "container service: refused";
  refused = PlanAdoption(view_, journal_, without_, absl::Now()).status();
  EXPECT_EQ(ReasonOf(refused), "NODE_ANSWERS");
  EXPECT_THAT(refused.message(), HasSubstr("the volume service of node2 answers"));
  EXPECT_THAT(refused.message(), HasSubstr("(container service: refused)"));
  without_ = {NodeName("node9")};
  EXPECT_TRUE(absl::IsNotFound(PlanAdoption(view_, journal_, without_, absl::Now()).status()));
}

TEST_F(AdoptionTest, TheOthersHaveToAnswer) {
  LoseNode(2);
  LoseNode(3);
  without_ = {NodeName("node2")};
  const absl::Status refused = PlanAdoption(view_, journal_, without_, absl::Now()).status();
  EXPECT_TRUE(absl::IsUnavailable(refused));
  EXPECT_THAT(refused.message(), HasSubstr("node3 (volume service: refused);"));
  EXPECT_THAT(refused.message(),
              HasSubstr("`drover doctor --adopt --without NODE --accept-data-loss`"));
}

TEST_F(AdoptionTest, WhatALeftOutNodeOwnsIsRefusedWhereAnotherOwns) {
  AddGroup(1, GroupState::kOwned, 5);
  LoseNode(2);
  view_.nodes[0].obeyed = {{"volume", {7, "x"}, 120}};
  const AdoptionPlan plan = Plan();
  ASSERT_EQ(plan.applications.size(), 1u);
  EXPECT_EQ(plan.applications[0].node, NodeName("node1"));
  EXPECT_EQ(plan.applications[0].generation, Generation(5));
  EXPECT_EQ(plan.applications[0].refused_generation, Generation(plan.counters.generation));
  // Whatever it knows is lower.
  EXPECT_EQ(plan.counters.generation, 1'000'025);
  EXPECT_EQ(plan.counters.sequence, 1'000'120);
  EXPECT_GT(plan.counters.route_revision, 1'000'000) << "it may know a table that nobody remembers";
  EXPECT_EQ(plan.epoch, 1'000'007);
  EXPECT_THAT(plan.done, ElementsAre("node2 was left out: what it has that the journal does not "
                                     "know is given up"));
  EXPECT_THAT(plan.open, IsEmpty());
}

TEST_F(AdoptionTest, WhatTheJournalHasOnALeftOutNodeStaysThereForAClaim) {
  AddGroup(2, GroupState::kRetired, 4);
  LoseNode(1);
  const AdoptionPlan plan = Plan();
  EXPECT_THAT(plan.applications, IsEmpty());
  EXPECT_THAT(plan.open,
              ElementsAre("redis: the journal has it on node1, which was left out, and goes on "
                          "there if it comes back; to go on with what node2 has (RETIRED): `drover "
                          "volumes claim redis --node node2 --accept-data-loss`"));
}

TEST_F(AdoptionTest, WhatMayBeOnALeftOutNodeIsNotRefusedWhereNobodyOwns) {
  AddGroup(1, GroupState::kRetired, 5);
  LoseNode(2);
  const AdoptionPlan plan = Plan();
  EXPECT_THAT(plan.applications, IsEmpty());
  EXPECT_THAT(plan.open[0], HasSubstr("redis: no node owns its volumes that was not left out"));
}

TEST_F(AdoptionTest, AnOwnerOfALaterTimeIsAdoptedAlsoWithoutTheJournals) {
  AddGroup(2, GroupState::kOwned, 9);
  AddContainer(2, 9);
  LoseNode(1);
  const AdoptionPlan plan = Plan();
  ASSERT_EQ(plan.applications.size(), 1u);
  EXPECT_EQ(plan.applications[0].node, NodeName("node2"));
  EXPECT_EQ(plan.applications[0].refused_generation, Generation(plan.counters.generation));
}

TEST_F(AdoptionTest, ASourceDoesNotWaitForADestinationThatIsLeftOut) {
  AddMigration(MigrationState::kSealed).seal_requested = true;
  AddGroup(1, GroupState::kSealed, 5, "m1", 6);
  LoseNode(2);
  const AdoptionPlan plan = Plan();
  ASSERT_EQ(plan.migrations.size(), 1u);
  EXPECT_EQ(plan.migrations[0].state, MigrationState::kAborting);
  EXPECT_FALSE(plan.migrations[0].discard_first);
  EXPECT_TRUE(plan.migrations[0].seal_requested);
  // It may have been committed, and own the data.
  ASSERT_EQ(plan.applications.size(), 1u);
  EXPECT_EQ(plan.applications[0].refused_generation, Generation(plan.counters.generation));
}

TEST_F(AdoptionTest, TheOnlyCopyOfALeftOutSourceIsNotDiscarded) {
  AddMigration(MigrationState::kSealed);
  AddGroup(2, GroupState::kPrepared, 0, "m1", 6);
  LoseNode(1);
  const AdoptionPlan plan = Plan();
  ASSERT_EQ(plan.migrations.size(), 1u);
  EXPECT_EQ(plan.migrations[0].state, MigrationState::kAborted);
  EXPECT_TRUE(plan.migrations[0].source_pending);
  EXPECT_TRUE(plan.migrations[0].start_pending);
  EXPECT_FALSE(plan.migrations[0].destination_pending);
  EXPECT_THAT(plan.open[0], HasSubstr("may be the only copy, and was left alone"));
  EXPECT_THAT(plan.open[1], HasSubstr("to go on with what node2 has (PREPARED)"));
}

TEST_F(AdoptionTest, AnAbortOfALeftOutSourceIsNotWaitedFor) {
  AddMigration(MigrationState::kSealed).seal_requested = true;
  AddGroup(2, GroupState::kPrepared, 0, "m1", 6);
  AddGroup(3, GroupState::kOwned, 9);
  LoseNode(1);
  const MigrationRecord move = Decided();
  EXPECT_EQ(move.state, MigrationState::kAborting);
  EXPECT_TRUE(move.discard_first);
  EXPECT_FALSE(move.seal_requested);
}

TEST_F(AdoptionTest, ALeftOutDestinationIsToldWhenItIsBack) {
  AddMigration(MigrationState::kCopying);
  AddGroup(1, GroupState::kOwned, 5);
  LoseNode(2);
  const MigrationRecord move = Decided();
  EXPECT_EQ(move.state, MigrationState::kAborted);
  EXPECT_TRUE(move.destination_pending);
  EXPECT_FALSE(move.source_pending);
}

TEST_F(AdoptionTest, ALeftOutDestinationIsToldAlsoWhereSomebodyElseOwnsLaterData) {
  AddMigration(MigrationState::kSealed);
  AddGroup(1, GroupState::kSealed, 5, "m1", 6);
  AddGroup(3, GroupState::kOwned, 9);
  LoseNode(2);
  const MigrationRecord move = Decided();
  EXPECT_EQ(move.state, MigrationState::kAborted);
  EXPECT_TRUE(move.destination_pending);
  EXPECT_FALSE(move.source_pending);
}

TEST_F(AdoptionTest, TheLeftOutEndOfAnUnknownMoveIsToldWhenItIsBack) {
  AddGroup(1, GroupState::kSealed, 5, "m9", 8);
  LoseNode(2);
  MigrationRecord move = Decided();
  EXPECT_EQ(move.state, MigrationState::kAborting);
  EXPECT_EQ(move.source, NodeName("node1"));
  EXPECT_EQ(move.destination, NodeName("node2"));
  EXPECT_FALSE(move.discard_first);

  view_.nodes[0].groups.clear();
  without_.clear();
  LoseNode(1);
  view_.nodes[1].reachable = view_.nodes[1].volumes_known = true;
  AddGroup(2, GroupState::kPrepared, 0, "m9", 8);
  move = Decided();
  EXPECT_EQ(move.state, MigrationState::kAborted);
  EXPECT_EQ(move.source, NodeName("node1"));
  EXPECT_EQ(move.source_generation, Generation(5));
  EXPECT_EQ(move.destination, NodeName("node2"));
  EXPECT_TRUE(move.source_pending);
  EXPECT_TRUE(move.start_pending);
  EXPECT_FALSE(move.destination_pending);
}

TEST_F(AdoptionTest, ACommittedMoveWaitsForALeftOutDestinationOrAClaim) {
  AddMigration(MigrationState::kCommitted);
  ApplicationRecord& record = view_.applications.begin()->second;
  record.node = NodeName("node2");
  record.generation = Generation(6);
  AddGroup(1, GroupState::kSealed, 5, "m1", 6);
  LoseNode(2);
  const AdoptionPlan plan = Plan();
  EXPECT_THAT(plan.migrations, IsEmpty());
  EXPECT_THAT(plan.applications, IsEmpty());
  EXPECT_THAT(
      plan.open,
      ElementsAre("redis: migration m1 from node1 to node2 is committed, and ends when "
                  "node2 is back, or when the data is claimed where it was: `drover volumes "
                  "claim redis --node node1 --accept-data-loss`"));
}

TEST_F(AdoptionTest, AMoveFromALeftOutNodeThatWasCarriedOutServes) {
  AddMigration(MigrationState::kSealed);
  AddGroup(2, GroupState::kOwned, 6, "m1", 6);
  AddContainer(2, 6);
  LoseNode(1);
  const AdoptionPlan plan = Plan();
  ASSERT_EQ(plan.migrations.size(), 1u);
  EXPECT_EQ(plan.migrations[0].state, MigrationState::kCommitted);
  EXPECT_EQ(plan.applications[0].node, NodeName("node2"));
  EXPECT_THAT(plan.open, ElementsAre(HasSubstr("is committed, and ends when node1 is back")));
}

}  // namespace
}  // namespace drover::coordinator
