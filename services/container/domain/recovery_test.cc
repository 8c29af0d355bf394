#include "services/container/domain/recovery.h"

#include <gtest/gtest.h>

#include "services/container/domain/start_phase.h"

namespace drover::container {
namespace {

using Action = RecoveryAction;

TEST(DecideRecoveryTest, KeepsWhatRuns) {
  EXPECT_EQ(
      DecideRecovery(
          {.intent = Intent::kRun, .gate_was_opened = true, .may_run_here = true, .runs = true}),
      Action::kKeep);
  EXPECT_EQ(DecideRecovery({.intent = Intent::kStaged, .runs = true}), Action::kKeep);
}

TEST(DecideRecoveryTest, StartsWhatTheMachineEnded) {
  EXPECT_EQ(DecideRecovery({.intent = Intent::kRun, .gate_was_opened = true, .may_run_here = true}),
            Action::kStart);
  EXPECT_EQ(
      DecideRecovery({.intent = Intent::kStaged, .gate_was_opened = true, .may_run_here = true}),
      Action::kStart);
}

TEST(DecideRecoveryTest, StartsNothingThatIsNotOwnedHere) {
  EXPECT_EQ(DecideRecovery({.intent = Intent::kRun, .gate_was_opened = true}), Action::kLeave);
  EXPECT_EQ(DecideRecovery({.intent = Intent::kStaged, .may_run_here = true}), Action::kLeave);
}

TEST(DecideRecoveryTest, LeavesWhatStoppedOrEnded) {
  EXPECT_EQ(DecideRecovery({.intent = Intent::kStopped, .may_run_here = true}), Action::kLeave);
  EXPECT_EQ(DecideRecovery({.intent = Intent::kEnded, .may_run_here = true}), Action::kLeave);
  EXPECT_EQ(DecideRecovery({.intent = Intent::kStopped, .gate_was_opened = true, .runs = true}),
            Action::kStop);
}

TEST(DecideRecoveryTest, StartsAgainWhatWaitsGatedButShouldRun) {
  EXPECT_EQ(DecideRecovery({.intent = Intent::kRun, .may_run_here = true, .runs = true}),
            Action::kStart);
  EXPECT_EQ(DecideRecovery({.intent = Intent::kRun,
                            .gate_was_opened = true,
                            .may_run_here = true,
                            .runs = true,
                            .restarted_by_hand = true}),
            Action::kStart);
}

TEST(PhaseOfTest, FollowsTheLifeOfAStart) {
  EXPECT_EQ(PhaseOf({}), StartPhase::kStaging);
  EXPECT_EQ(PhaseOf({.gate_reported = true}), StartPhase::kGated);
  EXPECT_EQ(PhaseOf({.gate_reported = true, .gate_opened = true}), StartPhase::kStarting);
  EXPECT_EQ(PhaseOf({.gate_opened = true, .probe_passed = true}), StartPhase::kReady);
  EXPECT_EQ(PhaseOf({.ended = true, .gate_opened = true}), StartPhase::kExited);
}

}  // namespace
}  // namespace drover::container
