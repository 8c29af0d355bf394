#include "services/coordinator/domain/clone_planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/common/status/reason.h"

namespace drover::coordinator {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const NodeName kNode1("node1"), kNode2("node2");

// redis on node1, with two ports; node2 has room.
class ClonePlannerTest : public ::testing::Test {
 protected:
  ClonePlannerTest() {
    for (const NodeName& name : {kNode1, kNode2}) {
      NodeView& node = view_.nodes.emplace_back();
      node.name = name;
      node.reachable = node.volumes_known = node.containers_known = true;
      node.backend = "btrfs";
    }
    GroupView& group = view_.nodes[0].groups.emplace_back();
    group.application = ApplicationName("redis");
    group.generation = Generation(3);
    group.volumes = {VolumeView{.size_bytes = 500}};
    ApplicationRecord& record = view_.applications[group.application];
    record.name = group.application;
    record.node = kNode1;
    record.generation = group.generation;
    record.running = true;
    record.spec.name = group.application;
    record.spec.ports = {{6379, 6379}, {80, 8080}};
    record.spec.volumes = {{"", "/data", 0, "11111111-1111-1111-1111-111111111111"}};
    record.spec.depends_on = {ApplicationName("other")};
  }
  absl::StatusOr<ClonePlan> Plan(const NodeName& node = {},
                                 std::vector<ClonePort> ports = {{6379, 7000}, {8080, 7001}}) {
    return PlanClone({ApplicationName("redis"), ApplicationName("copy"), node, std::move(ports)},
                     view_);
  }
  std::string Refusal(const NodeName& node = {}) {
    return std::string(Plan(node).status().message());
  }

  ClusterView view_;
};

TEST_F(ClonePlannerTest, HasTheConfigurationButNotTheIdentity) {
  const absl::StatusOr<ClonePlan> made = Plan();
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->spec.name.value(), "copy");
  EXPECT_EQ(made->spec.ports, (std::vector<PortMapping>{{6379, 7000}, {80, 7001}}));
  EXPECT_EQ(made->spec.volumes[0].dataset_id, "");
  EXPECT_THAT(made->spec.depends_on, IsEmpty());
  ASSERT_THAT(made->plan.actions, SizeIs(2));
  EXPECT_EQ(made->plan.actions[0].kind, ActionKind::kClone);
  EXPECT_EQ(made->plan.actions[1].kind, ActionKind::kStart);
}

TEST_F(ClonePlannerTest, ForAnotherNodeItMoves) {
  const absl::StatusOr<ClonePlan> made = Plan(kNode2);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->plan.actions[0].to, kNode1);
  EXPECT_EQ(made->plan.actions[1].kind, ActionKind::kMove);
  EXPECT_EQ(made->plan.actions[1].from, kNode1);
  EXPECT_EQ(made->plan.actions[1].to, kNode2);
  EXPECT_EQ(made->plan.actions[1].bytes, 500);
}

TEST_F(ClonePlannerTest, NamesAndNodesAreChecked) {
  view_.nodes[1].backend = "zfs";
  EXPECT_THAT(Refusal(kNode2), HasSubstr("cannot exchange data"));
  view_.nodes[1].cordoned = true;
  EXPECT_EQ(ReasonOf(Plan(kNode2).status()), "CORDONED");
  view_.nodes[1].groups.push_back(GroupView{.application = ApplicationName("copy")});
  EXPECT_THAT(Refusal(), HasSubstr("node2 has data of the name copy already"));
  view_.nodes[1].groups.clear();
  view_.nodes[1].volumes_known = false;
  EXPECT_TRUE(absl::IsUnavailable(Plan().status())) << Plan().status();
}

TEST_F(ClonePlannerTest, AllProblemsOfPortsAtOnce) {
  const std::string text(Plan({}, {{6379, 0}, {6379, 8080}, {1, 2}}).status().message());
  EXPECT_THAT(text, HasSubstr("ports are numbers from 1 to 65535"));
  EXPECT_THAT(text, HasSubstr("port 6379 was given one already"));
  EXPECT_THAT(text, HasSubstr("redis has no external port 1; it has: 6379, 8080"));
  EXPECT_THAT(text, HasSubstr("--port 8080=NEW"));
  EXPECT_THAT(std::string(Plan({}, {{6379, 7000}, {8080, 7000}}).status().message()),
              HasSubstr("port 7000 is given twice"));
}

}  // namespace
}  // namespace drover::coordinator
