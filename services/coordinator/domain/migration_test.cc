#include "services/coordinator/domain/migration.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace drover::coordinator {
namespace {

constexpr int64_t kMiB = 1 << 20;
const absl::Time kNow = absl::FromUnixSeconds(1000);

MigrationRecord Requested() {
  MigrationRecord record;
  record.id = MigrationId("m1");
  record.application = ApplicationName("redis");
  record.source = NodeName("node1");
  record.destination = NodeName("node2");
  record.generation = Generation(7);
  record.source_generation = Generation(3);
  record.source_running = true;
  record.spec.image = "redis:7";
  record.source_spec.image = "redis:6";
  record.create_time = kNow;
  return record;
}

MigrationRecord In(MigrationState state) {
  MigrationRecord record = Requested();
  record.state = state;
  record.rounds = {Round{100, absl::Milliseconds(10), false}};
  record.cutover_start = kNow;
  return record;
}

Round Large() { return Round{300 * kMiB, absl::Seconds(2), false}; }
Round Small() { return Round{1000, absl::Milliseconds(20), true}; }

std::string Names(const std::vector<Command>& commands) {
  std::string names;
  for (const Command& command : commands) {
    if (!names.empty()) names += " ";
    names += CommandName(command);
  }
  return names;
}

std::vector<Event> AllEvents() {
  return {event::Admitted{},
          event::Staged{StartId("s"), ContainerId("c")},
          event::RoundCopied{Small()},
          event::RoundCopied{Large()},
          event::Proceed{kNow},
          event::Sealed{{SnapshotRef{"final", "uuid", "m1"}}, kNow},
          event::Prepared{42},
          event::DowntimeExceeded{kNow + absl::Hours(1)},
          event::Activated{StartId("s"), ContainerId("c")},
          event::Routed{kNow + absl::Seconds(1)},
          event::NotReady{"it exited"},
          event::Retired{},
          event::Finished{kNow, MigrationId("m2"), Generation(8)},
          event::Undone{kNow},
          event::Failed{"the pool is full"},
          event::CancelRequested{"user/ann"},
          event::GivenUp{kNow, "user/ann"}};
}

TEST(DecideTest, TheStraightWay) {
  MigrationRecord record = Requested();
  const std::vector<std::pair<Event, std::string>> steps = {
      {event::Admitted{}, "EnsureImage StageContainer"},
      {event::Staged{StartId("s"), ContainerId("c")}, "PushRound"},
      {event::RoundCopied{Large()}, ""},
      {event::Proceed{kNow}, "PushRound"},
      {event::RoundCopied{Small()}, ""},
      {event::Proceed{kNow}, "SetHold Seal"},
      {event::Sealed{{SnapshotRef{"final", "uuid", "m1"}}, kNow + absl::Seconds(1)},
       "PushFinal Prepare"},
      {event::Prepared{42}, ""},
      {event::Proceed{kNow}, "Activate"},
      {event::Activated{StartId("s"), ContainerId("c")}, "AwaitReady ApplyRoutes ReleaseHold"},
      {event::Routed{kNow + absl::Seconds(2)}, "RetireSource RemoveSourceContainer"},
      {event::Retired{}, "FinishDestination"},
      {event::Finished{kNow, MigrationId("m2"), Generation(8)}, ""},
  };
  EXPECT_EQ(Names(Resume(record)), "CheckAdmission LockSource ReserveDestination");
  for (const auto& [event, commands] : steps) {
    absl::StatusOr<Decision> decision = Decide(record, event);
    ASSERT_TRUE(decision.ok()) << decision.status() << " in " << MigrationStateName(record.state);
    EXPECT_EQ(Names(decision->commands), commands) << MigrationStateName(decision->next.state);
    EXPECT_FALSE(decision->follow_up.has_value());
    record = decision->next;
  }
  EXPECT_EQ(record.state, MigrationState::kDone);
  EXPECT_EQ(record.rounds.size(), 2u);
  EXPECT_EQ(record.final_bytes, 42);
  EXPECT_EQ(record.snapshots[0].identity, "uuid");
  EXPECT_EQ(record.interruption, absl::Seconds(1));
  EXPECT_EQ(record.error, "");
}

TEST(DecideTest, RoundsAreNumberedByTheJournal) {
  MigrationRecord record = In(MigrationState::kCopying);
  record.rounds = {Large(), Large()};
  EXPECT_EQ(std::get<command::PushRound>(Resume(record)[0]).round, 3);
}

// Which states each event is accepted in, and the state it leads to; all others are refused.
TEST(DecideTest, EveryStateAndEveryEvent) {
  using S = MigrationState;
  auto expected = [](S state, const Event& event) -> std::optional<S> {
    const bool before_commit = state < S::kCommitted;
    auto when = [&](S from, S to) { return state == from ? std::optional<S>(to) : std::nullopt; };
    if (std::holds_alternative<event::Failed>(event)) {
      if (before_commit) return S::kAborting;
      if (state == S::kDone || state == S::kAborted) return std::nullopt;
      return state;
    }
    if (std::holds_alternative<event::CancelRequested>(event)) {
      if (before_commit || state == S::kAborting) return S::kAborting;
      return std::nullopt;
    }
    if (std::holds_alternative<event::GivenUp>(event)) {
      if (state >= S::kCommitted && state <= S::kRetired) return S::kDone;
      return when(S::kAborting, S::kAborted);
    }
    if (std::holds_alternative<event::Admitted>(event)) return when(S::kRequested, S::kAdmitted);
    if (std::holds_alternative<event::Staged>(event)) return when(S::kAdmitted, S::kCopying);
    if (std::holds_alternative<event::RoundCopied>(event)) return when(S::kCopying, S::kCopied);
    if (std::holds_alternative<event::Proceed>(event)) {
      if (state == S::kCopied) return S::kQuiescing;
      return when(S::kPrepared, S::kCommitted);
    }
    if (std::holds_alternative<event::Sealed>(event)) return when(S::kQuiescing, S::kSealed);
    if (std::holds_alternative<event::Prepared>(event)) return when(S::kSealed, S::kPrepared);
    // Nothing was promised.
    if (std::holds_alternative<event::DowntimeExceeded>(event)) return std::nullopt;
    if (std::holds_alternative<event::Activated>(event)) return when(S::kCommitted, S::kActive);
    if (std::holds_alternative<event::Routed>(event)) return when(S::kActive, S::kRouted);
    if (std::holds_alternative<event::NotReady>(event)) return when(S::kActive, S::kActive);
    if (std::holds_alternative<event::Retired>(event)) return when(S::kRouted, S::kRetired);
    if (std::holds_alternative<event::Finished>(event)) return when(S::kRetired, S::kDone);
    return when(S::kAborting, S::kAborted);
  };
  for (S state : kAllMigrationStates) {
    for (const Event& event : AllEvents()) {
      SCOPED_TRACE(std::string(MigrationStateName(state)) + " event " +
                   std::to_string(event.index()));
      const MigrationRecord record = In(state);
      absl::StatusOr<Decision> decision = Decide(record, event);
      std::optional<S> next = expected(state, event);
      ASSERT_EQ(decision.ok(), next.has_value());
      if (!next.has_value()) {
        EXPECT_EQ(decision.status().code(), absl::StatusCode::kFailedPrecondition);
        continue;
      }
      EXPECT_EQ(decision->next.state, *next) << MigrationStateName(decision->next.state);
      EXPECT_EQ(Names(decision->commands), Names(Resume(decision->next)));
      EXPECT_EQ(decision->next.id, record.id);
      EXPECT_EQ(decision->next.generation, record.generation);
    }
  }
}

TEST(DecideTest, AnAbortBeforeTheSealLeavesTheApplicationAlone) {
  absl::StatusOr<Decision> decision =
      Decide(In(MigrationState::kCopying), event::Failed{"the pool is full"});
  ASSERT_TRUE(decision.ok());
  EXPECT_EQ(Names(decision->commands), "AbortSource AbortDestination");
  decision = Decide(decision->next, event::Undone{kNow});
  EXPECT_EQ(decision->next.error, "the pool is full; redis runs on node1 as before");
  EXPECT_EQ(decision->next.end_time, kNow);
}

TEST(DecideTest, AnAbortAfterTheSealStartsTheSourceBeforeHeldConnectionsGoOn) {
  MigrationRecord record = In(MigrationState::kPrepared);
  record.seal_requested = true;
  absl::StatusOr<Decision> decision = Decide(record, event::CancelRequested{"user/ann"});
  ASSERT_TRUE(decision.ok());
  EXPECT_EQ(Names(decision->commands), "AbortSource StartAtSource ReleaseHold AbortDestination");
  EXPECT_EQ(decision->next.error, "cancelled by user/ann");
}

TEST(DecideTest, AnAbortDoesNotStartWhatWasStopped) {
  MigrationRecord record = In(MigrationState::kSealed);
  record.seal_requested = true;
  record.source_running = false;
  absl::StatusOr<Decision> decision = Decide(record, event::Failed{"x"});
  EXPECT_EQ(Names(decision->commands), "AbortSource ReleaseHold AbortDestination");
  decision = Decide(decision->next, event::Undone{kNow});
  EXPECT_EQ(decision->next.error, "x; redis is stopped and its data is on node1 as before");
}

TEST(DecideTest, AnAbortedMoveSaysWhatIsNotAsBefore) {
  MigrationRecord record = In(MigrationState::kAborting);
  record.error = "x";
  EXPECT_EQ(Decide(record, event::Undone{kNow, true})->next.error,
            "x; redis stays on node1, which does not answer");
  EXPECT_TRUE(Decide(record, event::Undone{kNow, true})->next.source_pending);
  EXPECT_TRUE(Decide(record, event::Undone{kNow, true})->is_as_before);
  EXPECT_TRUE(Decide(record, event::Undone{kNow})->is_as_before);
  EXPECT_FALSE(Decide(record, event::Undone{kNow, false, false, "it ended"})->is_as_before);
  EXPECT_EQ(Decide(record, event::Undone{kNow, false, false, "it ended"})->next.error,
            "x; redis was started again on node1, with its data, but did not get ready: it ended");
  EXPECT_FALSE(Decide(record, event::Undone{kNow, false, false, "it ended"})->next.start_pending);
  const event::Undone pending{kNow, false, false, "no such image", true};
  EXPECT_TRUE(Decide(record, pending)->next.start_pending);
  EXPECT_EQ(Decide(record, pending)->next.error,
            "x; redis is stopped and its data is on node1, where it could not be started again, "
            "which is still being tried: "
            "no such image");
}

TEST(DecideTest, ARouteThatANodeRefusesIsSaidAtTheEnd) {
  absl::StatusOr<Decision> decision =
      Decide(In(MigrationState::kActive), event::Routed{kNow, "node3 refused its routes: x"});
  EXPECT_EQ(decision->next.state, MigrationState::kRouted);
  EXPECT_EQ(decision->next.error,
            "redis runs on node2, but not every node leads to it: node3 refused its routes: x");
}

TEST(DecideTest, ARouteThatIsRefusedAfterAnAbortIsNoFailedStart) {
  MigrationRecord record = In(MigrationState::kAborting);
  record.error = "x";
  event::Undone undone{kNow};
  undone.route_refusal = "node3 refused its routes: y";
  EXPECT_EQ(Decide(record, undone)->next.error,
            "x; redis runs on node1, but not every node leads to it: node3 refused its routes: y");
}

TEST(DecideTest, ASealThatWasBegunBeforeARestartKeepsTheBeginOfTheInterruption) {
  absl::StatusOr<Decision> decision = Decide(In(MigrationState::kQuiescing), event::Sealed{});
  EXPECT_EQ(decision->next.cutover_start, kNow);
}

// A move that promised an interruption of at most a second; 20 earlier ones took 500 ms each.
class PromiseTest : public ::testing::Test {
 protected:
  PromiseTest() {
    record_ = Requested();
    record_.options.max_downtime = absl::Seconds(1);
    auto always = [](int ms) { return std::vector<absl::Duration>(20, absl::Milliseconds(ms)); };
    history_.stop = always(200);
    history_.ready = always(100);
    history_.snapshot = always(50);
    history_.floor = always(80);
    history_.commit = always(10);
    history_.activate = always(40);
    history_.route = always(20);
    history_.bytes_per_second = std::vector<double>(20, 100.0 * kMiB);
  }

  void Apply(const Event& event) {
    absl::StatusOr<Decision> decision = Decide(record_, event);
    ASSERT_TRUE(decision.ok()) << decision.status();
    record_ = decision->next;
    commands_ = Names(decision->commands);
  }
  // In QUIESCING since kNow.
  void CutOver() {
    record_.state = MigrationState::kCopied;
    record_.rounds = {Small()};
    record_.rounds[0].begin = kNow;
    Apply(event::Proceed{kNow, history_, {}});
    ASSERT_EQ(record_.state, MigrationState::kQuiescing);
  }

  MigrationRecord record_;
  CutoverHistory history_;
  std::string commands_;
};

TEST_F(PromiseTest, IsBegunIfItWillBeKept) {
  Apply(event::Admitted{kNow, history_});
  EXPECT_EQ(record_.state, MigrationState::kAdmitted);
  EXPECT_EQ(record_.prediction->p95, absl::Milliseconds(500));
  CutOver();
  EXPECT_EQ(record_.prediction->expected, absl::Milliseconds(500));
}

TEST_F(PromiseTest, IsNotBegunIfNoCutOverIsSoShort) {
  record_.options.max_downtime = absl::Milliseconds(499);
  Apply(event::Admitted{kNow, history_});
  EXPECT_EQ(record_.state, MigrationState::kAborting);
  EXPECT_EQ(commands_, "AbortSource AbortDestination");
  EXPECT_EQ(
      record_.error,
      "the interruption would be about 500ms, and up to 500ms in 19 moves of 20 (measured in 20 "
      "moves), which is longer than the 499ms allowed, so it was not begun; allow 500ms, or "
      "move it without a limit");
  EXPECT_FALSE(record_.missed);
}

TEST_F(PromiseTest, SaysWhenItRestsOnAssumptions) {
  record_.options.max_downtime = absl::Milliseconds(1);
  Apply(event::Admitted{kNow, CutoverHistory()});
  EXPECT_EQ(
      record_.error,
      "the interruption would be about 595ms, and up to 1.5s in 19 moves of 20 (assumed, since no "
      "move of it has been measured yet), which is longer than the 1ms allowed, so it was "
      "not begun; allow 1.5s, or move it without a limit");
}

TEST_F(PromiseTest, CopiesUntilTheDeltaFitsAndGivesUpIfItNeverDoes) {
  // 80 MiB/s are written while 100 MiB/s are copied.
  record_.state = MigrationState::kCopied;
  record_.rounds = {{1000 * kMiB, absl::Seconds(10), false, kNow - absl::Seconds(16)},
                    {600 * kMiB, absl::Seconds(6), true, kNow - absl::Seconds(6)}};
  Apply(event::Proceed{kNow, history_, {}});
  EXPECT_EQ(commands_, "PushRound");
  record_.state = MigrationState::kCopied;
  record_.rounds = {{1000 * kMiB, absl::Seconds(10), false, kNow - absl::Seconds(16)},
                    {32 * kMiB, absl::Milliseconds(600), true, kNow - absl::Milliseconds(600)}};
  record_.options.max_downtime = absl::Milliseconds(500);
  Apply(event::Proceed{kNow + absl::Seconds(20), history_, {}});
  EXPECT_EQ(record_.state, MigrationState::kAborting);
  EXPECT_EQ(commands_, "AbortSource AbortDestination");
  EXPECT_NE(record_.error.find("longer than the 500ms allowed"), std::string::npos);
}

TEST_F(PromiseTest, IsUndoneOnceItIsBrokenBeforeCommit) {
  const absl::Time late = kNow + absl::Milliseconds(1001);
  struct Case {
    MigrationState state;
    Event event;
  };
  for (const Case& one : {Case{MigrationState::kQuiescing, event::Sealed{{}, kNow, late}},
                          Case{MigrationState::kSealed, event::Prepared{42, late}},
                          Case{MigrationState::kPrepared, event::Proceed{late, {}, {}}},
                          Case{MigrationState::kQuiescing, event::DowntimeExceeded{late}},
                          Case{MigrationState::kSealed, event::DowntimeExceeded{late}},
                          Case{MigrationState::kPrepared, event::DowntimeExceeded{late}}}) {
    CutOver();
    record_.state = one.state;
    Apply(one.event);
    EXPECT_EQ(record_.state, MigrationState::kAborting) << MigrationStateName(one.state);
    EXPECT_EQ(commands_, "AbortSource StartAtSource ReleaseHold AbortDestination");
    EXPECT_EQ(record_.error,
              "redis had been interrupted for 1.001s, longer than the 1s allowed, before the move "
              "could be committed, so it was undone");
    EXPECT_TRUE(record_.missed);
    record_ = Requested();
    record_.options.max_downtime = absl::Seconds(1);
  }
}

TEST_F(PromiseTest, IsNotUndoneInTimeNorAfterCommit) {
  CutOver();
  Apply(event::Sealed{{}, kNow, kNow + absl::Milliseconds(400)});
  Apply(event::Prepared{42, kNow + absl::Milliseconds(600)});
  Apply(event::Proceed{kNow + absl::Milliseconds(1000), {}, {}});
  EXPECT_EQ(record_.state, MigrationState::kCommitted);
  EXPECT_FALSE(Decide(record_, event::DowntimeExceeded{kNow + absl::Hours(1)}).ok());
  record_.state = MigrationState::kActive;
  Apply(event::Routed{kNow + absl::Milliseconds(1300)});
  EXPECT_EQ(record_.interruption, absl::Milliseconds(1300));
  EXPECT_TRUE(record_.missed);
  EXPECT_EQ(record_.error, "");
}

TEST_F(PromiseTest, IsKeptIfItIsNoLonger) {
  CutOver();
  record_.state = MigrationState::kActive;
  Apply(event::Routed{kNow + absl::Seconds(1)});
  EXPECT_FALSE(record_.missed);
}

TEST_F(PromiseTest, IsNothingForWhatIsStopped) {
  record_.source_running = false;
  record_.options.max_downtime = absl::Milliseconds(1);
  Apply(event::Admitted{kNow, history_});
  EXPECT_EQ(record_.state, MigrationState::kAdmitted);
  EXPECT_FALSE(record_.prediction.has_value());
  record_.state = MigrationState::kCopied;
  record_.rounds = {Large()};
  Apply(event::Proceed{kNow, history_, {}});
  Apply(event::Sealed{{}, kNow, kNow + absl::Hours(1)});
  EXPECT_EQ(record_.state, MigrationState::kSealed);
}

// An application that writes as fast as the copy goes: every increment takes 2 s.
class OutrunTest : public ::testing::Test {
 protected:
  OutrunTest() {
    record_ = Requested();
    record_.options.bandwidth_bytes_per_second = 5 * kMiB;
    record_.state = MigrationState::kCopied;
    record_.rounds = {{10 * kMiB, absl::Seconds(2), false}};
    for (int i = 0; i < 3; ++i) Copied();
  }
  void Copied() { record_.rounds.push_back({10 * kMiB, absl::Seconds(2), true}); }

  MigrationRecord record_;
};

TEST_F(OutrunTest, IsWaitedForThreeTimesAndThenGivenUpWithTheNumbers) {
  for (int wait = 1; wait <= 3; ++wait) {
    absl::StatusOr<Decision> decision = Decide(record_, event::Proceed{kNow, {}, {}});
    ASSERT_TRUE(decision.ok());
    EXPECT_EQ(Names(decision->commands), "WaitForCalm PushRound");
    EXPECT_EQ(std::get<command::WaitForCalm>(decision->commands[0]).pause, absl::Seconds(5));
    EXPECT_EQ(decision->next.calm_waits, wait);
    decision = Decide(decision->next, event::RoundCopied{record_.rounds.back()});
    record_ = decision->next;
    EXPECT_EQ(record_.pause, absl::ZeroDuration());
  }
  absl::StatusOr<Decision> decision = Decide(record_, event::Proceed{kNow, {}, {}});
  EXPECT_EQ(Names(decision->commands), "AbortSource AbortDestination");
  EXPECT_TRUE(decision->next.error.starts_with(
      "redis writes 5.0MB/s and the copy to node2 moves 5.0MB/s, so 7 rounds did not catch up, and "
      "it did not calm down in 3 pauses; it was not interrupted: allow more bandwidth, "
      "move it when it writes less, or allow an interruption of "))
      << decision->next.error;
}

TEST_F(OutrunTest, ALimitThatItFitsLetsItGo) {
  record_.options.max_downtime = absl::Minutes(1);
  for (Round& round : record_.rounds) round.begin = kNow - absl::Seconds(2);
  EXPECT_EQ(Names(Decide(record_, event::Proceed{kNow, {}, {}})->commands), "SetHold Seal");
}

TEST_F(OutrunTest, AReturnIsNotGivenUp) {
  record_.return_of = MigrationId("m0");
  EXPECT_EQ(Names(Decide(record_, event::Proceed{kNow, {}, {}})->commands), "SetHold Seal");
}

class TurnTest : public ::testing::Test {
 protected:
  TurnTest() {
    record_ = In(MigrationState::kCopied);
    record_.rounds = {Small()};
    record_.rounds[0].begin = kNow;
    record_.rounds[0].incremental = true;
  }

  // What follows a wait for its turn that lasted so long.
  Decision After(absl::Duration wait) {
    absl::StatusOr<Decision> decision = Decide(record_, event::Proceed{kNow, {}, true});
    EXPECT_EQ(Names(decision->commands), "AwaitTurn");
    return *Decide(decision->next, event::Proceed{kNow + wait, {}, false});
  }

  MigrationRecord record_;
};

TEST_F(TurnTest, AShortWaitIsFollowedByTheCutover) {
  EXPECT_EQ(Names(After(absl::Seconds(4)).commands), "SetHold Seal");
}

TEST_F(TurnTest, ALongWaitIsFollowedByAnotherRound) {
  const Decision decision = After(absl::Seconds(6));
  EXPECT_EQ(Names(decision.commands), "PushRound");
  absl::StatusOr<Decision> next = Decide(decision.next, event::RoundCopied{Small()});
  next = Decide(next->next, event::Proceed{kNow + absl::Seconds(7), {}, false});
  EXPECT_EQ(Names(next->commands), "SetHold Seal");
}

TEST_F(TurnTest, AnApplicationThatWritesMuchCopiesOnceMoreAfterAShortWait) {
  record_.rounds.push_back(record_.rounds[0]);
  record_.rounds[0].begin = kNow - absl::Milliseconds(100);
  record_.rounds[1].bytes = 500'000;
  EXPECT_EQ(Names(After(absl::Milliseconds(500)).commands), "SetHold Seal");
  EXPECT_EQ(Names(After(absl::Seconds(2)).commands), "PushRound");
}

// Twenty that are moved at once slow each other's rounds down.
TEST_F(TurnTest, AWaitTakesThePlaceOfAnotherSmallRound) {
  record_.rounds[0].duration = absl::Seconds(2);
  EXPECT_EQ(Names(Decide(record_, event::Proceed{kNow, {}, false})->commands), "PushRound");
  EXPECT_EQ(Names(After(absl::Seconds(4)).commands), "SetHold Seal");
}

TEST_F(TurnTest, AWaitThatIsShorterThanASlowRoundDoesNotTakeItsPlace) {
  record_.rounds[0].duration = absl::Seconds(2);
  EXPECT_EQ(Names(After(absl::Milliseconds(2020)).commands), "PushRound");
}

TEST_F(TurnTest, AWaitDoesNotKeepAPromiseThatRoundsWould) {
  record_.rounds[0].duration = absl::Seconds(2);
  record_.options.max_downtime = absl::Milliseconds(1);
  EXPECT_EQ(Names(Decide(record_, event::Proceed{kNow, {}, true})->commands), "PushRound");
}

TEST_F(TurnTest, ALargeRoundIsFollowedByAnotherBeforeTheWait) {
  record_.rounds[0] = {100'000'000, absl::Seconds(1), false, kNow};
  EXPECT_EQ(Names(Decide(record_, event::Proceed{kNow, {}, true})->commands), "PushRound");
}

TEST_F(TurnTest, ATurnThatIsNotUsedIsWaitedForAgain) {
  record_.await_turn = true;
  record_.rounds = {Round{100'000'000, absl::Seconds(1), true, kNow}};
  absl::StatusOr<Decision> decision = Decide(record_, event::Proceed{kNow + absl::Seconds(1)});
  EXPECT_EQ(Names(decision->commands), "PushRound");
  EXPECT_FALSE(decision->next.await_turn);
}

TEST_F(TurnTest, AnApplicationThatIsStoppedWritesNothing) {
  record_.source_running = false;
  EXPECT_EQ(Names(After(absl::Hours(1)).commands), "SetHold Seal");
}

TEST(HoldsPortsTest, FromTheSealUntilRoutedOrUndone) {
  std::string holding;
  for (MigrationState state : kAllMigrationStates) {
    MigrationRecord record = In(state);
    EXPECT_FALSE(HoldsPorts(record));
    record.seal_requested = true;
    if (HoldsPorts(record)) holding += std::string(MigrationStateName(state)) + " ";
  }
  EXPECT_EQ(holding.substr(holding.find("QUIESCING")),
            "QUIESCING SEALED PREPARED COMMITTED ACTIVE ABORTING ");
}

TEST(DecideTest, AfterCommitALostGateIsStagedAgainUntilOneOpens) {
  MigrationRecord record = In(MigrationState::kCommitted);
  absl::StatusOr<Decision> decision = Decide(record, event::Failed{"GATE_LOST"});
  // Together with its image, if the engine has lost its disk.
  EXPECT_EQ(Names(decision->commands), "EnsureImage StageContainer Activate");
  decision = Decide(decision->next, event::Failed{"it runs already"});
  EXPECT_EQ(Names(decision->commands), "Activate");
  decision = Decide(decision->next, event::Activated{StartId("s2"), ContainerId("c2")});
  EXPECT_EQ(decision->next.start_id, StartId("s2"));
}

TEST(DecideTest, NotReadyFinishesTheMoveAndThenReturnsOnce) {
  absl::StatusOr<Decision> decision =
      Decide(In(MigrationState::kActive), event::NotReady{"exit code 1"});
  ASSERT_TRUE(decision.ok());
  EXPECT_EQ(Names(decision->commands), "ApplyRoutes ReleaseHold");
  EXPECT_EQ(decision->next.error,
            "redis did not get ready on node2: exit code 1; it goes back to node1");
  EXPECT_FALSE(Decide(decision->next, event::NotReady{"again"}).ok());
  decision = Decide(decision->next, event::Routed{kNow});
  EXPECT_FALSE(decision->next.interruption.has_value());
  decision = Decide(decision->next, event::Retired{});
  decision = Decide(decision->next, event::Finished{kNow, MigrationId("m2"), Generation(8)});
  ASSERT_TRUE(decision.ok() && decision->follow_up.has_value());
  EXPECT_EQ(decision->next.returned_by, MigrationId("m2"));
  const MigrationRecord& back = *decision->follow_up;
  EXPECT_EQ(back.id, MigrationId("m2"));
  EXPECT_EQ(back.source, NodeName("node2"));
  EXPECT_EQ(back.destination, NodeName("node1"));
  EXPECT_EQ(back.generation, Generation(8));
  EXPECT_EQ(back.source_generation, Generation(7));
  EXPECT_EQ(back.spec.image, "redis:6");
  EXPECT_EQ(back.return_of, MigrationId("m1"));
  EXPECT_EQ(back.state, MigrationState::kRequested);
}

TEST(DecideTest, WhatDidNotGetReadyAndDoesNotGoBackIsSaidToBeThere) {
  MigrationRecord back = In(MigrationState::kActive);
  back.return_of = MigrationId("m0");
  EXPECT_EQ(Decide(back, event::NotReady{"exit code 1"})->next.error,
            "redis did not get ready on node2: exit code 1; it is on node2 now, with its data");
}

TEST(DecideTest, NeverAReturnOfAReturnNorOfWhatWasStopped) {
  for (bool is_return : {true, false}) {
    MigrationRecord record = In(MigrationState::kRetired);
    record.not_ready = true;
    if (is_return) record.return_of = MigrationId("m0");
    record.source_running = is_return;
    absl::StatusOr<Decision> decision =
        Decide(record, event::Finished{kNow, MigrationId("m2"), Generation(8)});
    EXPECT_FALSE(decision->follow_up.has_value());
    EXPECT_TRUE(decision->next.returned_by.empty());
  }
}

// I3, and termination: whatever comes in whatever order, never both COMMIT and ABORT; and once
// commands succeed, an end is reached.
TEST(DecidePropertyTest, NeverBothCommitAndAbortAndAlwaysAnEnd) {
  std::mt19937 random(20140601);
  const std::vector<Event> events = AllEvents();
  for (int run = 0; run < 3000; ++run) {
    MigrationRecord record = Requested();
    bool committed = false, aborted = false;
    auto apply = [&](const Event& event) {
      absl::StatusOr<Decision> decision = Decide(record, event);
      if (!decision.ok()) return;
      record = decision->next;
      committed |= IsCommitted(record.state);
      aborted |= record.state >= MigrationState::kAborting;
    };
    for (int step = 0; step < 60; ++step) apply(events[random() % events.size()]);
    // From here on every command succeeds. (Twice round the list per copy round, at most five.)
    for (int round = 0; round < 14; ++round) {
      for (const Event& event : events) {
        if (std::holds_alternative<event::Failed>(event)) continue;
        if (std::holds_alternative<event::CancelRequested>(event)) continue;
        if (std::holds_alternative<event::NotReady>(event)) continue;
        apply(event);
      }
    }
    EXPECT_NE(committed, aborted);
    EXPECT_TRUE(IsTerminal(record.state)) << MigrationStateName(record.state);
    EXPECT_EQ(record.end_time, kNow);
  }
}

}  // namespace
}  // namespace drover::coordinator
