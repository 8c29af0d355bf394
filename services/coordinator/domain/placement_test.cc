#include "services/coordinator/domain/placement.h"

#include <gtest/gtest.h>

namespace drover::coordinator {
namespace {

constexpr int64_t kMebibyte = 1 << 20;

NodeView Node(const char* name, int64_t free_pool, int64_t free_memory = 1000) {
  NodeView node;
  node.name = NodeName(name);
  node.pool_bytes = 1000 * kMebibyte;
  node.free_pool_bytes = free_pool * kMebibyte;
  node.memory_bytes = 1000 * kMebibyte;
  node.available_memory_bytes = free_memory * kMebibyte;
  return node;
}

void AddGroup(NodeView& node, const char* application, GroupState state) {
  GroupView group;
  group.application = ApplicationName(application);
  group.state = state;
  node.groups.push_back(group);
}

Demand Needs(int64_t pool, int64_t memory = 0) {
  return {ApplicationName("a"), pool * kMebibyte, memory * kMebibyte};
}

std::string PlaceOn(Placement& placement, const Demand& demand) {
  std::string why;
  const NodeView* node = placement.Place(demand, why);
  return node == nullptr ? why : node->name.value();
}

TEST(PlacementTest, PrefersTheNodeThatKeepsMoreFree) {
  const NodeView small = Node("a", 300), large = Node("b", 900);
  Placement placement({&small, &large});
  EXPECT_EQ(PlaceOn(placement, Needs(100)), "b");
}

TEST(PlacementTest, WhatIsScarcerCounts) {
  const NodeView space = Node("a", 900, 200), memory = Node("b", 500, 900);
  Placement placement({&space, &memory});
  EXPECT_EQ(PlaceOn(placement, Needs(100, 100)), "b");
}

TEST(PlacementTest, OfEqualOnesTheOneWithFewerApplications) {
  NodeView busy = Node("a", 500);
  AddGroup(busy, "other", GroupState::kOwned);
  const NodeView idle = Node("b", 500);
  Placement placement({&busy, &idle});
  EXPECT_EQ(PlaceOn(placement, Needs(1)), "b");
  // Each has one now.
  EXPECT_EQ(PlaceOn(placement, Needs(1)), "a");
}

TEST(PlacementTest, RemembersWhatItHasPromised) {
  const NodeView node = Node("a", 250);
  Placement placement({&node});
  EXPECT_EQ(PlaceOn(placement, Needs(100)), "a");
  EXPECT_EQ(PlaceOn(placement, Needs(100)), "a");
  EXPECT_EQ(PlaceOn(placement, Needs(100)), "its pool needs 120 MiB and a has 10 MiB free");
}

TEST(PlacementTest, SaysOfEachNodeWhatIsMissing) {
  const NodeView full = Node("a", 10), loaded = Node("b", 900, 10);
  Placement placement({&full, &loaded});
  EXPECT_EQ(
      PlaceOn(placement, Needs(100, 20)),
      "its pool needs 120 MiB and a has 10 MiB free, its mem_limit is 20 MiB and b has 10 MiB "
      "of memory free");
}

TEST(PlacementTest, ACopyNeedsRoomForTheDifferencesOnly) {
  NodeView node = Node("a", 20);
  AddGroup(node, "a", GroupState::kRetired);
  Placement placement({&node});
  EXPECT_EQ(PlaceOn(placement, Needs(100)), "a");
}

TEST(PlacementTest, ACopyThatIsInTheWayIsNamed) {
  NodeView diverged = Node("a", 900);
  AddGroup(diverged, "a", GroupState::kDiverged);
  const NodeView other = Node("b", 500);
  Placement placement({&diverged, &other});
  EXPECT_EQ(PlaceOn(placement, Needs(1)), "b");
  Placement alone({&diverged});
  EXPECT_EQ(PlaceOn(alone, Needs(1)), "a has a DIVERGED copy of it");
}

TEST(PlacementTest, WhatIsNotKnownIsNoObstacle) {
  NodeView node;
  node.name = NodeName("a");
  Placement placement({&node});
  EXPECT_EQ(PlaceOn(placement, Needs(100, 100)), "a");
}

TEST(PlacementTest, NowhereIsNowhere) {
  Placement placement({});
  EXPECT_EQ(PlaceOn(placement, Needs(1)), "");
}

}  // namespace
}  // namespace drover::coordinator
