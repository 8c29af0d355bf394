#include "services/coordinator/domain/doctor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drover::coordinator {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// redis runs on node1, under generation 5; node2 is empty. All agree.
class DoctorTest : public ::testing::Test {
 protected:
  DoctorTest() {
    for (const char* name : {"node1", "node2"}) {
      NodeView node;
      node.name = NodeName(name);
      node.reachable = node.volumes_known = node.containers_known = true;
      node.route_revision = 7;
      view_.nodes.push_back(node);
    }
    journal_.route_revision = 7;
    journal_.generation = 6;
    ApplicationRecord record;
    record.name = record.spec.name = kRedis;
    record.node = NodeName("node1");
    record.generation = Generation(5);
    record.running = true;
    view_.applications[kRedis] = record;
    AddGroup(1, GroupState::kOwned, 5);
    AddContainer(1, ContainerState::kReady);
  }

  GroupView& AddGroup(int node, GroupState state, int64_t generation,
                      ApplicationName name = kRedis) {
    GroupView group;
    group.application = name;
    group.state = state;
    group.generation = Generation(generation);
    view_.nodes[node - 1].groups.push_back(group);
    return view_.nodes[node - 1].groups.back();
  }
  void AddContainer(int node, ContainerState state, ApplicationName name = kRedis) {
    ContainerView container;
    container.application = name;
    container.state = state;
    view_.nodes[node - 1].containers.push_back(container);
  }
  ApplicationRecord& Record() { return view_.applications.begin()->second; }
  GroupView& Group() { return view_.nodes[0].groups[0]; }
  MigrationRecord& AddMigration(MigrationState state) {
    migration_.id = MigrationId("m1");
    migration_.application = kRedis;
    migration_.state = state;
    journal_.migrations = {&migration_};
    return migration_;
  }

  std::vector<Finding> Findings() { return Diagnose(view_, journal_); }
  // The one that there must be.
  Finding Only() {
    const std::vector<Finding> findings = Findings();
    EXPECT_EQ(findings.size(), 1u);
    for (const Finding& one : findings) last_ += one.subject + ": " + one.what + "\n";
    SCOPED_TRACE(last_);
    return findings.empty() ? Finding() : findings[0];
  }

  static inline const ApplicationName kRedis{"redis"};
  ClusterView view_;
  JournalFacts journal_;
  MigrationRecord migration_;
  std::string last_;
};

TEST_F(DoctorTest, FindsNothingWhereEverythingAgrees) {
  EXPECT_THAT(Findings(), IsEmpty());
  AddGroup(2, GroupState::kRetired, 4);
  EXPECT_THAT(Findings(), IsEmpty());
}

TEST_F(DoctorTest, SaysThatTheStoreIsOld) {
  journal_.recovery = "its store was restored from the backup of noon";
  const Finding found = Only();
  EXPECT_EQ(found.subject, "coordinator");
  EXPECT_EQ(found.severity, Severity::kError);
  EXPECT_EQ(found.what,
            "It is in recovery mode and changes nothing, since its store was restored from the "
            "backup of noon. The applications are not affected.");
  EXPECT_THAT(found.advice, HasSubstr("`drover doctor --adopt`"));
}

TEST_F(DoctorTest, ANodeThatDoesNotAnswerSaysNothingElse) {
  NodeView& node = view_.nodes[0];
  node = NodeView();
  node.name = NodeName("node1");
  node.problem = "volume service: refused";
  const Finding found = Only();
  EXPECT_EQ(found.subject, "node1");
  EXPECT_THAT(found.what, HasSubstr("It does not answer: volume service: refused."));
  EXPECT_THAT(found.advice, Not(HasSubstr("--without")));
  journal_.recovery = "it is old";
  EXPECT_THAT(Findings()[1].advice,
              HasSubstr("`drover doctor --adopt --without node1 --accept-data-loss`"));
}

TEST_F(DoctorTest, AnApplicationThatNobodyOwns) {
  view_.nodes[0].groups.clear();
  view_.nodes[0].containers.clear();
  AddGroup(2, GroupState::kRetired, 4);
  const Finding found = Only();
  EXPECT_EQ(found.subject, "redis");
  EXPECT_EQ(found.what,
            "No node that answers owns its volumes; the journal has them on node1 (generation 5). "
            "Copies are on node2 (RETIRED, generation 4).");
}

TEST_F(DoctorTest, TheOwnerMayBeOnANodeThatIsAway) {
  view_.nodes[0].groups.clear();
  view_.nodes[0].containers.clear();
  view_.nodes[1].reachable = view_.nodes[1].volumes_known = false;
  const std::vector<Finding> findings = Findings();
  ASSERT_EQ(findings.size(), 2u);
  EXPECT_EQ(findings[0].subject, "node2");
  EXPECT_THAT(findings[1].advice, HasSubstr("Bring node2 back first"));
}

TEST_F(DoctorTest, AClaimThatBrokeOff) {
  AddGroup(2, GroupState::kOwned, 6);
  EXPECT_EQ(
      Only().advice,
      "The owner is node1: the journal names it, whatever the generations are. A claim broke "
      "off before the journal named another one. Go on there with `drover volumes claim redis "
      "--node node1 --accept-data-loss`, or on node2 with `drover volumes claim redis --node "
      "node2 --accept-data-loss`; what the others have is kept as DIVERGED.");
  journal_.recovery = "it is old";
  EXPECT_THAT(Findings()[1].advice, HasSubstr("`drover doctor --adopt`"));
}

TEST_F(DoctorTest, AClaimThatBrokeOffWhileItsOwnerIsAway) {
  view_.nodes[0].groups.clear();
  view_.nodes[0].containers.clear();
  view_.nodes[0].reachable = view_.nodes[0].volumes_known = false;
  AddGroup(2, GroupState::kOwned, 6);
  const std::vector<Finding> findings = Findings();
  ASSERT_EQ(findings.size(), 2u);
  EXPECT_EQ(findings[1].what,
            "The journal has it on node1 (generation 5), but its volumes are on node2 (OWNED, "
            "generation 6).");
  EXPECT_EQ(findings[1].advice,
            "The journal has not named node2: a claim broke off, or the store was adopted without "
            "it. Go on with what it has: `drover volumes claim redis --node node2 "
            "--accept-data-loss`; until then node1 is the owner, and goes on when it is back.");
  // It is back, and has nothing.
  view_.nodes[0].reachable = view_.nodes[0].volumes_known = true;
  EXPECT_THAT(Only().advice, EndsWith("--node node2 --accept-data-loss`."));
}

TEST_F(DoctorTest, TwoClaimsThatBrokeOffWhileTheirOwnerIsAway) {
  view_.nodes.push_back(view_.nodes[1]);
  view_.nodes[2].name = NodeName("node3");
  view_.nodes[0].groups.clear();
  view_.nodes[0].containers.clear();
  view_.nodes[0].reachable = view_.nodes[0].volumes_known = false;
  journal_.generation = 7;
  AddGroup(2, GroupState::kOwned, 6);
  AddGroup(3, GroupState::kOwned, 7);
  EXPECT_THAT(Findings()[1].advice,
              HasSubstr("Go on there when node1 is back, or on node2 with `drover volumes claim "
                        "redis --node node2 --accept-data-loss`, or on node3 with"));
}

TEST_F(DoctorTest, AClaimThatTheJournalRecordedAndTheOldOwnerDoesNotKnowYet) {
  AddGroup(2, GroupState::kOwned, 4);
  EXPECT_EQ(Only().advice,
            "The owner is node1: the journal names it, whatever the generations are. node2 is told "
            "so within seconds, and keeps what it has as DIVERGED.");
  view_.nodes[0].groups.clear();
  view_.nodes[0].containers.clear();
  view_.nodes[0].reachable = view_.nodes[0].volumes_known = false;
  EXPECT_EQ(Findings()[1].advice,
            "node2 is told within seconds that it is not the owner any more, and keeps what it has "
            "as DIVERGED.");
}

TEST_F(DoctorTest, APoolThatWasPutBackToAnOlderGeneration) {
  Group().generation = Generation(4);
  EXPECT_EQ(
      Only().advice,
      "Its pool was put back to an older time. Put the newer one back, or give up what is not "
      "in this one with `drover volumes claim redis --node node1 --accept-data-loss`.");
}

TEST_F(DoctorTest, TheSourceOfAMoveThatWasCutOffIsNoSecondOwner) {
  AddMigration(MigrationState::kSealed).generation = Generation(6);
  journal_.recovery = "it is old";
  Group().state = GroupState::kSealed;
  Group().migration = MigrationId("m1");
  Group().migration_generation = Generation(6);
  AddGroup(2, GroupState::kOwned, 6);
  EXPECT_EQ(Findings()[1].what,
            "The journal has it on node1 (generation 5), but its volumes are on node2 (OWNED, "
            "generation 6).");
}

TEST_F(DoctorTest, TwoOwners) {
  AddGroup(2, GroupState::kOwned, 9);
  AddContainer(2, ContainerState::kReady);
  const Finding found = Only();
  EXPECT_EQ(found.what,
            "More than one node says that it owns its volumes: node1 (OWNED, generation 5), node2 "
            "(OWNED, generation 9).");
  EXPECT_THAT(found.advice, HasSubstr("What node2 has is the newest. On node1 stop it"));
}

TEST_F(DoctorTest, TheJournalHasAnotherNode) {
  Record().node = NodeName("node2");
  EXPECT_EQ(Only().what,
            "The journal has it on node2 (generation 5), but its volumes are on node1 (OWNED, "
            "generation 5).");
}

TEST_F(DoctorTest, TheJournalHasAnotherGeneration) {
  Record().generation = Generation(4);
  EXPECT_THAT(Only().what, HasSubstr("The journal has it on node1 (generation 4)"));
}

TEST_F(DoctorTest, AnApplicationThatIsBeingWorkedOnIsLeftAlone) {
  Record().node = NodeName("node2");
  view_.migrating = {kRedis};
  EXPECT_THAT(Findings(), IsEmpty());
  view_.migrating.clear();
  view_.busy = {kRedis};
  EXPECT_THAT(Findings(), IsEmpty());
  // Nobody works in recovery mode.
  journal_.recovery = "it is old";
  EXPECT_EQ(Findings().size(), 2u);
}

TEST_F(DoctorTest, AnApplicationThatShouldRunAndHasNoContainer) {
  view_.nodes[0].containers.clear();
  EXPECT_EQ(Only().what, "It should run on node1, but has no container there.");
  Record().running = false;
  EXPECT_THAT(Findings(), IsEmpty());
}

TEST_F(DoctorTest, AnApplicationThatDoesNotGetReady) {
  ContainerView& container = view_.nodes[0].containers[0];
  container.state = ContainerState::kStarting;
  EXPECT_THAT(Findings(), IsEmpty()) << "it has its time";
  container.problem = "port 6379: Connection refused";
  const Finding finding = Only();
  EXPECT_EQ(finding.severity, Severity::kWarning);
  EXPECT_EQ(finding.subject, "redis");
  EXPECT_EQ(finding.what,
            "It runs on node1 and did not get ready in time: port 6379: Connection refused.");
  EXPECT_THAT(finding.advice, HasSubstr("`drover logs redis`"));
  Group().migration = MigrationId("m1");
  migration_.source_pending = true;
  AddMigration(MigrationState::kAborted);
  EXPECT_THAT(Findings(), IsEmpty()) << "its end is still being told";
}

TEST_F(DoctorTest, AnApplicationThatEnded) {
  ContainerView& container = view_.nodes[0].containers[0];
  container.state = ContainerState::kExited;
  container.container_id = ContainerId("c");
  container.exit_code = 3;
  EXPECT_EQ(Only().what, "It should run on node1, but ended with exit code 3.");
  container.starts_again = true;
  EXPECT_EQ(Only().what, "It ended on node1 with exit code 3; its restart policy starts it again.");
  container.container_id = ContainerId();
  container.problem = "the image app:1 is not on this node";
  EXPECT_EQ(Only().what, "It could not be started on node1: the image app:1 is not on this node.");
  EXPECT_THAT(Only().advice, HasSubstr("`drover deploy` with your two files"));
  Record().running = false;
  EXPECT_THAT(Findings(), IsEmpty());
}

TEST_F(DoctorTest, AnApplicationThatNeverExistedIsNowhere) {
  Record().generation = Generation();
  view_.nodes[0].groups.clear();
  view_.nodes[0].containers.clear();
  EXPECT_THAT(Findings(), IsEmpty());
}

TEST_F(DoctorTest, VolumesThatTheJournalDoesNotKnow) {
  AddGroup(2, GroupState::kOwned, 3, ApplicationName("web"));
  const Finding found = Only();
  EXPECT_EQ(found.severity, Severity::kWarning);
  EXPECT_EQ(found.subject, "web");
  EXPECT_THAT(found.what, HasSubstr("volumes of it are on node2 (OWNED, generation 3)"));
  EXPECT_THAT(found.advice, HasSubstr("`drover deploy`"));
}

TEST_F(DoctorTest, AContainerThatTheJournalDoesNotKnow) {
  AddContainer(2, ContainerState::kReady, ApplicationName("web"));
  EXPECT_EQ(Only().what,
            "The journal knows no such application, but a container of it is running on node2.");
}

TEST_F(DoctorTest, AContainerBesideTheOwner) {
  AddContainer(2, ContainerState::kExited);
  const Finding found = Only();
  EXPECT_EQ(found.severity, Severity::kError);
  EXPECT_EQ(found.what, "A container of it is ended on node2, which does not own its volumes.");
  EXPECT_THAT(found.advice, HasSubstr("on node2 with docker rm --force drover--redis"));
}

TEST_F(DoctorTest, ALockThatTheJournalDoesNotKnow) {
  Group().migration = MigrationId("m9");
  const Finding found = Only();
  EXPECT_EQ(found.what,
            "Its volumes on node1 (OWNED) are held by migration m9, of which the journal knows "
            "nothing.");
  EXPECT_THAT(found.advice, HasSubstr("`drover backup FILE`"));
  journal_.recovery = "it is old";
  EXPECT_THAT(Findings()[1].advice, HasSubstr("`drover doctor --adopt`"));
}

TEST_F(DoctorTest, ALockOfAMigrationThatIsOver) {
  Group().migration = MigrationId("m1");
  AddMigration(MigrationState::kAborted);
  EXPECT_THAT(Only().what, HasSubstr("held by migration m1, which is ABORTED in the journal"));
}

TEST_F(DoctorTest, ALockThatIsBeingReleasedOrUsedIsRight) {
  Group().migration = MigrationId("m1");
  AddMigration(MigrationState::kAborted).source_pending = true;
  EXPECT_THAT(Findings(), IsEmpty());
  AddMigration(MigrationState::kCopying);
  EXPECT_THAT(Findings(), IsEmpty());
}

TEST_F(DoctorTest, RoutesThatAreBehind) {
  view_.nodes[1].route_revision = 6;
  const Finding found = Only();
  EXPECT_EQ(found.severity, Severity::kWarning);
  EXPECT_EQ(found.what, "Its routes are of revision 6, the newest are 7.");
}

TEST_F(DoctorTest, RoutesThatTheJournalHasNeverGiven) {
  view_.nodes[1].route_revision = 9;
  EXPECT_EQ(Only().what, "Its routes are of revision 9, but the journal has given only 7.");
}

TEST_F(DoctorTest, ACopyThatDiverged) {
  AddGroup(2, GroupState::kDiverged, 4);
  const Finding found = Only();
  EXPECT_EQ(found.severity, Severity::kWarning);
  EXPECT_THAT(found.what, HasSubstr("node2 keeps a DIVERGED copy"));
  EXPECT_EQ(found.advice,
            "Save by hand what you need of it, then remove it with `drover volumes delete redis "
            "--node node2`.");
  journal_.recovery = "it is old";
  EXPECT_THAT(Findings()[1].advice, HasSubstr("once the recovery mode is over"));
}

TEST_F(DoctorTest, AnOwnerThatWaitsForTheCoordinatorsWordGetsIt) {
  Group().doubt = OwnershipDoubt::kAwaitsCoordinator;
  const Finding found = Only();
  EXPECT_EQ(found.severity, Severity::kWarning);
  EXPECT_EQ(found.what,
            "node1 does not serve its volumes yet: since its volume service was restarted, it "
            "waits for the coordinator's word that they are still its own.");
  EXPECT_EQ(found.advice,
            "It gets it within seconds; if this stays, look at the log of drover-volume on node1.");
  view_.busy = {kRedis};
  EXPECT_THAT(Findings(), IsEmpty());
  journal_.recovery = "it is old";
  EXPECT_THAT(Findings()[1].advice, HasSubstr("`drover doctor --adopt`"));
}

TEST_F(DoctorTest, AnOwnerThatTheJournalDoesNotNameWaitsForAClaim) {
  AddGroup(2, GroupState::kOwned, 6).doubt = OwnershipDoubt::kAwaitsCoordinator;
  const std::vector<Finding> findings = Findings();
  ASSERT_EQ(findings.size(), 2u);
  EXPECT_EQ(findings[1].severity, Severity::kError);
  EXPECT_EQ(findings[1].what,
            "node2 does not serve its volumes (OWNED, generation 6): it waits for the "
            "coordinator's word that they are its own, and the journal has them on node1 "
            "(generation 5).");
  EXPECT_EQ(findings[1].advice,
            "To go on with what node2 has, and give up what is elsewhere: `drover volumes claim "
            "redis --node node2 --accept-data-loss`.");
}

TEST_F(DoctorTest, AnOldOwnerThatWaitsIsToldToGiveUpWhatItHas) {
  GroupView& group = AddGroup(2, GroupState::kOwned, 4);
  for (OwnershipDoubt doubt : {OwnershipDoubt::kAwaitsCoordinator, OwnershipDoubt::kOlderPool}) {
    group.doubt = doubt;
    EXPECT_THAT(Only().advice, HasSubstr("keeps what it has as DIVERGED"));
  }
}

TEST_F(DoctorTest, APoolThatWasPutBackIsServedAfterAClaim) {
  Group().doubt = OwnershipDoubt::kOlderPool;
  const Finding found = Only();
  EXPECT_EQ(found.severity, Severity::kError);
  EXPECT_EQ(found.what,
            "node1 does not serve its volumes (OWNED, generation 5): its pool was put back to an "
            "older time, and writes that came later are not in it.");
  EXPECT_EQ(found.advice,
            "Put the newer pool back; or give those writes up: `drover volumes claim redis --node "
            "node1 --accept-data-loss`.");
  // One finding also where the older pool has an older generation.
  Group().generation = Generation(4);
  EXPECT_THAT(Only().what, HasSubstr("(OWNED, generation 4)"));
  journal_.recovery = "it is old";
  EXPECT_THAT(Findings()[1].advice, HasSubstr("once the recovery mode is over"));
}

TEST_F(DoctorTest, DoubtAboutAnApplicationThatTheJournalDoesNotKnowNeedsADeployFirst) {
  const ApplicationName web("web");
  AddGroup(2, GroupState::kOwned, 3, web).doubt = OwnershipDoubt::kAwaitsCoordinator;
  EXPECT_THAT(Only().advice, HasSubstr("`drover deploy`"));
  view_.nodes[1].groups[0].doubt = OwnershipDoubt::kOlderPool;
  EXPECT_EQ(Findings().size(), 2u);
}

TEST_F(DoctorTest, AnEngineThatDoesNotAnswer) {
  view_.nodes[0].engine_problem = "the container engine does not answer; is it running?";
  EXPECT_EQ(Only().what,
            "Nothing can be started there: the container engine does not answer; is it running?");
}

TEST_F(DoctorTest, ErrorsComeFirst) {
  view_.nodes[0].route_revision = 6;
  AddContainer(2, ContainerState::kExited);
  const std::vector<Finding> findings = Findings();
  ASSERT_EQ(findings.size(), 2u);
  EXPECT_EQ(findings[0].severity, Severity::kError);
  EXPECT_EQ(findings[1].severity, Severity::kWarning);
}

}  // namespace
}  // namespace drover::coordinator
