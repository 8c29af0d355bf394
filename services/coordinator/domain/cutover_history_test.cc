#include "services/coordinator/domain/cutover_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace drover::coordinator {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kMiB = 1 << 20;

// A move that took `scale` times what is written here.
MigrationRecord Moved(const std::string& application, const std::string& source,
                      const std::string& destination, int scale = 1) {
  MigrationRecord record;
  record.application = ApplicationName(application);
  record.source = NodeName(source);
  record.destination = NodeName(destination);
  record.state = MigrationState::kDone;
  record.interruption = absl::Seconds(1);
  for (const auto& [name, ms] : std::vector<std::pair<std::string, int>>{{"copy", 9000},
                                                                         {"stop", 1},
                                                                         {"seal", 2},
                                                                         {"delta", 3},
                                                                         {"prepare", 4},
                                                                         {"commit", 5},
                                                                         {"activate", 6},
                                                                         {"ready", 7},
                                                                         {"route", 8}}) {
    record.phases.push_back({name, absl::Milliseconds(ms * scale)});
  }
  record.rounds = {{100 * kMiB, absl::Seconds(2), false}, {1000, absl::Milliseconds(30), true}};
  record.final_bytes = 1500;
  return record;
}

class HistoryTest : public ::testing::Test {
 protected:
  CutoverHistory Read() {
    std::vector<const MigrationRecord*> journal;
    for (const MigrationRecord& record : records_) journal.push_back(&record);
    return HistoryOf(journal, ApplicationName("redis"), NodeName("node1"), NodeName("node2"));
  }
  std::vector<MigrationRecord> records_;
};

TEST_F(HistoryTest, TakesEachPartFromItsPhase) {
  records_ = {Moved("redis", "node1", "node2")};
  const CutoverHistory history = Read();
  EXPECT_THAT(history.stop, ElementsAre(absl::Milliseconds(1)));
  EXPECT_THAT(history.snapshot, ElementsAre(absl::Milliseconds(2)));
  EXPECT_THAT(history.floor, ElementsAre(absl::Milliseconds(7)));
  EXPECT_THAT(history.commit, ElementsAre(absl::Milliseconds(5)));
  EXPECT_THAT(history.activate, ElementsAre(absl::Milliseconds(6)));
  EXPECT_THAT(history.ready, ElementsAre(absl::Milliseconds(7)));
  EXPECT_THAT(history.route, ElementsAre(absl::Milliseconds(8)));
  EXPECT_THAT(history.bytes_per_second, ElementsAre(50.0 * kMiB));
  EXPECT_THAT(history.shutdown_bytes, ElementsAre(500));
}

TEST_F(HistoryTest, StopAndReadyAreTheApplicationsTheRestIsTheLinks) {
  records_ = {Moved("redis", "node2", "node3", 10), Moved("web", "node1", "node2", 100)};
  const CutoverHistory history = Read();
  EXPECT_THAT(history.stop, ElementsAre(absl::Milliseconds(10)));
  EXPECT_THAT(history.ready, ElementsAre(absl::Milliseconds(70)));
  EXPECT_THAT(history.snapshot, ElementsAre(absl::Milliseconds(200)));
  EXPECT_THAT(history.route, ElementsAre(absl::Milliseconds(800)));
}

TEST_F(HistoryTest, ALinkWithoutAMoveIsTakenToBeLikeTheOthers) {
  records_ = {Moved("web", "node3", "node1", 10)};
  const CutoverHistory history = Read();
  EXPECT_THAT(history.stop, IsEmpty());
  EXPECT_THAT(history.snapshot, ElementsAre(absl::Milliseconds(20)));
}

TEST_F(HistoryTest, OnlyTheNewestTwentyCount) {
  for (int i = 0; i < 25; ++i) records_.push_back(Moved("redis", "node1", "node2", i + 1));
  const CutoverHistory history = Read();
  EXPECT_THAT(history.stop, SizeIs(20));
  EXPECT_EQ(*std::min_element(history.stop.begin(), history.stop.end()), absl::Milliseconds(6));
}

TEST_F(HistoryTest, AMoveWithoutAMeasuredInterruptionSaysNothing) {
  records_ = {Moved("redis", "node1", "node2")};
  records_[0].interruption = std::nullopt;
  EXPECT_THAT(Read().stop, IsEmpty());
  EXPECT_THAT(Read().snapshot, IsEmpty());
}

TEST_F(HistoryTest, APhaseThatNobodyMeasuredIsLeftOut) {
  records_ = {Moved("redis", "node1", "node2")};
  records_[0].phases.clear();
  EXPECT_THAT(Read().stop, IsEmpty());
  EXPECT_THAT(Read().floor, IsEmpty());
}

TEST_F(HistoryTest, WhatWasSlowedSaysNothingOfTheLinkButTheFinalDeltaDoes) {
  records_ = {Moved("redis", "node1", "node2")};
  records_[0].options.bandwidth_bytes_per_second = 50 * kMiB;
  EXPECT_THAT(Read().bytes_per_second, IsEmpty());
  records_[0].final_bytes = 30 * kMiB;
  EXPECT_THAT(Read().bytes_per_second, ElementsAre(::testing::DoubleNear(10'000.0 * kMiB, 1)));
  // Nor does so large a delta say what one costs that carries nothing.
  EXPECT_THAT(Read().floor, IsEmpty());
}

}  // namespace
}  // namespace drover::coordinator
