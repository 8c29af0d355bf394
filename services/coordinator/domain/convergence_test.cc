#include "services/coordinator/domain/convergence.h"

#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <string>

namespace drover::coordinator {
namespace {

constexpr int64_t kMiB = 1 << 20;

Round Of(int64_t bytes, int milliseconds) {
  return Round{bytes, absl::Milliseconds(milliseconds), true};
}

// As the source would measure them: full rounds and increments of an application that writes at
// `write` MiB/s, over a link of `link` MiB/s, where a round that carries nothing takes 100 ms.
class Copying {
 public:
  explicit Copying(double link) : link_(link) {}

  void Full(double mib) { Add(mib, false); }
  // `pause`: how long the round was waited for.
  void Increment(double write, absl::Duration pause = absl::ZeroDuration()) {
    now_ += pause;
    Add(write * absl::ToDoubleSeconds(now_ - rounds.back().begin), true);
  }

  std::vector<Round> rounds;

 private:
  void Add(double mib, bool incremental) {
    const absl::Duration duration = absl::Milliseconds(100) + absl::Seconds(mib / link_);
    rounds.push_back({static_cast<int64_t>(mib * kMiB), duration, incremental, now_});
    now_ += duration;
  }

  const double link_;
  absl::Time now_ = absl::FromUnixSeconds(1000);
};

TEST(AnotherRoundPaysTest, ByTheRoundsSoFar) {
  struct Case {
    const char* what;
    std::vector<Round> rounds;
    bool pays;
  };
  const Case cases[] = {
      {"a small first round is enough", {Of(20'000, 40)}, false},
      {"a large first round is followed by another", {Of(300 * kMiB, 2000)}, true},
      // Right after a bulk copy the destination's write-back makes the next small round slow.
      {"so is a slow one that carried little", {Of(300 * kMiB, 2000), Of(20'000, 1400)}, true},
      {"and by no third", {Of(300 * kMiB, 2000), Of(20'000, 1400), Of(20'000, 40)}, false},
      {"rounds that halve go on", {Of(512 * kMiB, 8000), Of(256 * kMiB, 4000)}, true},
      {"also the tenth time",
       {Of(kMiB << 9, 128000), Of(kMiB << 8, 64000), Of(kMiB << 7, 32000), Of(kMiB << 6, 16000),
        Of(kMiB << 5, 8000), Of(kMiB << 4, 4000), Of(kMiB << 3, 2000)},
       true},
      {"until what is saved is less than a round's own cost",
       {Of(64 * kMiB, 1000), Of(32 * kMiB, 500)},
       false},
      {"the write-back may take several",
       {Of(300 * kMiB, 2000), Of(2 * kMiB, 900), Of(20'000, 500)},
       true},
      {"a machine so loaded that each small round is slow is not waited for long",
       {Of(64 * kMiB, 1000), Of(20'000, 600), Of(20'000, 600), Of(20'000, 600), Of(20'000, 600)},
       false},
      {"bursts that always promise less and never keep it",
       {Of(300 * kMiB, 9000), Of(20 * kMiB, 1000), Of(60 * kMiB, 2500), Of(20 * kMiB, 1000),
        Of(60 * kMiB, 2500), Of(20 * kMiB, 1000)},
       false},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(AnotherRoundPays(one.rounds), one.pays) << one.what;
  }
}

TEST(OutrunRoundsTest, CountsTheLastOnesAtFourFifthsOfTheCopysRate) {
  struct Case {
    double write;
    int outrun;
  };
  // Of 100 MiB/s, after a full round of 1000 MiB and three increments.
  for (const Case& one : {Case{10, 0}, Case{70, 0}, Case{85, 3}, Case{100, 3}, Case{150, 3}}) {
    Copying copying(100);
    copying.Full(1000);
    for (int i = 0; i < 3; ++i) copying.Increment(one.write);
    EXPECT_EQ(OutrunRounds(copying.rounds), one.outrun) << one.write;
  }
}

TEST(OutrunRoundsTest, ACalmRoundEndsTheRow) {
  Copying copying(100);
  copying.Full(1000);
  copying.Increment(120);
  copying.Increment(10);
  EXPECT_EQ(OutrunRounds(copying.rounds), 0);
  copying.Increment(120);
  EXPECT_EQ(OutrunRounds(copying.rounds), 1);
}

TEST(OutrunRoundsTest, ARoundThatCarriesNextToNothingSaysNothingOfTheLink) {
  EXPECT_EQ(OutrunRounds({Of(kMiB, 2000), Of(kMiB, 2000), Of(kMiB, 2000), Of(kMiB, 2000)}), 0);
  EXPECT_EQ(OutrunRounds({Of(9 * kMiB, 2000), Of(9 * kMiB, 2000), Of(9 * kMiB, 2000)}), 2);
}

TEST(OutrunRoundsTest, AFullRoundSaysNothingOfTheWriter) {
  std::vector<Round> rounds = {Of(90 * kMiB, 2000), Of(90 * kMiB, 2000)};
  rounds[1].incremental = false;
  EXPECT_EQ(OutrunRounds(rounds), 0);
  EXPECT_FALSE(RatesOf(rounds).has_value());
}

TEST(RatesOfTest, TakesThePauseBeforeTheRoundIntoAccount) {
  Copying copying(100);
  copying.Full(99.9 * 100);
  EXPECT_FALSE(RatesOf(copying.rounds).has_value());
  copying.Increment(40, absl::Seconds(100));
  EXPECT_NEAR(RatesOf(copying.rounds)->write / kMiB, 40, 0.1);
  EXPECT_NEAR(RatesOf(copying.rounds)->copy / kMiB, 100, 1);
  // Not noted by an older release: as if there had been no pause.
  for (Round& round : copying.rounds) round.begin = absl::InfinitePast();
  EXPECT_NEAR(RatesOf(copying.rounds)->write / kMiB, 80, 0.1);
}

// Copies as Converge() says until it says something else, at most 100 rounds.
struct Outcome {
  NextStep end;
  int rounds;
  int waits;
};
Outcome CopyUntilTheEnd(double link, std::function<double(int)> write,
                        std::optional<absl::Duration> budget = std::nullopt) {
  Copying copying(link);
  copying.Full(1000);
  int waits = 0;
  while (copying.rounds.size() < 100) {
    std::optional<bool> fits;
    if (budget.has_value()) fits = copying.rounds.back().duration <= *budget;
    const NextStep next = Converge(copying.rounds, fits, waits);
    absl::Duration pause;
    if (next == NextStep::kWaitForCalm) {
      ++waits;
      pause = CalmPause(copying.rounds);
    } else if (next != NextStep::kCopy) {
      return {next, static_cast<int>(copying.rounds.size()), waits};
    }
    copying.Increment(write(static_cast<int>(copying.rounds.size())), pause);
  }
  return {NextStep::kCopy, 100, waits};
}

TEST(ConvergeTest, AQuietApplicationIsCutOverAfterTwoRounds) {
  const Outcome outcome = CopyUntilTheEnd(100, [](int) { return 0.01; });
  EXPECT_EQ(outcome.end, NextStep::kCutOver);
  EXPECT_EQ(outcome.rounds, 2);
}

TEST(ConvergeTest, ABusyApplicationThatTheLinkCanFollowConverges) {
  const Outcome outcome = CopyUntilTheEnd(100, [](int) { return 60; });
  EXPECT_EQ(outcome.end, NextStep::kCutOver);
  EXPECT_EQ(outcome.waits, 0);
  EXPECT_GT(outcome.rounds, 3);
}

TEST(ConvergeTest, AWriterThatOutrunsTheLinkIsWaitedForAndThenGivenUp) {
  for (double write : {90, 100, 200}) {
    const Outcome outcome = CopyUntilTheEnd(100, [write](int) { return write; });
    EXPECT_EQ(outcome.end, NextStep::kGiveUpOutrun) << write;
    EXPECT_EQ(outcome.waits, 3) << write;
    EXPECT_EQ(outcome.rounds, 1 + 3 + 3) << write;
  }
}

TEST(ConvergeTest, AWriterThatCalmsDownIsCutOver) {
  // While it is waited for, what it writes piles up: the first calm round is long, and is not the
  // last.
  const Outcome outcome = CopyUntilTheEnd(100, [](int round) { return round < 6 ? 120 : 5; });
  EXPECT_EQ(outcome.end, NextStep::kCutOver);
  EXPECT_EQ(outcome.waits, 3);
  EXPECT_EQ(outcome.rounds, 1 + 5 + 2);
}

TEST(ConvergeTest, ALimitThatFitsIsTakenAtOnce) {
  EXPECT_EQ(Converge({Of(300 * kMiB, 2000), Of(64 * kMiB, 900)}, true, 0), NextStep::kCutOver);
  EXPECT_EQ(Converge({Of(300 * kMiB, 2000), Of(64 * kMiB, 900)}, false, 0), NextStep::kCopy);
}

TEST(ConvergeTest, ALimitIsAWayToMoveAWriterThatOutrunsTheLink) {
  const Outcome outcome = CopyUntilTheEnd(
      100, [](int) { return 90; }, /*budget=*/absl::Seconds(9.9));
  EXPECT_EQ(outcome.end, NextStep::kCutOver);
  EXPECT_EQ(outcome.waits, 0);
}

TEST(ConvergeTest, ALimitThatNoCopyingMeetsIsGivenUp) {
  const Outcome outcome = CopyUntilTheEnd(
      100, [](int) { return 1; }, /*budget=*/absl::Milliseconds(1));
  EXPECT_EQ(outcome.end, NextStep::kGiveUpLimit);
  EXPECT_EQ(outcome.rounds, 2);
}

TEST(ConvergeTest, EndsWhateverTheApplicationDoes) {
  std::mt19937 random(7);
  for (int run = 0; run < 300; ++run) {
    std::uniform_real_distribution<double> rate(0, 20 + run);
    std::optional<absl::Duration> budget;
    if (run % 3 == 0) budget = absl::Milliseconds(1);
    const Outcome outcome = CopyUntilTheEnd(
        100, [&](int) { return rate(random); }, budget);
    EXPECT_NE(outcome.end, NextStep::kCopy) << "run " << run;
    EXPECT_LE(outcome.waits, 3);
  }
}

TEST(CalmPauseTest, IsAsLongAsTheLastRoundWithinReason) {
  EXPECT_EQ(CalmPause({Of(1, 100)}), absl::Seconds(5));
  EXPECT_EQ(CalmPause({Of(1, 20'000)}), absl::Seconds(20));
  EXPECT_EQ(CalmPause({Of(1, 2'000'000)}), absl::Minutes(1));
}

}  // namespace
}  // namespace drover::coordinator
