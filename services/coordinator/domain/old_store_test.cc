#include "services/coordinator/domain/old_store.h"

#include <gtest/gtest.h>

#include "services/common/status/reason.h"

namespace drover::coordinator {
namespace {

// The third start of a store that had 50 entries then.
class OldStoreTest : public ::testing::Test {
 protected:
  OldStoreTest() {
    node_.name = NodeName("node2");
    history_.current = {3, "c"};
    history_.starts = {{1, "a"}, {2, "b"}, {3, "c"}};
    history_.opened_sequence = 50;
  }
  std::string Why(CoordinatorStart start, int64_t sequence) {
    node_.obeyed = {{"volume", start, sequence}};
    return WhyOlderThan(node_, history_, given_up_epoch_);
  }

  NodeView node_;
  StoreHistory history_;
  int64_t given_up_epoch_ = 0;
};

TEST_F(OldStoreTest, ANodeThatObeyedAnEarlierStartIsBehind) {
  EXPECT_EQ(Why({1, "a"}, 12), "");
  EXPECT_EQ(Why({2, "b"}, 50), "");
}

TEST_F(OldStoreTest, ANodeThatObeyedNobodyProvesNothing) { EXPECT_EQ(Why({0, ""}, 0), ""); }

TEST_F(OldStoreTest, ANodeThatObeysUsKnowsWhatWeWroteSince) { EXPECT_EQ(Why({3, "c"}, 90), ""); }

TEST_F(OldStoreTest, AHigherEpochIsAnotherHistory) {
  EXPECT_EQ(Why({4, "d"}, 12),
            "the volume service of node2 has obeyed a coordinator (epoch 4) that its store knows "
            "nothing of");
}

TEST_F(OldStoreTest, SoIsAnotherCoordinatorOfAnEpoch) {
  EXPECT_NE(Why({3, "x"}, 12), "");
  EXPECT_NE(Why({2, "x"}, 12), "");
}

TEST_F(OldStoreTest, AHigherSequenceOfAnEarlierStartIsWhatTheStoreForgot) {
  EXPECT_EQ(Why({2, "b"}, 51),
            "the volume service of node2 knows of entry 51 of the journal, but its store ended at "
            "entry 50");
}

TEST_F(OldStoreTest, WhatANodeWasLeftOutWithIsGivenUp) {
  given_up_epoch_ = 4;
  EXPECT_EQ(Why({4, "d"}, 12), "");
  EXPECT_EQ(Why({2, "b"}, 51), "");
  EXPECT_NE(Why({5, "e"}, 12), "");
}

TEST_F(OldStoreTest, OneServiceIsEnough) {
  node_.obeyed = {{"volume", {3, "c"}, 90}, {"proxy", {4, "d"}, 1}};
  EXPECT_NE(WhyOlderThan(node_, history_, 0), "");
}

TEST_F(OldStoreTest, TheErrorSaysWhatToDo) {
  const absl::Status error = RecoveryModeError("it is old");
  EXPECT_EQ(ReasonOf(error), "RECOVERY_MODE");
  EXPECT_EQ(error.message(),
            "the coordinator is in recovery mode and changes nothing, since it is old; run `drover "
            "doctor` to see what disagrees, and `drover doctor --adopt` to go on from what the "
            "nodes have");
}

}  // namespace
}  // namespace drover::coordinator
