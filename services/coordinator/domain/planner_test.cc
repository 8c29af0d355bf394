#include "services/coordinator/domain/planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/common/status/reason.h"
#include "services/coordinator/domain/config_hash.h"

namespace drover::coordinator {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const ApplicationName kRedis("redis");

ApplicationSpec Spec(const std::string& name, int external_port = 6379) {
  ApplicationSpec spec;
  spec.name = ApplicationName(name);
  spec.image = "redis:7";
  spec.ports = {{6379, external_port}};
  spec.volumes = {{"", "/data", 0, ""}};
  return spec;
}

// Two nodes; what is on them is added by the tests.
class PlannerTest : public ::testing::Test {
 protected:
  PlannerTest() {
    for (int i = 1; i <= 2; ++i) {
      NodeView node;
      node.name = NodeName("node" + std::to_string(i));
      node.address = "192.0.2." + std::to_string(i);
      node.reachable = true;
      node.volumes_known = node.containers_known = true;
      node.backend = "btrfs";
      view_.nodes.push_back(node);
    }
  }

  GroupView& AddGroup(int node, GroupState state = GroupState::kOwned,
                      const std::string& name = "redis") {
    GroupView group;
    group.application = ApplicationName(name);
    group.state = state;
    group.generation = Generation(3);
    group.volumes = {VolumeView{"", "uuid", "/data", 0, 1000, ""}};
    view_.nodes[node - 1].groups.push_back(group);
    return view_.nodes[node - 1].groups.back();
  }

  ContainerView& AddContainer(int node, const ApplicationSpec& spec) {
    ContainerView container;
    container.application = spec.name;
    container.container_id = ContainerId("c");
    container.state = ContainerState::kReady;
    container.config_hash = ConfigHash(spec);
    container.spec = spec;
    view_.nodes[node - 1].containers.push_back(container);
    return view_.nodes[node - 1].containers.back();
  }

  ApplicationRecord& AddRecord(int node, const ApplicationSpec& spec) {
    ApplicationRecord record;
    record.name = spec.name;
    record.spec = spec;
    record.node = NodeName("node" + std::to_string(node));
    record.generation = Generation(3);
    record.running = true;
    record.route = RouteTarget{record.node, ContainerId("c")};
    return view_.applications[spec.name] = record;
  }

  void AddRunning(int node, const ApplicationSpec& spec = Spec("redis")) {
    AddGroup(node, GroupState::kOwned, spec.name.value());
    AddContainer(node, spec);
    AddRecord(node, spec);
  }

  // `nodes[i]` = applications of node i + 1.
  static DesiredState Desired(std::vector<ApplicationSpec> specs,
                              std::vector<std::vector<std::string>> nodes) {
    DesiredState desired;
    desired.applications = std::move(specs);
    for (size_t i = 0; i < nodes.size(); ++i) {
      NodeAssignment assignment;
      assignment.node = "node" + std::to_string(i + 1);
      for (const std::string& name : nodes[i]) assignment.applications.emplace_back(name);
      desired.nodes.push_back(assignment);
    }
    return desired;
  }

  Plan MustPlan(const DesiredState& desired) {
    absl::StatusOr<Plan> plan = MakePlan(desired, view_);
    EXPECT_TRUE(plan.ok()) << plan.status();
    return plan.ok() ? *plan : Plan();
  }

  // "MOVE redis node1 node2", with "!" in front if it is refused.
  static std::string Text(const Plan& plan) {
    std::string text;
    for (const Action& action : plan.actions) {
      if (!text.empty()) text += "; ";
      if (action.state == ActionState::kFailed) text += "!";
      text += std::string(ActionKindName(action.kind)) + " " + action.application.value() + " " +
              action.from.value() + ">" + action.to.value();
    }
    return text;
  }

  ClusterView view_;
};

TEST_F(PlannerTest, ANewNameIsCreated) {
  Plan plan = MustPlan(Desired({Spec("redis")}, {{"redis"}, {}}));
  EXPECT_EQ(Text(plan), "CREATE redis >node1");
  EXPECT_THAT(plan.problems, IsEmpty());
}

TEST_F(PlannerTest, WhatIsAsAskedIsNotTouched) {
  AddRunning(1);
  EXPECT_EQ(Text(MustPlan(Desired({Spec("redis")}, {{"redis"}, {}}))), "");
}

TEST_F(PlannerTest, NodesAreNamedByAddressToo) {
  AddRunning(1);
  DesiredState desired = Desired({Spec("redis")}, {{"redis"}});
  desired.nodes[0].node = "192.0.2.1";
  EXPECT_EQ(Text(MustPlan(desired)), "");
}

TEST_F(PlannerTest, AnotherNodeMeansMove) {
  AddRunning(1);
  Plan plan = MustPlan(Desired({Spec("redis")}, {{}, {"redis"}}));
  ASSERT_EQ(Text(plan), "MOVE redis node1>node2");
  EXPECT_EQ(plan.actions[0].bytes, 1000);
  EXPECT_THAT(plan.warnings, IsEmpty());
}

TEST_F(PlannerTest, AMoveOfWhatIsNotReadyIsSaid) {
  AddRunning(1);
  view_.nodes[0].containers[0].state = ContainerState::kStarting;
  EXPECT_THAT(MustPlan(Desired({Spec("redis")}, {{}, {"redis"}})).warnings,
              ::testing::ElementsAre(HasSubstr("redis is not ready on node1 now")));
}

TEST_F(PlannerTest, AMoveAwayFromANodeThatIsNotListedIsSaid) {
  AddRunning(2);
  Plan plan = MustPlan(Desired({Spec("redis")}, {{"redis"}}));
  EXPECT_EQ(Text(plan), "MOVE redis node2>node1");
  ASSERT_THAT(plan.warnings, SizeIs(1));
  EXPECT_THAT(plan.warnings[0], HasSubstr("node2 is not in the file"));
}

TEST_F(PlannerTest, AStoppedApplicationElsewhereIsMovedNeverRecreated) {
  AddGroup(2);
  EXPECT_EQ(Text(MustPlan(Desired({Spec("redis")}, {{"redis"}}))), "MOVE redis node2>node1");
}

TEST_F(PlannerTest, DataThatMightBeOnAnUnreachableNodeIsNeverReplaced) {
  view_.nodes[1].reachable = false;
  Plan plan = MustPlan(Desired({Spec("redis")}, {{"redis"}}));
  EXPECT_EQ(Text(plan), "!CREATE redis >node1");
  EXPECT_THAT(plan.actions[0].error, HasSubstr("node2 does not answer and might hold data"));

  AddRecord(2, Spec("redis"));
  plan = MustPlan(Desired({Spec("redis")}, {{"redis"}}));
  EXPECT_EQ(Text(plan), "!START redis >node1");
  EXPECT_THAT(plan.actions[0].error,
              HasSubstr("the data of redis is on node2, which does not answer"));
  EXPECT_THAT(plan.actions[0].error, ::testing::Not(HasSubstr("nodes remove")));
}

TEST_F(PlannerTest, ARetiredCopyIsNeverReplaced) {
  AddGroup(2, GroupState::kRetired);
  Plan plan = MustPlan(Desired({Spec("redis")}, {{"redis"}}));
  EXPECT_EQ(Text(plan), "!CREATE redis >node1");
  EXPECT_THAT(plan.actions[0].error, HasSubstr("node2 keeps a RETIRED copy"));
}

TEST_F(PlannerTest, DataThatIsGoneEverywhereIsNotReplacedSilently) {
  AddRecord(2, Spec("redis"));
  Plan plan = MustPlan(Desired({Spec("redis")}, {{"redis"}}));
  EXPECT_EQ(Text(plan), "!START redis >node1");
  EXPECT_THAT(plan.actions[0].error, HasSubstr("no node has it now"));
}

TEST_F(PlannerTest, ACreateThatWasNeverCarriedOutIsTriedAgain) {
  AddRecord(1, Spec("redis")).generation = Generation(0);
  EXPECT_EQ(Text(MustPlan(Desired({Spec("redis")}, {{"redis"}}))), "CREATE redis >node1");
}

TEST_F(PlannerTest, ARetiredBaseBesideTheOwnerDoesNotMatter) {
  AddRunning(1);
  AddGroup(2, GroupState::kRetired);
  EXPECT_EQ(Text(MustPlan(Desired({Spec("redis")}, {{}, {"redis"}}))), "MOVE redis node1>node2");
}

TEST_F(PlannerTest, TwoOwnersAreAPersonsBusiness) {
  AddGroup(1);
  AddGroup(2);
  Plan plan = MustPlan(Desired({Spec("redis")}, {{"redis"}}));
  ASSERT_THAT(plan.actions, SizeIs(1));
  EXPECT_THAT(plan.actions[0].error, HasSubstr("node1 and node2 both hold the data"));
}

// A claim of node2 broke off before the journal heard of it, or the journal was adopted without
// node2; node1 is cut off from us, and may serve.
TEST_F(PlannerTest, NobodyServesBesideAnOwnerThatDoesNotAnswer) {
  AddRecord(1, Spec("redis"));
  view_.nodes[0].reachable = view_.nodes[0].volumes_known = false;
  AddGroup(2).generation = Generation(9);
  Plan plan = MustPlan(Desired({Spec("redis")}, {{}, {"redis"}}));
  ASSERT_THAT(plan.actions, SizeIs(1));
  EXPECT_THAT(plan.actions[0].error,
              HasSubstr("node2 says that it owns the data of redis, but node1 does, and does not "
                        "answer: it may be served there. Bring node1 back, or give up what is "
                        "there by `drover volumes claim redis --node node2 --accept-data-loss`"));

  view_.applications[kRedis].refused_generation = Generation(10);
  plan = MustPlan(Desired({Spec("redis")}, {{}, {"redis"}}));
  ASSERT_THAT(plan.actions, SizeIs(1));
  EXPECT_THAT(plan.actions[0].error,
              HasSubstr("the data of redis is on node1, which does not answer"));
}

TEST_F(PlannerTest, OneThatWasReplacedIsNoOwner) {
  AddRunning(1);
  view_.applications[kRedis].refused_generation = Generation(10);
  AddGroup(2).generation = Generation(9);
  EXPECT_EQ(Text(MustPlan(Desired({Spec("redis")}, {{"redis"}}))), "");
}

TEST_F(PlannerTest, ADiskMayBePutIntoAnotherMachine) {
  AddRecord(1, Spec("redis"));
  AddGroup(2);
  EXPECT_EQ(Text(MustPlan(Desired({Spec("redis")}, {{}, {"redis"}}))), "START redis >node2");
}

TEST_F(PlannerTest, ALockOfAnAbortedMoveIsWaitedFor) {
  AddRunning(1);
  view_.nodes[0].groups[0].migration = MigrationId("m1");
  Plan plan = MustPlan(Desired({Spec("redis")}, {{}, {"redis"}}));
  EXPECT_EQ(Text(plan), "!MOVE redis node1>node2");
  EXPECT_THAT(plan.actions[0].error, HasSubstr("m1"));
}

TEST_F(PlannerTest, ABusyApplicationIsLeftAlone) {
  AddRunning(1);
  AddRunning(1, Spec("other", 7000));
  view_.busy = {kRedis, ApplicationName("other")};
  EXPECT_EQ(Text(MustPlan(Desired({Spec("redis")}, {{}, {"redis"}}))),
            "!STOP other node1>; !MOVE redis >node2");
}

TEST_F(PlannerTest, AMoveToADeadNodeIsRefusedAndTheOthersGoOn) {
  AddRunning(1);
  AddRunning(1, Spec("other", 7000));
  view_.nodes[1].reachable = false;
  view_.nodes[1].problem = "volume service: connection refused";
  ApplicationSpec other = Spec("other", 7001);
  Plan plan = MustPlan(Desired({Spec("redis"), other}, {{"other"}, {"redis"}}));
  ASSERT_EQ(Text(plan), "REROUTE other >node1; !MOVE redis node1>node2");
  EXPECT_EQ(plan.actions[1].error,
            "node2 does not answer (volume service: connection refused); redis runs on node1 as "
            "before");
  EXPECT_THAT(plan.problems, IsEmpty()) << "it is said once";
}

TEST_F(PlannerTest, AListedNodeThatDoesNotAnswerIsAProblemEvenIfNothingIsPlannedThere) {
  AddRunning(1);
  view_.nodes[1].reachable = false;
  Plan plan = MustPlan(Desired({Spec("redis")}, {{"redis"}, {}}));
  EXPECT_EQ(Text(plan), "");
  ASSERT_THAT(plan.problems, SizeIs(1));
  EXPECT_THAT(plan.problems[0], HasSubstr("node2 does not answer"));
  // One that is not listed is left alone.
  EXPECT_THAT(MustPlan(Desired({Spec("redis")}, {{"redis"}})).problems, IsEmpty());
}

TEST_F(PlannerTest, DifferentBackendsAreRefused) {
  AddRunning(1);
  view_.nodes[1].backend = "zfs";
  Plan plan = MustPlan(Desired({Spec("redis")}, {{}, {"redis"}}));
  EXPECT_EQ(Text(plan), "!MOVE redis node1>node2");
  EXPECT_THAT(plan.actions[0].error, HasSubstr("cannot exchange data"));
}

TEST_F(PlannerTest, WhatIsNotListedOnAListedNodeIsStopped) {
  AddRunning(1);
  AddRunning(2, Spec("other", 7000));
  Plan plan = MustPlan(Desired({Spec("redis")}, {{}}));
  EXPECT_EQ(Text(plan), "STOP redis node1>");
  EXPECT_THAT(plan.warnings[0], HasSubstr("its data is kept on node1"));
}

TEST_F(PlannerTest, AStopOnADeadNodeIsRefused) {
  AddRecord(1, Spec("redis"));
  view_.nodes[0].reachable = false;
  EXPECT_EQ(Text(MustPlan(Desired({}, {{}}))), "!STOP redis node1>");
}

TEST_F(PlannerTest, AChangedImageIsOneRestart) {
  AddRunning(1);
  ApplicationSpec changed = Spec("redis");
  changed.image = "redis:8";
  Plan plan = MustPlan(Desired({changed}, {{"redis"}}));
  ASSERT_EQ(Text(plan), "RESTART redis >node1");
  EXPECT_EQ(plan.actions[0].reason, "image changed from redis:7 to redis:8");
}

TEST_F(PlannerTest, AMoveTakesTheNewConfigurationWithIt) {
  AddRunning(1);
  ApplicationSpec changed = Spec("redis");
  changed.image = "redis:8";
  Plan plan = MustPlan(Desired({changed}, {{}, {"redis"}}));
  ASSERT_EQ(Text(plan), "MOVE redis node1>node2");
  EXPECT_EQ(plan.actions[0].reason, "image changed from redis:7 to redis:8");
}

TEST_F(PlannerTest, WhatEndedIsStarted) {
  AddRunning(1);
  view_.nodes[0].containers[0].state = ContainerState::kExited;
  view_.nodes[0].containers[0].exit_code = 3;
  Plan plan = MustPlan(Desired({Spec("redis")}, {{"redis"}}));
  ASSERT_EQ(Text(plan), "START redis >node1");
  EXPECT_EQ(plan.actions[0].reason, "ended with exit code 3");
  view_.nodes[0].containers[0].exit_code = 0;
  view_.nodes[0].containers[0].problem = "the image has no program x";
  EXPECT_EQ(MustPlan(Desired({Spec("redis")}, {{"redis"}})).actions[0].reason,
            "could not be started: the image has no program x");
  view_.nodes[0].containers.clear();
  EXPECT_EQ(Text(MustPlan(Desired({Spec("redis")}, {{"redis"}}))), "START redis >node1");
}

TEST_F(PlannerTest, ExternalPortsAreRoutesOnlyAndSizesAreChangedInPlace) {
  AddRunning(1);
  ApplicationSpec changed = Spec("redis", 7000);
  changed.volumes[0].maximum_size_bytes = 1 << 20;
  EXPECT_EQ(Text(MustPlan(Desired({changed}, {{"redis"}}))),
            "RESIZE redis >node1; REROUTE redis >node1");
}

TEST_F(PlannerTest, ALimitBelowWhatIsHeldIsWarnedOf) {
  AddRunning(1);
  view_.nodes[0].groups[0].volumes[0].size_bytes = 2 << 20;
  ApplicationSpec changed = Spec("redis");
  changed.volumes[0].maximum_size_bytes = 1 << 20;
  const Plan plan = MustPlan(Desired({changed}, {{"redis"}}));
  EXPECT_EQ(Text(plan), "RESIZE redis >node1");
  EXPECT_THAT(plan.warnings,
              ElementsAre("maximum_size of redis would be 1048576 bytes, which is refused while it "
                          "holds more: it held 2097152 when it was measured last"));
}

TEST_F(PlannerTest, EachLimitBelowWhatIsHeldIsWarnedOf) {
  AddRunning(1);
  ApplicationSpec changed = Spec("redis");
  GroupView& group = view_.nodes[0].groups[0];
  group.volumes.push_back(group.volumes[0]);
  group.volumes[1].id = "logs";
  changed.volumes.push_back({"logs", "/logs", 0, ""});
  for (VolumeView& volume : group.volumes) volume.size_bytes = 2 << 20;
  for (VolumeSpec& volume : changed.volumes) volume.maximum_size_bytes = 1 << 20;
  view_.nodes[0].containers[0].config_hash = ConfigHash(changed);
  const Plan plan = MustPlan(Desired({changed}, {{"redis"}}));
  EXPECT_EQ(Text(plan), "RESIZE redis >node1");
  EXPECT_THAT(plan.warnings, ElementsAre(HasSubstr("maximum_size of redis would be"),
                                         HasSubstr("maximum_size of redis:logs would be")));
}

TEST_F(PlannerTest, NothingMovesToANodeWhoseEngineIsAway) {
  AddRunning(1);
  view_.nodes[1].engine_problem = "the container engine does not answer";
  const Plan plan = MustPlan(Desired({Spec("redis")}, {{}, {"redis"}}));
  ASSERT_EQ(Text(plan), "!MOVE redis node1>node2");
  EXPECT_EQ(plan.actions[0].error,
            "node2: the container engine does not answer; redis runs on node1 as before");
}

TEST_F(PlannerTest, NothingIsStartedWhereTheEngineIsAway) {
  view_.nodes[0].engine_problem = "the container engine does not answer";
  Plan plan = MustPlan(Desired({Spec("redis")}, {{"redis"}}));
  ASSERT_EQ(Text(plan), "!CREATE redis >node1");
  EXPECT_EQ(plan.actions[0].error,
            "node1: the container engine does not answer; nothing can be started there");
  AddRunning(1);
  EXPECT_EQ(Text(MustPlan(Desired({Spec("redis")}, {{"redis"}}))), "");
  EXPECT_EQ(Text(MustPlan(Desired({Spec("redis", 7000)}, {{"redis"}}))), "REROUTE redis >node1");
  ApplicationSpec changed = Spec("redis");
  changed.image = "redis:8";
  plan = MustPlan(Desired({changed}, {{"redis"}}));
  ASSERT_EQ(Text(plan), "!RESTART redis >node1");
  EXPECT_THAT(plan.actions[0].error, HasSubstr("node1: the container engine does not answer; "));
  // Nor are its volumes touched.
  changed.volumes[0].maximum_size_bytes = 1 << 30;
  EXPECT_EQ(Text(MustPlan(Desired({changed}, {{"redis"}}))), "!RESTART redis >node1");
  EXPECT_EQ(Text(MustPlan(Desired({}, {{}}))), "!STOP redis node1>");
  view_.nodes[0].containers.clear();
  EXPECT_EQ(Text(MustPlan(Desired({Spec("redis")}, {{"redis"}}))), "!START redis >node1");
}

TEST_F(PlannerTest, PortsThatChangeWithTheRestAreSaid) {
  AddRunning(1);
  ApplicationSpec changed = Spec("redis", 7000);
  changed.restart_policy.mode = RestartMode::kAlways;
  Plan plan = MustPlan(Desired({changed}, {{"redis"}}));
  ASSERT_EQ(Text(plan), "UPDATE redis >node1");
  EXPECT_EQ(plan.actions[0].reason, "restart policy changed, external ports changed");
  changed.image = "redis:8";
  plan = MustPlan(Desired({changed}, {{"redis"}}));
  ASSERT_EQ(Text(plan), "RESTART redis >node1");
  EXPECT_THAT(plan.actions[0].reason, HasSubstr(", external ports changed"));
  // They are the journal's: the container keeps what it was started with.
  view_.applications.at(kRedis).spec.ports = changed.ports;
  changed.image = "redis:7";
  EXPECT_EQ(MustPlan(Desired({changed}, {{"redis"}})).actions[0].reason, "restart policy changed");
}

TEST_F(PlannerTest, SettingsAreChangedWithoutARestart) {
  AddRunning(1);
  ApplicationSpec changed = Spec("redis");
  changed.restart_policy.mode = RestartMode::kAlways;
  changed.readiness = Readiness{.timeout = absl::Seconds(5)};
  changed.stop_timeout = absl::Seconds(20);
  const Plan plan = MustPlan(Desired({changed}, {{"redis"}}));
  ASSERT_EQ(Text(plan), "UPDATE redis >node1");
  EXPECT_EQ(plan.actions[0].reason,
            "restart policy changed, readiness check changed, stop time-out changed");
  // Recorded, but the node was not told: also what the journal does not know.
  view_.applications[ApplicationName("redis")].spec = changed;
  EXPECT_EQ(Text(MustPlan(Desired({changed}, {{"redis"}}))), "UPDATE redis >node1");
  view_.applications.clear();
  EXPECT_EQ(Text(MustPlan(Desired({changed}, {{"redis"}}))), "UPDATE redis >node1");
  AddRecord(1, Spec("redis"));
  // The default, written out.
  changed = Spec("redis");
  changed.readiness = Readiness();
  EXPECT_EQ(Text(MustPlan(Desired({changed}, {{"redis"}}))), "");
}

TEST_F(PlannerTest, EachOtherChangeIsOneRestart) {
  AddRunning(1);
  const auto why = [this](const std::function<void(ApplicationSpec&)>& change) {
    ApplicationSpec changed = Spec("redis");
    change(changed);
    const Plan plan = MustPlan(Desired({changed}, {{"redis"}}));
    return Text(plan) == "RESTART redis >node1" ? plan.actions[0].reason : Text(plan);
  };
  EXPECT_EQ(why([](ApplicationSpec& s) { s.environment["A"] = "2"; }), "environment changed");
  EXPECT_EQ(why([](ApplicationSpec& s) { s.command = {{"x"}}; }), "command changed");
  EXPECT_EQ(why([](ApplicationSpec& s) { s.entrypoint = {{"x"}}; }), "entrypoint changed");
  EXPECT_EQ(why([](ApplicationSpec& s) { s.ports[0].internal = 1; }), "internal ports changed");
  EXPECT_EQ(why([](ApplicationSpec& s) { s.links = {{1, 2, "a"}}; }), "links changed");
  EXPECT_EQ(why([](ApplicationSpec& s) { s.memory_limit_bytes = 1 << 23; }),
            "memory limit changed");
  EXPECT_EQ(why([](ApplicationSpec& s) { s.cpu_shares = 2; }), "CPU shares changed");
  EXPECT_EQ(why([](ApplicationSpec& s) { s.volumes[0].mountpoint = "/other"; }),
            "volume redis mounted elsewhere");
}

TEST_F(PlannerTest, VolumesComeAndGoWhereTheApplicationIs) {
  AddRunning(1);
  ApplicationSpec changed = Spec("redis");
  changed.volumes = {{"more", "/more", 0, ""}};
  const Plan plan = MustPlan(Desired({changed}, {{"redis"}}));
  EXPECT_EQ(Text(plan), "RESTART redis >node1");
  EXPECT_EQ(plan.actions[0].reason, "volume redis:more added, volume redis detached");
  EXPECT_THAT(plan.warnings, ElementsAre(HasSubstr("`drover volumes delete redis` deletes it")));
  // Not together with a move.
  const Plan moved = MustPlan(Desired({changed}, {{}, {"redis"}}));
  EXPECT_EQ(Text(moved), "!MOVE redis node1>node2");
  EXPECT_THAT(moved.actions[0].error, HasSubstr("do one after the other"));
  // What is kept detached is no difference.
  view_.nodes[0].groups[0].volumes.push_back(VolumeView{.id = "old", .detached = true});
  EXPECT_EQ(Text(MustPlan(Desired({Spec("redis")}, {{}, {"redis"}}))), "MOVE redis node1>node2");
}

TEST_F(PlannerTest, ADatasetIsWhatItIs) {
  AddRunning(1);
  ApplicationSpec other = Spec("redis");
  other.volumes[0].dataset_id = "another";
  EXPECT_THAT(MustPlan(Desired({other}, {{"redis"}})).actions[0].error,
              HasSubstr("that volume is uuid"));
  other.volumes[0].dataset_id = "UUID";
  EXPECT_EQ(Text(MustPlan(Desired({other}, {{"redis"}}))), "");
  other.name = ApplicationName("other");
  other.ports.clear();
  const Plan plan = MustPlan(Desired({other, Spec("redis")}, {{"redis", "other"}}));
  EXPECT_EQ(Text(plan), "!CREATE other >node1");
  EXPECT_THAT(plan.actions[0].error, HasSubstr("is the volume redis on node1"));
}

TEST_F(PlannerTest, TheFingerprintTellsPlansApart) {
  AddRunning(1);
  const std::string move = MustPlan(Desired({Spec("redis")}, {{}, {"redis"}})).fingerprint;
  view_.nodes[0].groups[0].volumes[0].size_bytes = 5;
  EXPECT_EQ(MustPlan(Desired({Spec("redis")}, {{}, {"redis"}})).fingerprint, move);
  EXPECT_NE(MustPlan(Desired({Spec("redis")}, {{}})).fingerprint, move);
  ApplicationSpec changed = Spec("redis");
  changed.image = "redis:8";
  EXPECT_NE(MustPlan(Desired({changed}, {{}, {"redis"}})).fingerprint, move);
}

struct Refusal {
  const char* name;
  DesiredState desired;
  const char* message;
};

TEST_F(PlannerTest, WarnsOfWhatIsLostWithTheContainer) {
  AddGroup(1);
  ContainerView& container = AddContainer(1, Spec("redis"));
  container.unkept_paths = {"/cache", "/log"};
  container.image = "redis:7";
  AddRecord(1, Spec("redis"));
  EXPECT_THAT(MustPlan(Desired({Spec("redis")}, {{"redis"}})).warnings, IsEmpty());
  constexpr char kWarning[] = "what redis writes to /cache, /log is lost whenever it is restarted";
  EXPECT_THAT(MustPlan(Desired({Spec("redis")}, {{}, {"redis"}})).warnings,
              ::testing::ElementsAre(HasSubstr(kWarning)));
  ApplicationSpec changed = Spec("redis");
  changed.environment = {{"A", "1"}};
  EXPECT_THAT(MustPlan(Desired({changed}, {{"redis"}})).warnings,
              ::testing::ElementsAre(HasSubstr(kWarning)));
  // What the new image declares is not known.
  changed.image = "redis:8";
  EXPECT_THAT(MustPlan(Desired({changed}, {{"redis"}})).warnings, IsEmpty());
}

TEST_F(PlannerTest, AStartThatWasCutOffIsWaitedFor) {
  AddGroup(1);
  AddContainer(1, Spec("redis")).state = ContainerState::kStarting;
  EXPECT_EQ(Text(MustPlan(Desired({Spec("redis")}, {{"redis"}}))), "START redis >node1");
  AddRecord(1, Spec("redis"));
  EXPECT_EQ(Text(MustPlan(Desired({Spec("redis")}, {{"redis"}}))), "");
}

TEST_F(PlannerTest, PortsThatChangePlacesAreLedAnew) {
  ApplicationSpec spec = Spec("redis");
  spec.ports = {{1, 7001}, {2, 7002}, {3, 7003}};
  AddRunning(1, spec);
  std::swap(spec.ports[1].external, spec.ports[2].external);
  EXPECT_EQ(Text(MustPlan(Desired({spec}, {{"redis"}}))), "REROUTE redis >node1");
}

TEST_F(PlannerTest, ACordonedNodeKeepsWhatItHasAndGetsNothing) {
  AddRunning(1);
  AddRunning(2, Spec("own", 7000));
  view_.nodes[1].cordoned = true;
  const Plan plan = MustPlan(Desired({Spec("redis"), Spec("own", 7000), Spec("new", 7001)},
                                     {{}, {"redis", "own", "new"}}));
  EXPECT_EQ(Text(plan), "!CREATE new >node2; !MOVE redis node1>node2");
  for (const Action& action : plan.actions) {
    EXPECT_THAT(action.error, HasSubstr("node2 is cordoned, so it gets no applications"));
  }
}

TEST_F(PlannerTest, ContradictionsAreRefusedAllAtOnce) {
  AddRunning(2, Spec("other", 7000));
  DesiredState unknown = Desired({Spec("redis")}, {{"redis"}});
  unknown.nodes[0].node = "node9";
  unknown.nodes[0].location = "deploy.yml:3:3";
  ApplicationSpec own = Spec("own", 7401);
  ApplicationSpec first = Spec("first", 1);
  first.depends_on = {ApplicationName("second")};
  ApplicationSpec second = Spec("second", 2);
  second.depends_on = {ApplicationName("first")};
  const std::vector<Refusal> refusals = {
      {"unknown node", unknown,
       "deploy.yml:3:3: nodes.node9: no node `node9` is registered (registered: node1, node2); add "
       "it with"},
      {"unknown application", Desired({}, {{"redis"}}), "redis is not defined"},
      {"twice", Desired({Spec("redis")}, {{"redis"}, {"redis"}}), "placed on node1 already"},
      {"same port", Desired({Spec("a"), Spec("b")}, {{"a", "b"}}),
       "external port 6379 is claimed by a and by b"},
      {"port of an unlisted node's application", Desired({Spec("a", 7000)}, {{"a"}}),
       "external port 7000 is claimed by a and by other"},
      {"own port", Desired({own}, {{"own"}}), "one of Drover's own"},
      {"circle", Desired({first, second}, {{"first", "second"}}), "first -> second -> first"},
  };
  for (const Refusal& refusal : refusals) {
    SCOPED_TRACE(refusal.name);
    absl::StatusOr<Plan> plan = MakePlan(refusal.desired, view_);
    EXPECT_EQ(plan.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(plan.status().message()), HasSubstr(refusal.message));
  }
  EXPECT_EQ(ReasonOf(MakePlan(unknown, view_).status()), "UNKNOWN_NODE");
  DesiredState several = unknown;
  several.nodes.push_back({"node1", {ApplicationName("ghost")}, ""});
  EXPECT_THAT(std::string(MakePlan(several, view_).status().message()), HasSubstr("\nghost"));
}

TEST_F(PlannerTest, APortPassesToAnotherApplicationWhenItsHolderIsStopped) {
  AddRunning(1);
  EXPECT_EQ(Text(MustPlan(Desired({Spec("a")}, {{"a"}}))), "CREATE a >node1; STOP redis node1>");
}

}  // namespace
}  // namespace drover::coordinator
