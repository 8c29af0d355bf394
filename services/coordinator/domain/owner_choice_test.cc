#include "services/coordinator/domain/owner_choice.h"

#include <gtest/gtest.h>

namespace drover::coordinator {
namespace {

// The journal has redis on node1, under generation 5, and has given 9 generations since.
class OwnerChoiceTest : public ::testing::Test {
 protected:
  OwnerChoiceTest() {
    for (const char* name : {"node1", "node2", "node3"}) {
      NodeView node;
      node.name = NodeName(name);
      node.reachable = node.volumes_known = node.containers_known = true;
      view_.nodes.push_back(node);
    }
    Record().name = kRedis;
    Record().node = NodeName("node1");
    Record().generation = Generation(5);
  }

  ApplicationRecord& Record() { return view_.applications[kRedis]; }
  GroupView& AddGroup(int node, GroupState state, int64_t generation) {
    GroupView group;
    group.application = kRedis;
    group.state = state;
    group.generation = Generation(generation);
    view_.nodes[node - 1].groups.push_back(group);
    return view_.nodes[node - 1].groups.back();
  }
  void AddContainer(int node, int64_t generation) {
    ContainerView container;
    container.application = kRedis;
    container.generation = Generation(generation);
    view_.nodes[node - 1].containers.push_back(container);
  }
  void LoseNode(int node) {
    view_.nodes[node - 1].reachable = view_.nodes[node - 1].volumes_known = false;
  }

  // The node's name; empty if there is no owner.
  std::string Owner() const {
    const Held owner = OwnerChoice(view_, migrations_, 9).OwnerOf(kRedis);
    return owner.node == nullptr ? "" : owner.node->name.value();
  }

  static inline const ApplicationName kRedis{"redis"};
  ClusterView view_;
  std::vector<const MigrationRecord*> migrations_;
};

TEST_F(OwnerChoiceTest, WhoOwnsAlone) {
  EXPECT_EQ(Owner(), "");
  AddGroup(2, GroupState::kRetired, 4);
  EXPECT_EQ(Owner(), "");
  AddGroup(1, GroupState::kOwned, 5);
  EXPECT_EQ(Owner(), "node1");
}

TEST_F(OwnerChoiceTest, AClaimThatBrokeOffIsNotTheOwner) {
  AddGroup(1, GroupState::kOwned, 5);
  AddGroup(2, GroupState::kOwned, 6);
  EXPECT_EQ(Owner(), "node1");
}

TEST_F(OwnerChoiceTest, AClaimThatBrokeOffIsNotTheOwnerEitherWhileTheOwnerIsAway) {
  LoseNode(1);
  AddGroup(2, GroupState::kOwned, 6);
  EXPECT_EQ(Owner(), "");
}

TEST_F(OwnerChoiceTest, AClaimOnTheOwnerThatBrokeOffLeavesItTheOwner) {
  AddGroup(1, GroupState::kOwned, 6);
  AddGroup(2, GroupState::kOwned, 7);
  EXPECT_EQ(Owner(), "node1");
}

TEST_F(OwnerChoiceTest, AClaimThatTheJournalRecordedIsTheOwner) {
  Record().node = NodeName("node2");
  Record().generation = Generation(6);
  AddGroup(1, GroupState::kOwned, 5);
  AddGroup(2, GroupState::kOwned, 6);
  EXPECT_EQ(Owner(), "node2");
  // An older owner does not become one because the new one is away.
  view_.nodes[1].groups.clear();
  LoseNode(2);
  EXPECT_EQ(Owner(), "");
}

TEST_F(OwnerChoiceTest, AGenerationThatTheJournalHasNotGivenIsNewer) {
  AddGroup(1, GroupState::kOwned, 5);
  AddGroup(2, GroupState::kOwned, 6);
  AddGroup(3, GroupState::kOwned, 10);
  EXPECT_EQ(Owner(), "node3");
  view_.nodes[0].groups.clear();
  LoseNode(1);
  EXPECT_EQ(Owner(), "node3");
}

TEST_F(OwnerChoiceTest, AMoveWhoseEndTheJournalDoesNotKnowMayHaveBeenCommitted) {
  MigrationRecord move;
  move.application = kRedis;
  move.generation = Generation(6);
  move.state = MigrationState::kSealed;
  migrations_ = {&move};
  AddGroup(1, GroupState::kSealed, 5);
  AddGroup(2, GroupState::kOwned, 6);
  EXPECT_EQ(Owner(), "node2");
  move.state = MigrationState::kAborting;
  EXPECT_EQ(Owner(), "node1");
  move.state = MigrationState::kSealed;
  move.application = ApplicationName("web");
  EXPECT_EQ(Owner(), "node1");
}

TEST_F(OwnerChoiceTest, AClaimThatGotToTheStartWasRecordedByALaterJournal) {
  AddGroup(1, GroupState::kOwned, 5);
  AddGroup(2, GroupState::kOwned, 6);
  AddContainer(2, 4);
  EXPECT_EQ(Owner(), "node1");
  view_.nodes[1].containers.clear();
  AddContainer(2, 6);
  EXPECT_EQ(Owner(), "node2");
}

TEST_F(OwnerChoiceTest, AnOldOwnerThatRunsIsNotOfALaterTime) {
  AddGroup(1, GroupState::kOwned, 5);
  AddGroup(2, GroupState::kOwned, 4);
  AddContainer(2, 4);
  EXPECT_EQ(Owner(), "node1");
}

TEST_F(OwnerChoiceTest, TheGenerationDecidesWhereTheJournalsOwnerOwnsNoMore) {
  AddGroup(1, GroupState::kRetired, 5);
  AddGroup(2, GroupState::kOwned, 6);
  AddGroup(3, GroupState::kOwned, 7);
  EXPECT_EQ(Owner(), "node3");
  // Its pool was put back to an older time.
  view_.nodes[0].groups.clear();
  AddGroup(1, GroupState::kOwned, 4);
  EXPECT_EQ(Owner(), "node3");
}

TEST_F(OwnerChoiceTest, TheGenerationDecidesAboutAnApplicationThatTheJournalDoesNotKnow) {
  view_.applications.clear();
  AddGroup(1, GroupState::kOwned, 5);
  AddGroup(2, GroupState::kOwned, 6);
  EXPECT_EQ(Owner(), "node2");
}

TEST_F(OwnerChoiceTest, WhatANodeThatWasLeftOutOwnsDoesNotCount) {
  Record().refused_generation = Generation(9);
  AddGroup(1, GroupState::kOwned, 5);
  AddGroup(2, GroupState::kOwned, 8);
  AddContainer(2, 8);
  EXPECT_EQ(Owner(), "node1");
  const std::vector<Held> owners = OwnersOf(view_, kRedis);
  EXPECT_FALSE(IsReplaced(Record(), owners[0]));
  EXPECT_TRUE(IsReplaced(Record(), owners[1]));
  EXPECT_EQ(NewestOwnership(Record()), Generation(9));
  Record().generation = Generation(10);
  EXPECT_EQ(NewestOwnership(Record()), Generation(10));
}

TEST_F(OwnerChoiceTest, TheSourceOfAMoveIsLeftUntilItIsRetired) {
  GroupView& source = AddGroup(1, GroupState::kSealed, 5);
  source.migration = MigrationId("m1");
  source.migration_generation = Generation(6);
  AddGroup(2, GroupState::kOwned, 6);
  const std::vector<Held> owners = OwnersOf(view_, kRedis);
  ASSERT_EQ(owners.size(), 2u);
  EXPECT_TRUE(IsLeftByMoveTo(owners[1], owners[0]));
  EXPECT_FALSE(IsLeftByMoveTo(owners[0], owners[1]));
  EXPECT_FALSE(IsLeftByMoveTo(owners[0], owners[0]));
}

}  // namespace
}  // namespace drover::coordinator
