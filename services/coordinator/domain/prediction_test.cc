#include "services/coordinator/domain/prediction.h"

#include <gtest/gtest.h>

namespace drover::coordinator {
namespace {

constexpr int64_t kMiB = 1 << 20;
const absl::Time kNow = absl::FromUnixSeconds(1000);

std::vector<absl::Duration> Ms(std::vector<int> values) {
  std::vector<absl::Duration> durations;
  for (int value : values) durations.push_back(absl::Milliseconds(value));
  return durations;
}

// Of 20 moves that all took the same: 500 ms, without a delta.
CutoverHistory Steady() {
  CutoverHistory history;
  auto always = [](int ms) { return std::vector<absl::Duration>(20, absl::Milliseconds(ms)); };
  history.stop = always(200);
  history.ready = always(100);
  history.snapshot = always(50);
  history.floor = always(80);
  history.commit = always(10);
  history.activate = always(40);
  history.route = always(20);
  history.bytes_per_second = std::vector<double>(20, 100 * kMiB);
  return history;
}

int64_t ToMs(absl::Duration duration) {
  return absl::ToInt64Milliseconds(duration + absl::Microseconds(500));
}

TEST(PredictTest, WithoutAnyMeasurementItIsAssumed) {
  const Prediction prediction = Predict(CutoverHistory(), {}, false, kNow);
  EXPECT_EQ(ToMs(prediction.expected), 595);
  EXPECT_EQ(ToMs(prediction.p95), 1500);
  EXPECT_EQ(prediction.measured, 0);
}

TEST(PredictTest, ARestartThatWasNeverMeasuredIsAssumed) {
  const Prediction prediction = PredictRestart({}, CutoverHistory());
  EXPECT_EQ(ToMs(prediction.expected), 800);
  EXPECT_EQ(ToMs(prediction.p95), 1750);
  EXPECT_EQ(prediction.measured, 0);
}

TEST(PredictTest, MovesHaveShownHowTheApplicationStopsAndGetsReady) {
  const Prediction prediction = PredictRestart({}, Steady());
  EXPECT_EQ(ToMs(prediction.expected), 200 + 350 + 100);
  // The new container is assumed still.
  EXPECT_EQ(prediction.measured, 0);
}

TEST(PredictTest, ARestartTakesWhatRestartsHaveTaken) {
  const Prediction prediction = PredictRestart(Ms({700, 900, 800}), Steady());
  EXPECT_EQ(ToMs(prediction.expected), 800);
  EXPECT_EQ(ToMs(prediction.p95), 1050);
  EXPECT_EQ(prediction.measured, 3);
}

TEST(PredictTest, AddsUpTheParts) {
  const Prediction prediction = Predict(Steady(), {}, false, kNow);
  EXPECT_EQ(ToMs(prediction.expected), 500);
  EXPECT_EQ(ToMs(prediction.p95), 500);
  EXPECT_EQ(prediction.measured, 20);
}

TEST(PredictTest, EachPartCounts) {
  struct Case {
    const char* what;
    std::vector<absl::Duration> CutoverHistory::*part;
  };
  for (const Case& one : {Case{"stop", &CutoverHistory::stop},
                          {"ready", &CutoverHistory::ready},
                          {"snapshot", &CutoverHistory::snapshot},
                          {"floor", &CutoverHistory::floor},
                          {"commit", &CutoverHistory::commit},
                          {"activate", &CutoverHistory::activate},
                          {"route", &CutoverHistory::route}}) {
    CutoverHistory history = Steady();
    for (absl::Duration& measured : history.*one.part) measured += absl::Seconds(1);
    EXPECT_EQ(ToMs(Predict(history, {}, false, kNow).expected), 1500) << one.what;
  }
}

TEST(PredictTest, TheFewerMeasurementsTheFurtherThePercentileIsFromThem) {
  struct Case {
    std::vector<absl::Duration> stop;
    int64_t expected;
    int64_t p95;
  };
  std::vector<absl::Duration> twenty(20, absl::Milliseconds(300));
  twenty[7] = absl::Milliseconds(900);
  const Case cases[] = {
      {Ms({300}), 300, 450},
      {Ms({300, 400}), 400, 500},
      {Ms({500, 300, 400, 300, 300}), 300, 550},
      // The one that was so slow is the twentieth.
      {twenty, 300, 300},
  };
  for (const Case& one : cases) {
    CutoverHistory history = Steady();
    history.stop = one.stop;
    const Prediction prediction = Predict(history, {}, false, kNow);
    EXPECT_EQ(ToMs(prediction.expected), 300 + one.expected) << one.stop.size();
    EXPECT_EQ(ToMs(prediction.p95), 300 + one.p95) << one.stop.size();
  }
}

// A full round of 1000 MiB, then an increment of 100 MiB written in the 10 s of the first: 10 MiB/s
// over a link of 100 MiB/s.
std::vector<Round> TwoRounds() {
  return {{1000 * kMiB, absl::Seconds(10), false, kNow - absl::Seconds(11)},
          {100 * kMiB, absl::Seconds(1), true, kNow - absl::Seconds(1)}};
}

TEST(PredictTest, TheDeltaIsWhatIsWrittenUntilTheStop) {
  // 1 s of round and 0.2 s of stop: 12 MiB, 120 ms, where the floor is 80 ms.
  EXPECT_EQ(ToMs(Predict(Steady(), TwoRounds(), false, kNow).expected), 540);
  // Nine seconds later it is 102 MiB.
  EXPECT_EQ(ToMs(Predict(Steady(), TwoRounds(), false, kNow + absl::Seconds(9)).expected), 1440);
}

TEST(PredictTest, ASmallDeltaCostsTheFloor) {
  std::vector<Round> rounds = TwoRounds();
  rounds[1].bytes = 1000;
  EXPECT_EQ(ToMs(Predict(Steady(), rounds, false, kNow).expected), 500);
}

TEST(PredictTest, ThisMovesOwnRoundsTellMoreOfTheLinkThanHistory) {
  CutoverHistory history = Steady();
  history.bytes_per_second = {10 * kMiB};
  EXPECT_EQ(ToMs(Predict(history, TwoRounds(), false, kNow).expected), 540);
}

TEST(PredictTest, RoundsThatWereSlowedDoNotTellOfTheLink) {
  CutoverHistory history = Steady();
  history.bytes_per_second = {10 * kMiB};
  // 12 MiB at 10 MiB/s, in place of the floor.
  EXPECT_EQ(ToMs(Predict(history, TwoRounds(), true, kNow).expected), 420 + 1200);
  history.bytes_per_second.clear();
  EXPECT_EQ(ToMs(Predict(history, TwoRounds(), true, kNow).expected), 420 + 120);
}

TEST(PredictTest, AWriterThatIsNotKnownMayWriteAllOfItAgain) {
  std::vector<Round> rounds = TwoRounds();
  rounds.pop_back();
  EXPECT_EQ(ToMs(Predict(Steady(), rounds, false, kNow).expected), 420 + 10'000);
}

TEST(PredictTest, WhatTheApplicationWritesBecauseItIsStoppedIsPartOfTheDelta) {
  CutoverHistory history = Steady();
  history.shutdown_bytes = std::vector<int64_t>(20, 100 * kMiB);
  EXPECT_EQ(ToMs(Predict(history, {}, false, kNow).expected), 420 + 1000);
  EXPECT_EQ(ToMs(Predict(history, TwoRounds(), false, kNow).expected), 420 + 1120);
}

}  // namespace
}  // namespace drover::coordinator
