#include "services/coordinator/domain/ownership.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/common/status/reason.h"

namespace drover::coordinator {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const ApplicationName kRedis("redis");
const NodeName kNode1("node1");
const NodeName kNode2("node2");

GroupView Group(GroupState state, int64_t generation) {
  GroupView group;
  group.application = kRedis;
  group.state = state;
  group.generation = Generation(generation);
  return group;
}

NodeView Node(const NodeName& name, std::vector<GroupView> groups) {
  NodeView node;
  node.name = name;
  node.reachable = node.volumes_known = true;
  node.groups = std::move(groups);
  return node;
}

NodeView Dead(const NodeName& name) {
  NodeView node;
  node.name = name;
  node.problem = "volume service: no answer";
  return node;
}

std::map<ApplicationName, ApplicationRecord> OwnedBy(const NodeName& node, int64_t generation) {
  ApplicationRecord record;
  record.name = kRedis;
  record.node = node;
  record.generation = Generation(generation);
  record.running = true;
  return {{kRedis, record}};
}

ClusterView View(std::vector<NodeView> nodes, const NodeName& owner, int64_t generation) {
  ClusterView view;
  view.nodes = std::move(nodes);
  view.applications = OwnedBy(owner, generation);
  return view;
}

TEST(OwnershipOrdersTest, AnOwnerThatAsksIsConfirmed) {
  NodeView node = Node(kNode1, {Group(GroupState::kOwned, 3)});
  EXPECT_THAT(OwnershipOrdersFor(node, OwnedBy(kNode1, 3), {}).confirm, IsEmpty());
  node.groups[0].doubt = OwnershipDoubt::kAwaitsCoordinator;
  const OwnershipOrders orders = OwnershipOrdersFor(node, OwnedBy(kNode1, 3), {kRedis});
  EXPECT_THAT(orders.confirm, ElementsAre(OwnershipOrders::Group{kRedis, Generation(3)}))
      << "also while somebody works on it";
  EXPECT_THAT(orders.diverge, IsEmpty());
}

TEST(OwnershipOrdersTest, AnotherGenerationOrNodeIsNotConfirmed) {
  NodeView node = Node(kNode1, {Group(GroupState::kOwned, 1)});
  node.groups[0].doubt = OwnershipDoubt::kAwaitsCoordinator;
  EXPECT_THAT(OwnershipOrdersFor(node, OwnedBy(kNode1, 3), {}).confirm, IsEmpty());
  EXPECT_THAT(OwnershipOrdersFor(node, OwnedBy(kNode2, 1), {}).confirm, IsEmpty());
  EXPECT_THAT(OwnershipOrdersFor(node, {}, {}).confirm, IsEmpty());
}

TEST(OwnershipOrdersTest, AnOldOwnerIsTurnedAway) {
  for (const GroupState state : {GroupState::kOwned, GroupState::kSealing, GroupState::kSealed}) {
    NodeView node = Node(kNode1, {Group(state, 1)});
    node.containers.push_back({.application = kRedis});
    const OwnershipOrders orders = OwnershipOrdersFor(node, OwnedBy(kNode2, 9), {});
    EXPECT_THAT(orders.diverge, ElementsAre(OwnershipOrders::Group{kRedis, Generation(9)}));
    EXPECT_THAT(orders.remove_containers, ElementsAre(kRedis));
  }
}

TEST(OwnershipOrdersTest, ANodeThatWasLeftOutIsTurnedAwayWhateverItsGeneration) {
  std::map<ApplicationName, ApplicationRecord> applications = OwnedBy(kNode1, 3);
  applications[kRedis].refused_generation = Generation(100);
  const NodeView left_out = Node(kNode2, {Group(GroupState::kOwned, 9)});
  EXPECT_THAT(OwnershipOrdersFor(left_out, applications, {}).diverge,
              ElementsAre(OwnershipOrders::Group{kRedis, Generation(100)}));
  NodeView owner = Node(kNode1, {Group(GroupState::kOwned, 3)});
  owner.groups[0].doubt = OwnershipDoubt::kAwaitsCoordinator;
  const OwnershipOrders orders = OwnershipOrdersFor(owner, applications, {});
  EXPECT_THAT(orders.diverge, IsEmpty());
  EXPECT_THAT(orders.confirm, ElementsAre(OwnershipOrders::Group{kRedis, Generation(3)}));
}

TEST(OwnershipOrdersTest, ASourceWhoseMoveCommittedIsNoOldOwner) {
  const NodeView node = Node(kNode1, {Group(GroupState::kSealed, 1)});
  EXPECT_THAT(OwnershipOrdersFor(node, OwnedBy(kNode2, 9), {kRedis}).diverge, IsEmpty());
}

TEST(OwnershipOrdersTest, ACopyWithOlderDataOnTheOwnersOwnNodeIsForAPersonToDecide) {
  const NodeView node = Node(kNode1, {Group(GroupState::kOwned, 1)});
  EXPECT_THAT(OwnershipOrdersFor(node, OwnedBy(kNode1, 9), {}).diverge, IsEmpty());
}

TEST(OwnershipOrdersTest, WhatRunsOfADivergedCopyGoesWhenTheFirstAttemptFailed) {
  NodeView node = Node(kNode1, {Group(GroupState::kDiverged, 1)});
  EXPECT_THAT(OwnershipOrdersFor(node, OwnedBy(kNode2, 9), {}).remove_containers, IsEmpty());
  node.containers.push_back({.application = kRedis});
  EXPECT_THAT(OwnershipOrdersFor(node, OwnedBy(kNode2, 9), {}).remove_containers,
              ElementsAre(kRedis));
}

TEST(CheckClaimTest, OfADeadOwnersVolumes) {
  const NodeView copy = Node(kNode2, {Group(GroupState::kRetired, 1)});
  EXPECT_TRUE(CheckClaim(View({Dead(kNode1), copy}, kNode1, 3), kRedis, kNode2).ok());
  // It came back with an empty pool.
  EXPECT_TRUE(CheckClaim(View({Node(kNode1, {}), copy}, kNode1, 3), kRedis, kNode2).ok());
}

TEST(CheckClaimTest, OfAPoolThatWasPutBack) {
  NodeView node = Node(kNode1, {Group(GroupState::kOwned, 1)});
  EXPECT_TRUE(CheckClaim(View({node}, kNode1, 3), kRedis, kNode1).ok());
  node.groups[0].generation = Generation(3);
  EXPECT_EQ(ReasonOf(CheckClaim(View({node}, kNode1, 3), kRedis, kNode1)), "ALREADY_OWNER");
  node.groups[0].doubt = OwnershipDoubt::kOlderPool;
  EXPECT_TRUE(CheckClaim(View({node}, kNode1, 3), kRedis, kNode1).ok());
}

TEST(CheckClaimTest, AnOwnerThatAnswersIsNotRobbed) {
  const NodeView owner = Node(kNode1, {Group(GroupState::kOwned, 3)});
  const NodeView copy = Node(kNode2, {Group(GroupState::kRetired, 1)});
  const absl::Status status = CheckClaim(View({owner, copy}, kNode1, 3), kRedis, kNode2);
  EXPECT_THAT(std::string(status.message()), HasSubstr("`drover move redis node2`"));
}

TEST(CheckClaimTest, AClaimThatBrokeOffIsDecidedByRepeatingItForEither) {
  // node2 was claimed, the journal was not told, and node1 came back.
  const NodeView owner = Node(kNode1, {Group(GroupState::kOwned, 3)});
  const NodeView claimed = Node(kNode2, {Group(GroupState::kOwned, 9)});
  EXPECT_TRUE(CheckClaim(View({owner, claimed}, kNode1, 3), kRedis, kNode2).ok());
  EXPECT_TRUE(CheckClaim(View({owner, claimed}, kNode1, 3), kRedis, kNode1).ok());
}

TEST(CheckClaimTest, ANodeThatWasLeftOutDoesNotContestTheOwner) {
  ClusterView view = View(
      {Node(kNode1, {Group(GroupState::kOwned, 3)}), Node(kNode2, {Group(GroupState::kOwned, 9)})},
      kNode1, 3);
  view.applications[kRedis].refused_generation = Generation(100);
  EXPECT_EQ(ReasonOf(CheckClaim(view, kRedis, kNode1)), "ALREADY_OWNER");
  EXPECT_TRUE(absl::IsFailedPrecondition(CheckClaim(view, kRedis, kNode2)));
}

TEST(CheckClaimTest, NeedsACompleteCopyOnANodeThatAnswers) {
  const NodeView copy = Node(kNode2, {Group(GroupState::kRetired, 1)});
  const NodeName node3("node3");
  for (const NodeView& other : {Node(node3, {}), Node(node3, {Group(GroupState::kDiverged, 1)})}) {
    const absl::Status status =
        CheckClaim(View({Dead(kNode1), copy, other}, kNode1, 3), kRedis, node3);
    EXPECT_THAT(std::string(status.message()), HasSubstr("there is one on node2"));
  }
  EXPECT_TRUE(absl::IsUnavailable(
      CheckClaim(View({Dead(kNode1), Dead(kNode2)}, kNode1, 3), kRedis, kNode2)));
  EXPECT_TRUE(absl::IsNotFound(CheckClaim(View({copy}, kNode1, 3), kRedis, kNode1)));
  EXPECT_TRUE(
      absl::IsNotFound(CheckClaim(View({copy}, kNode1, 3), ApplicationName("postgres"), kNode2)));
}

TEST(CheckDeleteDivergedTest, OnlyWhatDiverged) {
  const ClusterView view = View({Node(kNode1, {Group(GroupState::kDiverged, 1)}),
                                 Node(kNode2, {Group(GroupState::kOwned, 9)})},
                                kNode2, 9);
  EXPECT_TRUE(CheckDeleteDiverged(view, kRedis, kNode1).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(CheckDeleteDiverged(view, kRedis, kNode2)));
  EXPECT_TRUE(absl::IsNotFound(CheckDeleteDiverged(view, ApplicationName("postgres"), kNode1)));
}

}  // namespace
}  // namespace drover::coordinator
