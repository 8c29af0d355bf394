#include "services/coordinator/domain/drain_history.h"

#include <gtest/gtest.h>

namespace drover::coordinator {
namespace {

const NodeName kNode("node1");
const absl::Time kBegin = absl::FromUnixSeconds(1000);

DeploymentRecord DrainOf(const NodeName& node) {
  DeploymentRecord deployment;
  deployment.drain = Drain{.node = node};
  deployment.create_time = kBegin;
  return deployment;
}

TEST(CheckDrainGoesOnTest, TheCordonThatItSetKeepsItGoing) {
  const NodeRecord node{.name = kNode, .cordoned = true, .cordon_time = kBegin};
  EXPECT_TRUE(CheckDrainGoesOn(DrainOf(kNode), &node).ok());
  const NodeRecord earlier{.name = kNode, .cordoned = true, .cordon_time = kBegin - absl::Hours(1)};
  EXPECT_TRUE(CheckDrainGoesOn(DrainOf(kNode), &earlier).ok());
}

TEST(CheckDrainGoesOnTest, WhoEndsTheCordonEndsItAlsoIfAnotherOneIsSet) {
  NodeRecord node{.name = kNode, .cordoned = false, .cordon_time = kBegin};
  EXPECT_EQ(CheckDrainGoesOn(DrainOf(kNode), &node).message(),
            "node1 was uncordoned, which ended its drain");
  node.cordoned = true;
  node.cordon_time = kBegin + absl::Seconds(1);
  EXPECT_FALSE(CheckDrainGoesOn(DrainOf(kNode), &node).ok());
  EXPECT_FALSE(CheckDrainGoesOn(DrainOf(kNode), nullptr).ok());
}

TEST(MovedAwayTest, WhatEndedWellAfterItsDrainCounts) {
  MigrationRecord migration;
  migration.id = MigrationId("m1");
  migration.generation = Generation(7);
  migration.state = MigrationState::kCommitted;
  DeploymentRecord drain = DrainOf(kNode);
  Action& action = drain.actions.emplace_back();
  action.kind = ActionKind::kMove;
  action.application = ApplicationName("redis");
  action.to = NodeName("node2");
  action.migration = migration.id;
  action.state = ActionState::kFailed;
  const NodeRecord node{.name = kNode, .cordoned = true, .cordon_time = kBegin};
  EXPECT_TRUE(MovedAway({&drain}, {&migration}, node).empty());
  migration.state = MigrationState::kDone;
  EXPECT_EQ(MovedAway({&drain}, {&migration}, node).at(action.application).generation,
            Generation(7));
  migration.not_ready = true;
  EXPECT_TRUE(MovedAway({&drain}, {&migration}, node).empty());
}

TEST(CheckDrainGoesOnTest, NothingElseIsEndedByIt) {
  const NodeRecord node{.name = kNode};
  DeploymentRecord restore = DrainOf(kNode);
  restore.drain->restore = true;
  EXPECT_TRUE(CheckDrainGoesOn(restore, &node).ok());
  EXPECT_TRUE(CheckDrainGoesOn(DeploymentRecord(), nullptr).ok());
}

}  // namespace
}  // namespace drover::coordinator
