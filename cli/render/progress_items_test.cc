#include "cli/render/progress_items.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <string>

namespace drover::cli {
namespace {

using coordinator::v1::Deployment;

constexpr char kMoving[] = R"(actions { kind: ACTION_KIND_MOVE application: "redis" from: "node1"
    to: "node2" state: ACTION_STATE_RUNNING migration: "m1" } )";

// What is said of the one action of a deployment.
ProgressItem ItemOf(const std::string& migrations) {
  Deployment deployment;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(kMoving + migrations, &deployment));
  const std::vector<ProgressItem> items = ItemsOf(deployment);
  EXPECT_EQ(items.size(), 1);
  EXPECT_EQ(items.at(0).title, "move redis from node1 to node2");
  return items.at(0);
}

TEST(ProgressItemsTest, AMoveShowsWhatItDoes) {
  EXPECT_EQ(ItemOf("").activity, "under way");
  EXPECT_EQ(ItemOf(R"(migrations { name: "migrations/m1" source: "node1" destination: "node2"
                                   state: MIGRATION_STATE_DONE })")
                .activity,
            "done");
}

TEST(ProgressItemsTest, AnImageOnItsWayIsShown) {
  const ProgressItem move = ItemOf(R"(migrations { name: "migrations/m1" destination: "node2"
      state: MIGRATION_STATE_ADMITTED activity: "pulling redis:7" progress_bytes: 10
      progress_total_bytes: 20 })");
  EXPECT_EQ(move.activity, "preparing node2: pulling redis:7");
  EXPECT_EQ(move.done_bytes, 10);
  EXPECT_EQ(move.total_bytes, 20);
  Deployment deployment;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"(actions { kind: ACTION_KIND_CREATE application: "redis" to: "node1"
                   state: ACTION_STATE_RUNNING activity: "pulling redis:7" progress_bytes: 10 })",
      &deployment));
  const ProgressItem create = ItemsOf(deployment).at(0);
  EXPECT_EQ(create.title, "create redis on node1");
  EXPECT_EQ(create.activity, "pulling redis:7");
  EXPECT_EQ(create.done_bytes, 10);
}

TEST(ProgressItemsTest, AMoveThatIsUndoneShowsTheWayBack) {
  const std::string moved = R"(migrations { name: "migrations/m1" source: "node1"
      destination: "node2" state: MIGRATION_STATE_DONE error: "redis did not get ready on node2"
      returned_by: "migrations/m2" })";
  ProgressItem item = ItemOf(moved);
  EXPECT_EQ(item.activity, "not ready on node2, goes back to node1");
  EXPECT_EQ(item.color, Color::kBad);
  item = ItemOf(moved + R"(migrations { name: "migrations/m2" source: "node2" destination: "node1"
                                        state: MIGRATION_STATE_COPYING progress_bytes: 10
                                        progress_total_bytes: 20 })");
  EXPECT_EQ(item.activity, "not ready on node2, goes back: copying, round 1");
  EXPECT_EQ(item.total_bytes, 20);
}

TEST(ProgressItemsTest, WhatDidNotGetReadyIsNotSaidToRun) {
  EXPECT_EQ(ItemOf(R"(migrations { name: "migrations/m1" source: "node1" destination: "node2"
                                   state: MIGRATION_STATE_ROUTED error: "redis did not get" })")
                .activity,
            "cleaning up");
  EXPECT_EQ(ItemOf(R"(migrations { name: "migrations/m1" source: "node1" destination: "node2"
                                   state: MIGRATION_STATE_DONE error: "redis did not get" })")
                .activity,
            "failed");
}

}  // namespace
}  // namespace drover::cli
