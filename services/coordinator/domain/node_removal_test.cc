#include "services/coordinator/domain/node_removal.h"

#include <gtest/gtest.h>

#include <string>

namespace drover::coordinator {
namespace {

const ApplicationName kRedis("redis");

// An application that was moved from node1 to node2, and node1 does not answer any more.
class NodeRemovalTest : public ::testing::Test {
 protected:
  NodeRemovalTest() {
    node_.name = NodeName("node1");
    migration_.id = MigrationId("m1");
    migration_.application = kRedis;
    migration_.source = NodeName("node1");
    migration_.destination = NodeName("node2");
    migration_.state = MigrationState::kDone;
    ApplicationRecord& redis = applications_[kRedis];
    redis.name = kRedis;
    redis.node = NodeName("node2");
    redis.generation = Generation(2);
  }

  std::string Refusal() {
    return std::string(CheckRemoval(node_, applications_, {&migration_}).message());
  }

  NodeView node_;
  MigrationRecord migration_;
  std::map<ApplicationName, ApplicationRecord> applications_;
};

TEST_F(NodeRemovalTest, WhatNothingNeedsMayGo) { EXPECT_EQ(Refusal(), ""); }

TEST_F(NodeRemovalTest, NotTheDeadSourceOfAMoveThatIsCommitted) {
  migration_.state = MigrationState::kRouted;
  EXPECT_EQ(Refusal(),
            "node1 is needed by migration m1 of redis, which is ROUTED; it ends when node1 "
            "answers again");
}

TEST_F(NodeRemovalTest, NotWhileAnyUnfinishedMoveNamesTheNode) {
  for (MigrationState state : kAllMigrationStates) {
    migration_.state = state;
    node_.name = migration_.source;
    EXPECT_EQ(Refusal().empty(), IsTerminal(state)) << MigrationStateName(state);
    applications_.clear();
    node_.name = migration_.destination;
    EXPECT_EQ(Refusal().empty(), IsTerminal(state)) << MigrationStateName(state);
  }
}

TEST_F(NodeRemovalTest, AMoveThatCanBeUndoneIsToBeCancelled) {
  migration_.state = MigrationState::kCopying;
  EXPECT_EQ(Refusal(),
            "node1 is needed by migration m1 of redis, which is COPYING; wait for its end, or "
            "cancel it with `drover migrations cancel m1`");
}

TEST_F(NodeRemovalTest, NotTheNodeOfAnApplication) {
  node_.name = NodeName("node2");
  EXPECT_EQ(Refusal(), "redis is on node2; move it to another node first");
}

TEST_F(NodeRemovalTest, AnApplicationThatWasNeverMadeIsNowhere) {
  applications_[kRedis].node = NodeName("node1");
  applications_[kRedis].generation = Generation();
  EXPECT_EQ(Refusal(), "");
}

TEST_F(NodeRemovalTest, NotWhatOwnsVolumesThatWeDoNotKnow) {
  node_.reachable = true;
  node_.groups.resize(1);
  node_.groups[0].application = ApplicationName("web");
  node_.groups[0].state = GroupState::kRetired;
  EXPECT_EQ(Refusal(), "");
  node_.groups[0].state = GroupState::kOwned;
  EXPECT_EQ(Refusal(), "the volumes of web are on node1; move them to another node first");
}

}  // namespace
}  // namespace drover::coordinator
