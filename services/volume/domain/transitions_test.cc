#include "services/volume/domain/transitions.h"

#include <gtest/gtest.h>

#include <functional>

#include "services/common/status/reason.h"

namespace drover::volume {
namespace {

const ApplicationName kApp("redis");
const MigrationKey kMove{MigrationId("m1"), Generation(2)};
const MigrationKey kNext{MigrationId("m2"), Generation(3)};
const std::vector<SnapshotRef> kFinal = {{"drover-m1-0", "uuid-final"}};
const StartId kStart("0123456789abcdef");

std::vector<VolumeRecord> Volumes() {
  return {{.id = "", .dataset_id = "d1", .mountpoint = "/data", .maximum_size_bytes = 0}};
}

absl::StatusOr<GroupRecord> Reserve(const ExistingRecord& existing,
                                    const ApplicationName& application, const MigrationKey& key,
                                    const std::vector<VolumeRecord>& source) {
  return volume::Reserve(existing, application, key, source, NodeName("node2"));
}

// The value of a transition that must be allowed.
GroupRecord Must(absl::StatusOr<GroupRecord> result) {
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? *result : GroupRecord();
}

GroupRecord Owned() { return Must(Create(std::nullopt, kApp, Generation(1), Volumes())); }
GroupRecord Locked() { return Must(Lock(Owned(), kMove)); }
GroupRecord Sealing() { return Must(BeginSeal(Locked(), kMove)); }
GroupRecord Sealed() { return Must(CompleteSeal(Sealing(), kMove, kFinal)); }
GroupRecord Retired() { return Must(Retire(Sealed(), kMove)); }
GroupRecord Receiving() { return Must(Reserve(std::nullopt, kApp, kMove, Volumes())); }
GroupRecord Prepared() { return Must(Prepare(Receiving(), kMove, kFinal)); }
GroupRecord Activated() { return Must(TakeOwnership(Prepared(), kMove)); }
GroupRecord Finished() { return Must(Finish(Activated(), kMove)); }
GroupRecord Discarded() { return Must(Abort(Receiving(), kApp, kMove)); }

void ExpectReason(const absl::Status& status, absl::StatusCode code, const std::string& reason) {
  EXPECT_EQ(status.code(), code) << status;
  EXPECT_EQ(ReasonOf(status), reason) << status;
}
void ExpectStale(const absl::Status& status) {
  ExpectReason(status, absl::StatusCode::kFailedPrecondition, "STALE_GENERATION");
}
void ExpectWrongState(const absl::Status& status) {
  ExpectReason(status, absl::StatusCode::kFailedPrecondition, "WRONG_STATE");
}
void ExpectHeld(const absl::Status& status) {
  ExpectReason(status, absl::StatusCode::kAborted, "GROUP_LOCKED");
}

TEST(CreateTest, OwnsUnderItsGeneration) {
  GroupRecord record = Owned();
  EXPECT_EQ(record.state, GroupState::kOwned);
  EXPECT_EQ(record.generation, Generation(1));
  EXPECT_EQ(record.revision, 1);
  EXPECT_FALSE(record.served);
}

TEST(CreateTest, RepeatIsAnsweredUnchangedAndOthersAreRefused) {
  EXPECT_EQ(Must(Create(Owned(), kApp, Generation(1), Volumes())), Owned());
  EXPECT_TRUE(absl::IsAlreadyExists(Create(Owned(), kApp, Generation(5), Volumes()).status()));
  EXPECT_TRUE(absl::IsAlreadyExists(Create(Owned(), kApp, Generation(1), {}).status()));
  EXPECT_TRUE(absl::IsAlreadyExists(Create(Retired(), kApp, Generation(9), Volumes()).status()));
}

TEST(CreateTest, ADiscardedRecordCountsOnlyByItsGenerations) {
  ExpectStale(Create(Discarded(), kApp, kMove.generation, Volumes()).status());
  GroupRecord record = Must(Create(Discarded(), kApp, Generation(3), Volumes()));
  EXPECT_EQ(record.state, GroupState::kOwned);
  EXPECT_EQ(record.refused_generation, kMove.generation);
}

TEST(DeleteTest, OnlyTheGenerationMeantAndOnlyWhenNothingRuns) {
  EXPECT_TRUE(CheckDelete(Owned(), Generation(1)).ok());
  EXPECT_TRUE(CheckDelete(Retired(), Generation(1)).ok());
  ExpectStale(CheckDelete(Owned(), Generation(2)));
  ExpectHeld(CheckDelete(Locked(), Generation(1)));
  GroupRecord open = Must(OpenGate(Owned(), {.start_id = kStart}));
  ExpectReason(CheckDelete(open, Generation(1)), absl::StatusCode::kFailedPrecondition,
               "GATE_OPEN");
  EXPECT_TRUE(CheckDelete(CloseGate(open, kStart), Generation(1)).ok());
}

TEST(LockTest, IsTakenOnceAndRepeats) {
  EXPECT_EQ(Locked().lock, kMove);
  EXPECT_EQ(Must(Lock(Locked(), kMove)), Locked());
  EXPECT_EQ(Must(Lock(Sealed(), kMove)), Sealed());
  ExpectHeld(Lock(Locked(), kNext).status());
  EXPECT_TRUE(absl::IsAlreadyExists(Lock(Locked(), {kMove.migration, Generation(9)}).status()));
  ExpectHeld(CheckUnlocked(Locked()));
  EXPECT_TRUE(CheckUnlocked(Owned()).ok());
  ExpectWrongState(CheckUnlocked(Retired()));
}

TEST(LockTest, NeedsANewerGenerationAndAnOwner) {
  ExpectStale(Lock(Owned(), {MigrationId("old"), Generation(1)}).status());
  ExpectStale(Lock(Must(Abort(Locked(), kApp, kMove)), kMove).status());
  ExpectWrongState(Lock(Retired(), kNext).status());
  ExpectWrongState(Lock(Activated(), kMove).status());
}

TEST(PushTest, CopyRoundsWhileOwnedTheFinalOneWhenSealed) {
  EXPECT_TRUE(CheckPush(Locked(), kMove, false).ok());
  ExpectWrongState(CheckPush(Locked(), kMove, true));
  ExpectWrongState(CheckPush(Sealing(), kMove, true));
  EXPECT_TRUE(CheckPush(Sealed(), kMove, true).ok());
  ExpectWrongState(CheckPush(Owned(), kMove, false));
  ExpectHeld(CheckPush(Locked(), kNext, false));
  ExpectWrongState(CheckPush(Activated(), kMove, false));
}

TEST(SealTest, GoesThroughSealingToSealed) {
  EXPECT_EQ(Sealing().state, GroupState::kSealing);
  EXPECT_EQ(Must(BeginSeal(Sealing(), kMove)), Sealing());
  EXPECT_EQ(Sealed().state, GroupState::kSealed);
  EXPECT_EQ(Sealed().volumes[0].final, kFinal[0]);
  EXPECT_EQ(Must(BeginSeal(Sealed(), kMove)), Sealed());
  EXPECT_EQ(Must(CompleteSeal(Sealed(), kMove, kFinal)), Sealed());
}

TEST(SealTest, ClosesTheGateOnlyOnceProved) {
  GroupRecord open = Must(Lock(Must(OpenGate(Owned(), {.start_id = kStart})), kMove));
  GroupRecord sealing = Must(BeginSeal(open, kMove));
  EXPECT_TRUE(sealing.gate->open);
  EXPECT_FALSE(Must(CompleteSeal(sealing, kMove, kFinal)).gate->open);
}

TEST(SealTest, RefusesStrangersAndWrongStates) {
  ExpectWrongState(BeginSeal(Owned(), kMove).status());
  ExpectHeld(BeginSeal(Locked(), kNext).status());
  ExpectWrongState(CompleteSeal(Locked(), kMove, kFinal).status());
  ExpectWrongState(BeginSeal(Activated(), kMove).status());
  ExpectStale(BeginSeal(Must(Abort(Sealed(), kApp, kMove)), kMove).status());
  EXPECT_TRUE(absl::IsInvalidArgument(CompleteSeal(Sealing(), kMove, {}).status()));
}

TEST(RetireTest, KeepsTheFinalSnapshotAsBase) {
  GroupRecord record = Retired();
  EXPECT_EQ(record.state, GroupState::kRetired);
  EXPECT_EQ(record.volumes[0].base, kFinal[0]);
  EXPECT_FALSE(record.volumes[0].final.has_value());
  EXPECT_FALSE(record.lock.has_value());
  EXPECT_EQ(Must(Retire(record, kMove)), record);
}

TEST(RetireTest, OnlyFromSealedAndOnlyByItsMigration) {
  for (const GroupRecord& record : {Owned(), Locked(), Sealing(), Activated()}) {
    EXPECT_FALSE(Retire(record, kMove).ok());
  }
  ExpectHeld(Retire(Sealed(), kNext).status());
}

TEST(ReserveTest, NewHere) {
  GroupRecord record = Receiving();
  EXPECT_EQ(record.state, GroupState::kReceiving);
  EXPECT_EQ(record.lock, kMove);
  EXPECT_TRUE(record.served) << "what was received must never be seeded over";
  EXPECT_EQ(Must(Reserve(record, kApp, kMove, Volumes())), record);
  EXPECT_EQ(Must(Reserve(Prepared(), kApp, kMove, Volumes())), Prepared());
}

TEST(ReserveTest, OverARetiredGroupKeepsItsBase) {
  GroupRecord record = Must(Reserve(Retired(), kApp, kNext, Volumes()));
  EXPECT_EQ(record.state, GroupState::kReceiving);
  EXPECT_TRUE(record.retired_before);
  EXPECT_EQ(record.volumes[0].base, kFinal[0]);
}

TEST(ReserveTest, RefusesOwnersStrangersAndStaleOnes) {
  ExpectWrongState(Reserve(Owned(), kApp, kMove, Volumes()).status());
  ExpectHeld(Reserve(Receiving(), kApp, kNext, Volumes()).status());
  ExpectStale(Reserve(Discarded(), kApp, kMove, Volumes()).status());
  ExpectStale(Reserve(Retired(), kApp, kMove, Volumes()).status());
  ExpectWrongState(Reserve(Activated(), kApp, kMove, Volumes()).status());
  EXPECT_TRUE(absl::IsAlreadyExists(Reserve(Receiving(), kApp, kMove, {}).status()));
  std::vector<VolumeRecord> other = Volumes();
  other[0].dataset_id = "d2";
  ExpectReason(Reserve(Retired(), kApp, kNext, other).status(),
               absl::StatusCode::kFailedPrecondition, "DATASET_MISMATCH");
}

TEST(ReceiveTest, OnlyWhileReceivingForThatMigration) {
  EXPECT_TRUE(CheckReceive(Receiving(), kMove).ok());
  ExpectWrongState(CheckReceive(Prepared(), kMove));
  ExpectHeld(CheckReceive(Receiving(), kNext));
  ExpectStale(CheckReceive(Discarded(), kMove));
}

TEST(PrepareTest, RemembersTheFinalSnapshots) {
  EXPECT_EQ(Prepared().state, GroupState::kPrepared);
  EXPECT_EQ(Prepared().volumes[0].final, kFinal[0]);
  EXPECT_EQ(Must(Prepare(Prepared(), kMove, kFinal)), Prepared());
  EXPECT_TRUE(absl::IsAlreadyExists(Prepare(Prepared(), kMove, {{"x", "y"}}).status()));
  ExpectHeld(Prepare(Receiving(), kNext, kFinal).status());
  ExpectWrongState(Prepare(Locked(), kMove, kFinal).status());
}

TEST(ActivateTest, OwnsUnderTheMigrationsGeneration) {
  GroupRecord record = Activated();
  EXPECT_EQ(record.state, GroupState::kOwned);
  EXPECT_EQ(record.generation, kMove.generation);
  EXPECT_EQ(record.lock, kMove);
  EXPECT_EQ(Must(TakeOwnership(record, kMove)), record);
  EXPECT_EQ(Must(TakeOwnership(Finished(), kMove)), Finished());
}

TEST(ActivateTest, NeedsPrepared) {
  ExpectWrongState(TakeOwnership(Receiving(), kMove).status());
  ExpectHeld(TakeOwnership(Prepared(), kNext).status());
  ExpectStale(TakeOwnership(Discarded(), kMove).status());
  ExpectWrongState(TakeOwnership(Locked(), kMove).status());
}

TEST(FinishTest, DropsTheLockAndKeepsTheBase) {
  GroupRecord record = Finished();
  EXPECT_FALSE(record.lock.has_value());
  EXPECT_EQ(record.volumes[0].base, kFinal[0]);
  EXPECT_EQ(Must(Finish(record, kMove)), record);
  ExpectWrongState(Finish(Prepared(), kMove).status());
  EXPECT_EQ(Must(Lock(record, kNext)).lock, kNext);
}

TEST(AbortTest, TheSourceOwnsAgainFromEveryState) {
  for (const GroupRecord& before : {Locked(), Sealing(), Sealed()}) {
    GroupRecord record = Must(Abort(before, kApp, kMove));
    EXPECT_EQ(record.state, GroupState::kOwned);
    EXPECT_EQ(record.generation, Generation(1));
    EXPECT_FALSE(record.lock.has_value());
    EXPECT_FALSE(record.volumes[0].final.has_value());
    EXPECT_EQ(Must(Abort(record, kApp, kMove)), record);
  }
}

TEST(AbortTest, TheDestinationForgetsOrGoesBackToRetired) {
  for (const GroupRecord& before : {Receiving(), Prepared()}) {
    GroupRecord record = Must(Abort(before, kApp, kMove));
    EXPECT_EQ(record.state, GroupState::kDiscarded);
    EXPECT_TRUE(record.volumes.empty());
    EXPECT_EQ(Must(Abort(record, kApp, kMove)), record);
  }
  GroupRecord back = Must(Abort(Must(Reserve(Retired(), kApp, kNext, Volumes())), kApp, kNext));
  EXPECT_EQ(back.state, GroupState::kRetired);
  EXPECT_EQ(back.volumes[0].base, kFinal[0]);
}

TEST(AbortTest, IsRememberedWhereNothingWas) {
  GroupRecord record = Must(Abort(std::nullopt, kApp, kMove));
  EXPECT_EQ(record.state, GroupState::kDiscarded);
  ExpectStale(Reserve(record, kApp, kMove, Volumes()).status());
  EXPECT_EQ(Must(Reserve(record, kApp, kNext, Volumes())).state, GroupState::kReceiving);
}

TEST(AbortTest, OfAMigrationThatHasNotBegunLeavesTheRestAlone) {
  GroupRecord record = Must(Abort(Locked(), kApp, kNext));
  EXPECT_EQ(record.lock, kMove);
  EXPECT_EQ(record.refused_generation, kNext.generation);
  EXPECT_TRUE(BeginSeal(record, kMove).ok());
}

TEST(AbortTest, NeverAfterCommit) {
  for (const GroupRecord& record : {Activated(), Finished(), Retired()}) {
    ExpectWrongState(Abort(record, kApp, kMove).status());
  }
}

TEST(ClaimTest, TakesTheCopyThatTheNodeKeeps) {
  GroupRecord record = Must(Claim(Retired(), Generation(9)));
  EXPECT_EQ(record.state, GroupState::kOwned);
  EXPECT_EQ(record.generation, Generation(9));
  EXPECT_EQ(record.volumes[0].base, kFinal[0]) << "moves to who has it too are incremental";
  EXPECT_EQ(Must(Claim(record, Generation(9))), record);
  EXPECT_TRUE(OpenGate(record, {.start_id = kStart}).ok());
}

TEST(ClaimTest, TakesWhatAnOwnerHasWhoseMoveCanGoNowhere) {
  for (const GroupRecord& before : {Owned(), Locked(), Sealing(), Sealed(), Finished()}) {
    GroupRecord record = Must(Claim(before, Generation(9)));
    EXPECT_EQ(record.state, GroupState::kOwned);
    EXPECT_FALSE(record.lock.has_value());
    EXPECT_FALSE(record.volumes[0].final.has_value());
    ExpectStale(BeginSeal(record, kMove).status());
  }
}

TEST(ClaimTest, RefusesWhatIsNoCompleteCopyAndOldGenerations) {
  GroupRecord no_copy = Retired();
  no_copy.volumes[0].base.reset();
  ExpectReason(Claim(no_copy, Generation(9)).status(), absl::StatusCode::kFailedPrecondition,
               "NO_COPY");
  ExpectReason(Claim(Receiving(), Generation(9)).status(), absl::StatusCode::kFailedPrecondition,
               "NO_COPY");
  ExpectWrongState(Claim(Discarded(), Generation(9)).status());
  ExpectWrongState(Claim(Must(Diverge(Owned(), Generation(8))), Generation(9)).status());
  ExpectStale(Claim(Retired(), kMove.generation).status());
}

TEST(ClaimTest, TakesWhatHasArrivedCompletely) {
  GroupRecord record = Must(Claim(Prepared(), Generation(9)));
  EXPECT_EQ(record.state, GroupState::kOwned);
  EXPECT_EQ(record.volumes[0].base, kFinal[0]);
  EXPECT_FALSE(record.lock.has_value());
}

TEST(ClaimTest, TakesTheCopyThatANewerOneWasArrivingOver) {
  const GroupRecord receiving = Must(Reserve(Retired(), kApp, kNext, Volumes()));
  GroupRecord record = Must(Claim(receiving, Generation(9)));
  EXPECT_EQ(record.state, GroupState::kOwned);
  EXPECT_EQ(record.volumes[0].base, kFinal[0]);
}

TEST(DivergeTest, WhatIsLeftAfterDeletionRefusesOldGenerations) {
  const GroupRecord record = Discard(Must(Diverge(Owned(), Generation(9))));
  EXPECT_EQ(record.state, GroupState::kDiscarded);
  ExpectStale(Reserve(record, kApp, kNext, Volumes()).status());
  EXPECT_TRUE(Reserve(record, kApp, {MigrationId("m9"), Generation(10)}, Volumes()).ok());
}

TEST(DivergeTest, AnOwnerNeverServesAgain) {
  for (const GroupRecord& before : {Owned(), Locked(), Sealing(), Sealed(), Activated()}) {
    GroupRecord record = Must(Diverge(before, Generation(9)));
    EXPECT_EQ(record.state, GroupState::kDiverged);
    EXPECT_FALSE(record.lock.has_value());
    EXPECT_EQ(Must(Diverge(record, Generation(9))), record);
    ExpectWrongState(OpenGate(record, {.start_id = kStart}).status());
    ExpectStale(Lock(record, kNext).status());
    ExpectReason(Reserve(record, kApp, {MigrationId("m9"), Generation(10)}, Volumes()).status(),
                 absl::StatusCode::kFailedPrecondition, "DIVERGED");
  }
}

TEST(DivergeTest, AMoveToItIsToldTheWholeCommand) {
  const GroupRecord record = Must(Diverge(Owned(), Generation(9)));
  EXPECT_EQ(
      Reserve(record, kApp, {MigrationId("m9"), Generation(10)}, Volumes()).status().message(),
      "this node keeps a diverged copy of redis; look at it, then remove it with `drover "
      "volumes delete redis --node node2`");
}

TEST(DivergeTest, ALateAbortOfTheMoveThatWasUnderWayChangesNothing) {
  GroupRecord record = Must(Diverge(Sealed(), Generation(9)));
  EXPECT_EQ(Must(Abort(record, kApp, kMove)), record);
}

TEST(DivergeTest, OnlyOwnersAndOnlyForANewerOwner) {
  for (const GroupRecord& record : {Receiving(), Prepared(), Retired(), Discarded()}) {
    ExpectWrongState(Diverge(record, Generation(9)).status());
  }
  ExpectStale(Diverge(Finished(), kMove.generation).status());
}

TEST(GateTest, OpensOnlyWhereTheApplicationIs) {
  GroupRecord open = Must(OpenGate(Owned(), {.start_id = kStart}));
  EXPECT_TRUE(open.gate->open);
  EXPECT_TRUE(open.served);
  EXPECT_EQ(Must(OpenGate(open, {.start_id = kStart})), open);
  // Started again while a move copies.
  EXPECT_TRUE(OpenGate(Must(Lock(CloseGate(open, kStart), kMove)), {.start_id = kStart}).ok());
  EXPECT_TRUE(OpenGate(Activated(), {.start_id = kStart}).ok());
  for (const GroupRecord& record :
       {Sealing(), Sealed(), Receiving(), Prepared(), Retired(), Discarded()}) {
    ExpectWrongState(OpenGate(record, {.start_id = kStart}).status());
  }
}

TEST(GateTest, OneStartAtATime) {
  const StartId other("ffffffffffffffff");
  GroupRecord open = Must(OpenGate(Owned(), {.start_id = kStart}));
  ExpectReason(OpenGate(open, {.start_id = other}).status(), absl::StatusCode::kFailedPrecondition,
               "OTHER_START_OPEN");
  EXPECT_EQ(CloseGate(open, other), open);
  EXPECT_TRUE(OpenGate(CloseGate(open, kStart), {.start_id = other}).ok());
}

TEST(RoundTripTest, MovesBackIncrementally) {
  // node2 owns after the first move; node1 is retired. Now back, under generation 3.
  GroupRecord node1 = Retired();
  GroupRecord node2 = Finished();
  const std::vector<SnapshotRef> final = {{"drover-m2-0", "uuid-2"}};
  node2 = Must(Lock(node2, kNext));
  node1 = Must(Reserve(node1, kApp, kNext, node2.volumes));
  EXPECT_EQ(node1.volumes[0].base, node2.volumes[0].base);
  node2 = Must(CompleteSeal(Must(BeginSeal(node2, kNext)), kNext, final));
  node1 = Must(TakeOwnership(Must(Prepare(node1, kNext, final)), kNext));
  node2 = Must(Retire(node2, kNext));
  node1 = Must(Finish(node1, kNext));
  EXPECT_EQ(node1.state, GroupState::kOwned);
  EXPECT_EQ(node2.state, GroupState::kRetired);
  EXPECT_EQ(node1.generation, Generation(3));
}

TEST(GroupStateNameTest, RoundTrips) {
  EXPECT_EQ(GroupStateName(GroupState::kSealing), "SEALING");
  EXPECT_EQ(GroupStateFromName("RETIRED"), GroupState::kRetired);
  EXPECT_FALSE(GroupStateFromName("retired").has_value());
}

TEST(AttachedTest, VolumesAreAddedAndKept) {
  GroupRecord served = Finished();
  served.volumes[0].base.reset();
  std::vector<VolumeRecord> asked = {{.id = "logs", .dataset_id = "d2", .mountpoint = "/logs"}};
  const GroupRecord changed = Must(SetAttached(served, kMove.generation, asked));
  ASSERT_EQ(changed.volumes.size(), 2u);
  EXPECT_TRUE(changed.volumes[0].detached);
  EXPECT_EQ(changed.volumes[0].dataset_id, "d1");
  EXPECT_TRUE(changed.volumes[1].fresh);
  EXPECT_EQ(Must(SetAttached(changed, kMove.generation, asked)), changed);
  ExpectStale(SetAttached(served, Generation(1), asked).status());
  ExpectHeld(SetAttached(Locked(), Generation(1), asked).status());
  // Attached again it has what it had, at a mountpoint that may be another.
  asked.push_back({.id = "", .dataset_id = "other", .mountpoint = "/elsewhere"});
  const GroupRecord back = Must(SetAttached(changed, kMove.generation, asked));
  EXPECT_FALSE(back.volumes[0].detached);
  EXPECT_EQ(back.volumes[0].dataset_id, "d1");
  EXPECT_EQ(back.volumes[0].mountpoint, "/elsewhere");
}

TEST(AttachedTest, NothingChangesBelowARunningApplication) {
  const GroupRecord open = Must(OpenGate(Owned(), {.start_id = kStart}));
  EXPECT_EQ(Must(SetAttached(open, Generation(1), Volumes())), open);
  ExpectReason(SetAttached(open, Generation(1), {}).status(), absl::StatusCode::kFailedPrecondition,
               "GATE_OPEN");
  ExpectReason(BeginRollBack(open, "", "s1").status(), absl::StatusCode::kFailedPrecondition,
               "GATE_OPEN");
}

TEST(AttachedTest, AVolumeIsFreshUntilAGateOpensToIt) {
  const GroupRecord added =
      Must(SetAttached(Finished(), kMove.generation,
                       {Volumes()[0], {.id = "logs", .dataset_id = "d2", .mountpoint = "/logs"}}));
  ASSERT_TRUE(added.volumes[1].fresh);
  EXPECT_FALSE(Must(OpenGate(added, {.start_id = kStart})).volumes[1].fresh);
}

TEST(FillTest, AVolumeThatNoProgramHasSeenIsFilledWhereItIs) {
  const GroupRecord owned = Owned();
  EXPECT_TRUE(AwaitsFilling(owned));
  EXPECT_EQ(CheckFill(owned, ""), absl::OkStatus());
  EXPECT_TRUE(absl::IsNotFound(CheckFill(owned, "other")));
  ExpectHeld(CheckFill(Locked(), ""));
  const GroupRecord open = Must(OpenGate(owned, {.start_id = kStart}));
  EXPECT_FALSE(AwaitsFilling(open));
  ExpectReason(CheckFill(open, ""), absl::StatusCode::kFailedPrecondition, "ALREADY_SERVED");
  const GroupRecord detached = Must(SetAttached(owned, Generation(1), {}));
  EXPECT_FALSE(AwaitsFilling(detached));
}

TEST(FillTest, NoGateOpensToItWhileAMoveTakesItAway) {
  ExpectHeld(OpenGate(Locked(), {.start_id = kStart}).status());
  EXPECT_TRUE(OpenGate(Must(Abort(Locked(), kApp, kMove)), {.start_id = kStart}).ok());
}

TEST(FillTest, AMoveTakesItAlongAndItIsFilledOnceItIsActivated) {
  std::vector<VolumeRecord> fresh = Volumes();
  fresh[0].fresh = true;
  const GroupRecord prepared =
      Must(Prepare(Must(Reserve(std::nullopt, kApp, kMove, fresh)), kMove, kFinal));
  ExpectHeld(CheckFill(prepared, ""));
  const GroupRecord activated = Must(TakeOwnership(prepared, kMove));
  EXPECT_TRUE(AwaitsFilling(activated));
  EXPECT_EQ(CheckFill(activated, ""), absl::OkStatus());
  EXPECT_FALSE(AwaitsFilling(Must(OpenGate(activated, {.start_id = kStart}))));
  EXPECT_FALSE(AwaitsFilling(Activated()));
}

TEST(AttachedTest, OnlyDetachedVolumesOfAnOwnerGo) {
  ExpectReason(RemoveVolume(Owned(), "").status(), absl::StatusCode::kFailedPrecondition,
               "ATTACHED");
  const GroupRecord detached = Must(SetAttached(Owned(), Generation(1), {}));
  EXPECT_TRUE(Must(RemoveVolume(detached, "")).volumes.empty());
  EXPECT_EQ(Must(RemoveVolume(detached, "other")), detached);
  EXPECT_TRUE(Must(RemoveVolume(Retired(), "")).volumes.empty());
  ExpectHeld(RemoveVolume(Locked(), "").status());
}

TEST(RollBackTest, NothingIsServedOrMovedBeforeItHasEnded) {
  const GroupRecord begun = Must(BeginRollBack(Owned(), "", "s1"));
  EXPECT_EQ(begun.volumes[0].roll_back, "s1");
  EXPECT_EQ(Must(BeginRollBack(begun, "", "s1")), begun);
  for (const absl::Status& refused :
       {OpenGate(begun, {.start_id = kStart}).status(), Lock(begun, kMove).status(),
        CheckUnlocked(begun), CloneOf({}, ApplicationName("c"), Generation(9), begun).status()}) {
    ExpectReason(refused, absl::StatusCode::kFailedPrecondition, "ROLL_BACK_UNFINISHED");
  }
  EXPECT_EQ(Must(BeginRollBack(begun, "", "s2")).volumes[0].roll_back, "s2");
  EXPECT_TRUE(absl::IsNotFound(BeginRollBack(Owned(), "logs", "s1").status()));
  ExpectWrongState(BeginRollBack(Retired(), "", "s1").status());
  ExpectHeld(BeginRollBack(Locked(), "", "s1").status());
}

TEST(RollBackTest, KeepsTheBaseOnlyWhileItIsThere) {
  const GroupRecord begun = Must(BeginRollBack(Finished(), "", "s1"));
  ASSERT_TRUE(begun.volumes[0].base.has_value());
  const GroupRecord kept = CompleteRollBack(begun, "", {{"s1", "u1"}, *begun.volumes[0].base});
  EXPECT_EQ(kept.volumes[0].roll_back, "");
  EXPECT_EQ(kept.volumes[0].base, begun.volumes[0].base);
  EXPECT_FALSE(CompleteRollBack(begun, "", {{"s1", "u1"}}).volumes[0].base.has_value());
}

TEST(CloneTest, HasTheAttachedVolumesAndNothingOfTheSourcesPast) {
  GroupRecord source = Finished();
  source.volumes.push_back({.id = "old", .dataset_id = "d2", .mountpoint = "/old"});
  source.volumes.back().detached = true;
  const GroupRecord clone = Must(CloneOf({}, ApplicationName("copy"), Generation(9), source));
  EXPECT_EQ(clone.application.value(), "copy");
  EXPECT_EQ(clone.state, GroupState::kOwned);
  EXPECT_EQ(clone.generation, Generation(9));
  EXPECT_TRUE(clone.served);
  ASSERT_EQ(clone.volumes.size(), 1u);
  EXPECT_EQ(clone.volumes[0].dataset_id, "");
  EXPECT_FALSE(clone.volumes[0].base.has_value());
  EXPECT_TRUE(
      absl::IsAlreadyExists(CloneOf(clone, clone.application, Generation(9), source).status()));
  ExpectHeld(CloneOf({}, ApplicationName("copy"), Generation(9), Locked()).status());
}

TEST(AddedTest, WhatArrivesWithAMoveIsNoCopyBeforeItsEnd) {
  std::vector<VolumeRecord> source = Volumes();
  source.push_back({.id = "logs", .dataset_id = "d2", .mountpoint = "/logs"});
  const GroupRecord arriving = Must(Reserve(Retired(), kApp, kNext, source));
  ASSERT_EQ(arriving.volumes.size(), 2u);
  EXPECT_TRUE(arriving.volumes[1].added);
  EXPECT_EQ(Must(Abort(arriving, kApp, kNext)).volumes, Retired().volumes);
  const GroupRecord claimed = Must(Claim(arriving, Generation(9)));
  ASSERT_EQ(claimed.volumes.size(), 1u);
  EXPECT_EQ(claimed.volumes[0].id, "");
  // All of a group that is new here.
  EXPECT_FALSE(Receiving().volumes[0].added);
  // At its end it is one of them.
  const std::vector<SnapshotRef> finals = {{"drover-m2-0", "u1"}, {"drover-m2-0", "u2"}};
  const GroupRecord prepared = Must(Prepare(arriving, kNext, finals));
  const GroupRecord finished = Must(Finish(Must(TakeOwnership(prepared, kNext)), kNext));
  EXPECT_FALSE(finished.volumes[1].added);
}

TEST(AddedTest, WhatAFullStreamReplacesCannotBeClaimed) {
  const GroupRecord arriving = Must(Reserve(Retired(), kApp, kNext, Volumes()));
  EXPECT_TRUE(Claim(arriving, Generation(9)).ok());
  const GroupRecord replaced = ForgetBase(arriving, "");
  ExpectReason(Claim(replaced, Generation(9)).status(), absl::StatusCode::kFailedPrecondition,
               "NO_COPY");
  EXPECT_EQ(ForgetBase(arriving, "other"), arriving);
}

TEST(RollBackTest, TheOthersOfAGroupThatNeverServedAreStillFilled) {
  std::vector<VolumeRecord> volumes = Volumes();
  volumes.push_back({.id = "logs", .dataset_id = "d2", .mountpoint = "/logs"});
  const GroupRecord fresh = Must(Create(std::nullopt, kApp, Generation(1), volumes));
  const GroupRecord begun = Must(BeginRollBack(fresh, "", "s1"));
  EXPECT_FALSE(begun.volumes[0].fresh);
  EXPECT_TRUE(begun.volumes[1].fresh);
}

}  // namespace
}  // namespace drover::volume
