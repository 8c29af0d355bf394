#include "services/coordinator/domain/roll_back_planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/common/status/reason.h"

namespace drover::coordinator {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// One node that owns redis:data and redis:logs; `first` is of both, `second` of data only.
class RollBackPlannerTest : public ::testing::Test {
 protected:
  RollBackPlannerTest() {
    NodeView& node = view_.nodes.emplace_back();
    node.name = NodeName("node1");
    node.reachable = node.volumes_known = node.containers_known = true;
    GroupView& group = node.groups.emplace_back();
    group.application = ApplicationName("redis");
    group.generation = Generation(3);
    group.volumes = {VolumeView{.id = "data", .snapshots = {{"first", {}}, {"second", {}}}},
                     VolumeView{.id = "logs", .snapshots = {{"first", {}}}}};
    ApplicationRecord& record = view_.applications[group.application];
    record.name = group.application;
    record.node = node.name;
    record.generation = group.generation;
    record.running = true;
  }
  std::string Refusal(const std::string& volume, const std::string& snapshot) {
    return std::string(PlanRollBack({volume, snapshot}, view_).status().message());
  }
  GroupView& Group() { return view_.nodes[0].groups[0]; }

  ClusterView view_;
};

TEST_F(RollBackPlannerTest, AllVolumesThatHaveItGoBack) {
  const absl::StatusOr<Plan> plan = PlanRollBack({"redis", "first"}, view_);
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_THAT(plan->actions, SizeIs(2));
  EXPECT_EQ(plan->actions[0].kind, ActionKind::kRollBack);
  EXPECT_EQ(plan->actions[1].kind, ActionKind::kStart);
  EXPECT_EQ(plan->actions[0].reason, "to snapshot first");
  EXPECT_EQ(PlanRollBack({"redis:logs", "first"}, view_)->actions[0].reason,
            "to snapshot first (redis:logs alone)");
  EXPECT_THAT(plan->warnings, IsEmpty());
  EXPECT_THAT(RolledBack({"redis", "first"}, Group()), ElementsAre("data", "logs"));
  EXPECT_THAT(RolledBack({"redis:logs", "first"}, Group()), ElementsAre("logs"));
}

TEST_F(RollBackPlannerTest, WhatStaysAsItIsIsSaid) {
  const absl::StatusOr<Plan> plan = PlanRollBack({"redis", "second"}, view_);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(plan->warnings, ElementsAre("redis:logs has no snapshot second and stays as it is"));
}

TEST_F(RollBackPlannerTest, WhatIsStoppedIsNotStarted) {
  view_.applications.begin()->second.running = false;
  EXPECT_THAT(PlanRollBack({"redis", "first"}, view_)->actions, SizeIs(1));
}

TEST_F(RollBackPlannerTest, RefusalsSayWhatThereIs) {
  EXPECT_EQ(Refusal("redis:logs", "second"),
            "there is no snapshot second of redis:logs; there are: first");
  Group().volumes[1].snapshots.clear();
  EXPECT_EQ(Refusal("redis:logs", "second"),
            "there is no snapshot second of redis:logs; `drover volumes snapshot redis:logs` takes "
            "one");
  EXPECT_THAT(Refusal("other", "first"), HasSubstr("there are: redis"));
  Group().migration = MigrationId("m1");
  EXPECT_THAT(Refusal("redis", "first"), HasSubstr("migration m1"));
  view_.nodes[0].reachable = false;
  EXPECT_THAT(Refusal("redis", "first"), HasSubstr("node1, which does not answer"));
  view_.busy.insert(ApplicationName("redis"));
  EXPECT_TRUE(absl::IsAborted(PlanRollBack({"redis", "first"}, view_).status()));
}

}  // namespace
}  // namespace drover::coordinator
