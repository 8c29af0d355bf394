#include <gtest/gtest.h>

#include "services/coordinator/convert/deployment_convert.h"
#include "services/coordinator/convert/migration_convert.h"
#include "services/coordinator/convert/spec_convert.h"

namespace drover::coordinator {
namespace {

ApplicationSpec FullSpec() {
  ApplicationSpec spec;
  spec.name = ApplicationName("redis");
  spec.image = "registry:5000/redis:7";
  spec.ports = {{6379, 7000}};
  spec.links = {{80, 8080, "web"}};
  spec.volumes = {{"data", "/data", 1 << 30, "uuid"}};
  spec.environment = {{"A", "1"}};
  spec.memory_limit_bytes = 1 << 24;
  spec.cpu_shares = 512;
  spec.restart_policy = {RestartMode::kOnFailure, 3};
  spec.command = std::vector<std::string>{"redis-server", "--save"};
  spec.entrypoint = std::vector<std::string>{};
  spec.readiness = Readiness{6379, "/health", absl::Seconds(5),
                             HealthCheck{{"redis-cli", "ping"}, absl::Seconds(1)}};
  spec.stop_timeout = absl::Milliseconds(1500);
  spec.depends_on = {ApplicationName("web")};
  return spec;
}

TEST(ConvertTest, ASpecSurvivesTheRoundTrip) {
  EXPECT_EQ(FromProto(ToProto(FullSpec())), FullSpec());
  EXPECT_EQ(FromProto(ToProto(ApplicationSpec())), ApplicationSpec());
}

TEST(ConvertTest, EveryMigrationStateHasItsWord) {
  for (MigrationState state : kAllMigrationStates) {
    MigrationRecord record;
    record.state = state;
    EXPECT_EQ(drover::coordinator::v1::MigrationState_Name(ToProto(record).state()),
              std::string("MIGRATION_STATE_") + MigrationStateName(state));
    EXPECT_EQ(FromProto(ToProto(record)).state, state);
  }
}

TEST(ConvertTest, EveryActionKindHasItsWord) {
  for (ActionKind kind : kAllActionKinds) {
    Action action;
    action.kind = kind;
    EXPECT_EQ(drover::coordinator::v1::ActionKind_Name(ToProto(action).kind()),
              std::string("ACTION_KIND_") + ActionKindName(kind));
    EXPECT_EQ(FromProto(ToProto(action)), action);
  }
}

TEST(ConvertTest, EveryActionStateAndDeploymentStateIsItself) {
  for (ActionState state : kAllActionStates) {
    Action action;
    action.state = state;
    EXPECT_EQ(FromProto(ToProto(action)), action);
  }
  for (DeploymentState state : kAllDeploymentStates) {
    DeploymentRecord record;
    record.state = state;
    EXPECT_EQ(FromProto(ToProto(record)).state, state);
  }
}

TEST(ConvertTest, ADeploymentSaysWhatWasAskedForAndHowFarItIs) {
  DeploymentRecord record;
  record.requested_by = "spiffe://c/user/ann";
  record.actions = {Action{.state = ActionState::kDone}, Action{.state = ActionState::kFailed}};
  EXPECT_EQ(ToProto(record).command(), "deploy");
  EXPECT_EQ(ToProto(record).requested_by(), "spiffe://c/user/ann");
  EXPECT_EQ(ToProto(record).total_actions(), 2);
  EXPECT_EQ(ToProto(record).done_actions(), 1);
  record.drain = Drain{.node = NodeName("node1")};
  EXPECT_EQ(ToProto(record).command(), "drain node1");
  record.drain->restore = true;
  EXPECT_EQ(ToProto(record).command(), "uncordon node1 --restore");
  record.drain.reset();
  record.roll_back = RollBack{"redis:logs", "before"};
  EXPECT_EQ(ToProto(record).command(), "volumes rollback redis:logs@before");
  record.roll_back.reset();
  record.clone = Clone{ApplicationName("redis"), ApplicationName("copy")};
  EXPECT_EQ(ToProto(record).command(), "clone redis copy");
}

TEST(ConvertTest, ADrainSurvivesTheRoundTrip) {
  const Drain drain = {NodeName("node1"), {NodeName("node2"), NodeName("node3")}, true, 4};
  EXPECT_EQ(FromProto(ToProto(drain)), drain);
}

TEST(ConvertTest, AMigrationSumsItsRounds) {
  MigrationRecord record;
  record.id = MigrationId("m1");
  record.rounds = {{100, absl::Seconds(1), false}, {5, absl::Seconds(1), true}};
  EXPECT_EQ(ToProto(record).bulk_bytes(), 105);
  EXPECT_EQ(ToProto(record).rounds(), 2);
  EXPECT_EQ(ToProto(record).name(), "migrations/m1");
  EXPECT_FALSE(ToProto(record).has_interruption());
}

TEST(ConvertTest, ResourceNamesAreTakenWithAndWithoutTheirPrefix) {
  EXPECT_EQ(MigrationIdOf("migrations/m1"), MigrationId("m1"));
  EXPECT_EQ(MigrationIdOf("m1"), MigrationId("m1"));
  EXPECT_EQ(DeploymentIdOf("deployments/d1"), "d1");
}

}  // namespace
}  // namespace drover::coordinator
