#include "services/volume/testing/move_test.h"

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "services/common/async/grpc_status.h"
#include "services/common/ids/random_id.h"
#include "services/common/status/reason.h"
#include "services/volume/backend/witness_file.h"
#include "services/volume/client/resend_window.h"
#include "services/volume/client/transfer_frames.h"

namespace drover::volume {
namespace {

const char kApp[] = "redis";
const std::string kContainer(64, 'c');

std::string Noise(size_t size) {
  std::string noise(size, '\0');
  uint64_t state = 88172645463325252ull;
  for (char& c : noise) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    c = static_cast<char>(state);
  }
  return noise;
}

std::string Reason(const grpc::Status& status) { return ReasonOf(FromGrpcStatus(status)); }

}  // namespace

void SetFence(common::v1::Fence* fence) {
  fence->set_epoch(1);
  fence->set_nonce("n");
}

void MoveTest::SetUp() {
  pair_ = GetParam()();
  if (pair_ == nullptr) GTEST_SKIP() << "needs root";
  Restart(0);
  Restart(1);
}

void MoveTest::Restart(int index) {
  nodes_[index].reset();
  nodes_[index] =
      std::make_unique<VolumeNode>(absl::StrCat("node", index), pair_->folder(index),
                                   pair_->backend(index), pair_->host(index), pair_->stall_limit());
}

v1::MigrationKey MoveTest::Key(int generation) const {
  v1::MigrationKey key;
  SetFence(key.mutable_fence());
  key.set_migration(absl::StrCat("m", generation));
  key.set_generation(generation);
  key.set_application(kApp);
  return key;
}

std::optional<v1::VolumeGroup> MoveTest::Group(int index) {
  grpc::ClientContext context;
  v1::GetGroupRequest request;
  request.set_application(kApp);
  v1::GetGroupResponse response;
  const grpc::Status status = volumes(index).GetGroup(&context, request, &response);
  if (status.error_code() == grpc::StatusCode::NOT_FOUND) return std::nullopt;
  EXPECT_TRUE(status.ok()) << FromGrpcStatus(status);
  return response.group();
}

void MoveTest::CreateGroup() {
  grpc::ClientContext context;
  v1::CreateGroupRequest request;
  SetFence(request.mutable_fence());
  request.set_application(kApp);
  request.set_generation(1);
  request.add_volumes()->set_mountpoint("/data");
  v1::CreateGroupResponse response;
  ASSERT_CALL(volumes(0).CreateGroup(&context, request, &response));
}

void MoveTest::Create() {
  CreateGroup();
  Stage(0);
  Open(0);
}

void MoveTest::Stage(int index) {
  start_[index] = RandomHex(16);
  grpc::ClientContext attach_context;
  v1::AttachSlotsRequest attach;
  attach.set_application(kApp);
  attach.set_start_id(start_[index]);
  attach.add_volumes()->set_mountpoint("/data");
  v1::AttachSlotsResponse attached;
  ASSERT_CALL(volumes(index).AttachSlots(&attach_context, attach, &attached));
  slot_[index] = attached.slots(0).path();
  gate_[index] = std::make_unique<TestGate>(attached.control_directory(), start_[index]);
  grpc::ClientContext await_context;
  v1::AwaitGateRequest await;
  await.set_application(kApp);
  await.set_start_id(start_[index]);
  await.set_container_id(kContainer);
  v1::AwaitGateResponse gated;
  ASSERT_CALL(volumes(index).AwaitGate(&await_context, await, &gated));
  EXPECT_EQ(gated.pid(), getpid());
}

void MoveTest::Open(int index) {
  grpc::ClientContext context;
  v1::OpenGateRequest request;
  request.set_application(kApp);
  request.set_start_id(start_[index]);
  request.set_container_id(kContainer);
  v1::OpenGateResponse response;
  ASSERT_CALL(volumes(index).OpenGate(&context, request, &response));
  EXPECT_TRUE(gate_[index]->executed());
}

void MoveTest::EndStart(int index) {
  gate_[index].reset();
  grpc::ClientContext context;
  v1::ReleaseSlotsRequest request;
  request.set_application(kApp);
  request.set_start_id(start_[index]);
  v1::ReleaseSlotsResponse response;
  ASSERT_CALL(volumes(index).ReleaseSlots(&context, request, &response));
}

v1::VolumeGroup MoveTest::Lock(int index, int generation) {
  grpc::ClientContext context;
  v1::LockGroupRequest request;
  *request.mutable_key() = Key(generation);
  v1::LockGroupResponse response;
  EXPECT_CALL_OK(volumes(index).LockGroup(&context, request, &response));
  return response.group();
}

void MoveTest::Reserve(int index, int generation, const v1::VolumeGroup& source) {
  grpc::ClientContext context;
  v1::ReserveGroupRequest request;
  *request.mutable_key() = Key(generation);
  *request.mutable_source() = source;
  request.set_backend(pair_->backend(index).Kind());
  v1::ReserveGroupResponse response;
  EXPECT_CALL_OK(volumes(index).ReserveGroup(&context, request, &response));
}

v1::PushRoundRequest MoveTest::RoundOf(int from, int generation, int round) const {
  v1::PushRoundRequest request;
  *request.mutable_key() = Key(generation);
  request.set_round(round);
  request.set_destination_node(nodes_[1 - from]->name());
  const bool over_link = from == 0 && link_ != nullptr;
  request.set_destination_address(over_link ? link_->address() : nodes_[1 - from]->address());
  return request;
}

grpc::Status MoveTest::TryPush(int from, const v1::PushRoundRequest& request,
                               v1::PushResult* result) {
  grpc::ClientContext context;
  auto reader = volumes(from).PushRound(&context, request);
  v1::PushRoundResponse response;
  while (reader->Read(&response)) *result = response.result();
  return reader->Finish();
}

grpc::Status MoveTest::TryPush(int from, int generation, int round, v1::PushResult* result) {
  return TryPush(from, RoundOf(from, generation, round), result);
}

v1::PushResult MoveTest::Push(int from, int generation, int round) {
  v1::PushResult result;
  EXPECT_CALL_OK(TryPush(from, generation, round, &result));
  return result;
}

grpc::Status MoveTest::TrySeal(int index, int generation, v1::SealResponse* response) {
  grpc::ClientContext context;
  v1::SealRequest request;
  *request.mutable_key() = Key(generation);
  return volumes(index).Seal(&context, request, response);
}

v1::SealResponse MoveTest::Seal(int index, int generation) {
  v1::SealResponse response;
  EXPECT_CALL_OK(TrySeal(index, generation, &response));
  return response;
}

void MoveTest::Prepare(int index, int generation, const v1::SealResponse& sealed) {
  grpc::ClientContext context;
  v1::PrepareRequest request;
  *request.mutable_key() = Key(generation);
  *request.mutable_snapshots() = sealed.snapshots();
  request.set_start_id(start_[index]);
  v1::PrepareResponse response;
  EXPECT_CALL_OK(volumes(index).Prepare(&context, request, &response));
}

grpc::Status MoveTest::TryActivate(int index, int generation) {
  grpc::ClientContext context;
  v1::ActivateRequest request;
  *request.mutable_key() = Key(generation);
  request.set_start_id(start_[index]);
  v1::ActivateResponse response;
  return volumes(index).Activate(&context, request, &response);
}

grpc::Status MoveTest::TryAbort(int index, int generation) {
  grpc::ClientContext context;
  v1::AbortMigrationRequest request;
  *request.mutable_key() = Key(generation);
  v1::AbortMigrationResponse response;
  return volumes(index).AbortMigration(&context, request, &response);
}

void MoveTest::Move(int from, int to, int generation) {
  MoveLocked(from, to, generation, Lock(from, generation));
}

void MoveTest::MoveUntilPrepared(int from, int to, int generation, const v1::VolumeGroup& source) {
  Reserve(to, generation, source);
  Stage(to);
  Push(from, generation, 1);
  const v1::SealResponse sealed = Seal(from, generation);
  Push(from, generation, 0);
  Prepare(to, generation, sealed);
}

void MoveTest::MoveLocked(int from, int to, int generation, const v1::VolumeGroup& source) {
  MoveUntilPrepared(from, to, generation, source);
  ASSERT_CALL(TryActivate(to, generation));
  {
    grpc::ClientContext context;
    v1::RetireGroupRequest request;
    *request.mutable_key() = Key(generation);
    v1::RetireGroupResponse response;
    ASSERT_CALL(volumes(from).RetireGroup(&context, request, &response));
  }
  EndStart(from);
  grpc::ClientContext context;
  v1::FinishMigrationRequest request;
  *request.mutable_key() = Key(generation);
  v1::FinishMigrationResponse response;
  ASSERT_CALL(volumes(to).FinishMigration(&context, request, &response));
}

void MoveTest::UseLink() { link_ = std::make_unique<CuttableLink>(nodes_[1]->port()); }

void MoveTest::Write(int index, const std::string& file, const std::string& text) {
  std::ofstream(pair_->Files(index, slot_[index]) + "/" + file) << text;
}

std::string MoveTest::Read(int index, const std::string& file) {
  std::ostringstream text;
  text << std::ifstream(pair_->Files(index, slot_[index]) + "/" + file).rdbuf();
  return text.str();
}

TEST_P(MoveTest, ThereAndBackWithItsData) {
  Create();
  const std::string bulk = Noise(3 << 20);
  Write(0, "bulk", bulk);
  Move(0, 1, 2);
  EXPECT_EQ(Read(1, "bulk"), bulk);
  EXPECT_EQ(Group(0)->state(), v1::GROUP_STATE_RETIRED);
  EXPECT_EQ(Group(1)->state(), v1::GROUP_STATE_OWNED);
  EXPECT_EQ(Group(0)->volumes(0).dataset_id(), Group(1)->volumes(0).dataset_id());
  // One common snapshot is kept on each side, and nothing else.
  ASSERT_EQ(Group(0)->volumes(0).snapshots_size(), 1);
  ASSERT_EQ(Group(1)->volumes(0).snapshots_size(), 1);
  EXPECT_EQ(Group(0)->volumes(0).snapshots(0).identity(),
            Group(1)->volumes(0).snapshots(0).identity());
  Write(1, "more", "from node 1");
  Move(1, 0, 3);
  EXPECT_EQ(Read(0, "bulk"), bulk);
  EXPECT_EQ(Read(0, "more"), "from node 1");
  EXPECT_EQ(Group(0)->generation(), 3);
}

TEST_P(MoveTest, LaterRoundsSendOnlyWhatChanged) {
  Create();
  Write(0, "bulk", Noise(8 << 20));
  Reserve(1, 2, Lock(0, 2));
  const v1::PushResult first = Push(0, 2, 1);
  EXPECT_GT(first.bytes(), 8 << 20);
  EXPECT_FALSE(first.incremental());
  Write(0, "little", "x");
  const v1::PushResult second = Push(0, 2, 2);
  EXPECT_TRUE(second.incremental());
  if (pair_->backend(0).Kind() != "fake") {
    EXPECT_LT(second.bytes(), 1 << 20);
  }
  EXPECT_EQ(Push(0, 2, 2).snapshots(0).identity(), second.snapshots(0).identity())
      << "a repeat answers the same";
}

TEST_P(MoveTest, ARoundIsRepeatedAfterARestartOfTheSource) {
  Create();
  Write(0, "file", "1");
  Reserve(1, 2, Lock(0, 2));
  const v1::PushResult first = Push(0, 2, 1);
  Restart(0);
  EXPECT_EQ(Push(0, 2, 1).snapshots(0).identity(), first.snapshots(0).identity());
}

// The first attempt of the final delta does not ask what is there.
TEST_P(MoveTest, AFinalDeltaWhoseBaseIsGoneIsSentWholeByTheNextAttempt) {
  Create();
  Write(0, "file", "1");
  Reserve(1, 2, Lock(0, 2));
  Push(0, 2, 1);
  Seal(0, 2);
  const VolumeKey volume{ApplicationName(kApp), ""};
  const std::vector<StoredSnapshot> there = pair_->backend(1).ListSnapshots(volume).value();
  for (const StoredSnapshot& one : there) {
    ASSERT_EQ(pair_->backend(1).DeleteSnapshot(volume, one.ref.name), absl::OkStatus());
  }
  v1::PushResult result;
  EXPECT_EQ(TryPush(0, 2, 0, &result).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_FALSE(Push(0, 2, 0).incremental());
}

TEST_P(MoveTest, ADestinationWhoseGateIsGoneOwnsTheDataForAnotherStart) {
  Create();
  Write(0, "file", "1");
  MoveUntilPrepared(0, 1, 2, Lock(0, 2));
  EndStart(1);
  EXPECT_FALSE(TryActivate(1, 2).ok());
  EXPECT_EQ(Group(1)->state(), v1::GROUP_STATE_OWNED);
  EXPECT_EQ(Group(1)->generation(), 2);
  Stage(1);
  ASSERT_CALL(TryActivate(1, 2));
  EXPECT_EQ(Read(1, "file"), "1");
}

TEST_P(MoveTest, AVolumeThatNoProgramHasSeenIsNotServedBeforeItIsFilled) {
  CreateGroup();
  MoveUntilPrepared(0, 1, 2, Lock(0, 2));
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(Reason(TryActivate(1, 2)), "NOT_FILLED");
    EXPECT_EQ(Group(1)->state(), v1::GROUP_STATE_OWNED);
    EXPECT_FALSE(gate_[1]->executed());
  }
  // The container service has filled it.
  Open(1);
  ASSERT_CALL(TryActivate(1, 2));
}

TEST_P(MoveTest, ALimitIsNotSetBelowWhatIsUsed) {
  Create();
  Write(0, "file", Noise(4 << 20));
  const auto resize = [this](int64_t bytes) {
    grpc::ClientContext context;
    v1::ResizeVolumeRequest request;
    SetFence(request.mutable_fence());
    request.set_application(kApp);
    request.set_maximum_size_bytes(bytes);
    v1::ResizeVolumeResponse response;
    return Reason(volumes(0).ResizeVolume(&context, request, &response));
  };
  ASSERT_TRUE(pair_->backend(0).Sync().ok());
  EXPECT_EQ(resize(1 << 20), "BELOW_USED");
  EXPECT_EQ(resize(32 << 20), "");
  EXPECT_EQ(Group(0)->volumes(0).maximum_size_bytes(), 32 << 20);
}

TEST_P(MoveTest, SealRefusesWhileSomethingUsesTheVolume) {
  Create();
  Reserve(1, 2, Lock(0, 2));
  pair_->Use(0, slot_[0], true);
  v1::SealResponse response;
  EXPECT_EQ(Reason(TrySeal(0, 2, &response)), "WRITER_FOUND");
  EXPECT_EQ(Group(0)->state(), v1::GROUP_STATE_SEALING);
  pair_->Use(0, slot_[0], false);
  EXPECT_EQ(Seal(0, 2).snapshots_size(), 1);
  EXPECT_EQ(Group(0)->state(), v1::GROUP_STATE_SEALED);
  Restart(0);
  EXPECT_EQ(Group(0)->state(), v1::GROUP_STATE_SEALED) << "left only by Abort or Retire";
}

TEST_P(MoveTest, AnApplicationGoesOnBesideAStrangerInItsVolumeButIsNotSealed) {
  Create();
  Write(0, "file", "kept");
  Reserve(1, 2, Lock(0, 2));
  const std::string held = slot_[0];
  pair_->Use(0, held, true);
  v1::SealResponse response;
  EXPECT_EQ(Reason(TrySeal(0, 2, &response)), "WRITER_FOUND");
  EXPECT_CALL_OK(TryAbort(0, 2));
  EXPECT_CALL_OK(TryAbort(1, 2));

  EndStart(0);
  Stage(0);
  Open(0);
  EXPECT_EQ(Read(0, "file"), "kept");
  Restart(0);
  Reserve(1, 3, Lock(0, 3));
  EXPECT_EQ(Reason(TrySeal(0, 3, &response)), "WRITER_FOUND");
  EXPECT_CALL_OK(TryAbort(0, 3));
  EXPECT_CALL_OK(TryAbort(1, 3));
  EXPECT_TRUE(pair_->host(0).IsSlot(held));

  // Whoever asks what is on the node finds nothing left over.
  pair_->Use(0, held, false);
  grpc::ClientContext context;
  v1::ListGroupsResponse groups;
  EXPECT_CALL_OK(volumes(0).ListGroups(&context, {}, &groups));
  EXPECT_FALSE(pair_->host(0).IsSlot(held));
  EndStart(0);
  Stage(0);
  Open(0);
  Move(0, 1, 4);
  EXPECT_EQ(Read(1, "file"), "kept");
}

TEST_P(MoveTest, AnAbortAtEachStateLeavesTheSourceServing) {
  Create();
  Write(0, "file", "kept");
  const auto abort_both = [this](int generation) {
    EXPECT_CALL_OK(TryAbort(0, generation));
    EXPECT_CALL_OK(TryAbort(1, generation));
    EXPECT_CALL_OK(TryAbort(1, generation));
    EXPECT_EQ(Group(0)->state(), v1::GROUP_STATE_OWNED);
    EXPECT_EQ(Group(0)->volumes(0).snapshots_size(), 0);
    EXPECT_FALSE(Group(1).has_value());
  };
  Lock(0, 2);
  abort_both(2);

  Reserve(1, 3, Lock(0, 3));
  Push(0, 3, 1);
  abort_both(3);

  Reserve(1, 4, Lock(0, 4));
  Push(0, 4, 1);
  Seal(0, 4);
  Push(0, 4, 0);
  abort_both(4);
  v1::PushResult result;
  EXPECT_EQ(Reason(TryPush(0, 4, 2, &result)), "STALE_GENERATION");

  EndStart(0);
  Stage(0);
  Open(0);
  EXPECT_EQ(Read(0, "file"), "kept");
  Move(0, 1, 5);
  EXPECT_EQ(Read(1, "file"), "kept");
  EXPECT_EQ(Reason(TryAbort(1, 5)), "WRONG_STATE") << "never after COMMIT";
}

TEST_P(MoveTest, AnAbortOverARetiredGroupKeepsTheBase) {
  Create();
  Move(0, 1, 2);
  Reserve(0, 3, Lock(1, 3));
  Write(1, "file", "x");
  Push(1, 3, 1);
  EXPECT_CALL_OK(TryAbort(0, 3));
  EXPECT_CALL_OK(TryAbort(1, 3));
  EXPECT_EQ(Group(0)->state(), v1::GROUP_STATE_RETIRED);
  EXPECT_EQ(Group(0)->volumes(0).snapshots_size(), 1);
  Reserve(0, 4, Lock(1, 4));
  EXPECT_TRUE(Push(1, 4, 1).incremental());
}

TEST_P(MoveTest, ATransferThatBreaksOffLeavesNothing) {
  Create();
  Reserve(1, 2, Lock(0, 2));
  v1::ReceiveRequest header;
  header.mutable_header()->set_transfer("t1");
  header.mutable_header()->set_migration("m2");
  header.mutable_header()->set_generation(2);
  header.mutable_header()->set_application(kApp);
  header.mutable_header()->mutable_snapshot()->set_name("drover-m2-1");
  header.mutable_header()->mutable_snapshot()->set_identity("x");
  header.mutable_header()->set_backend(pair_->backend(1).Kind());
  FrameWriter frames;
  v1::ReceiveRequest chunk;
  *chunk.mutable_chunk() = frames.Chunk(Noise(1000));
  {
    // The sender is killed: no commit.
    grpc::ClientContext context;
    auto stream = nodes_[1]->transfers().Receive(&context);
    stream->Write(header);
    stream->Write(chunk);
    stream->WritesDone();
    EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  }
  {
    // The digest does not fit.
    grpc::ClientContext context;
    auto stream = nodes_[1]->transfers().Receive(&context);
    stream->Write(header);
    stream->Write(chunk);
    v1::ReceiveRequest commit;
    commit.mutable_commit()->set_total_bytes(1000);
    commit.mutable_commit()->set_digest("00");
    stream->Write(commit);
    EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::DATA_LOSS);
  }
  EXPECT_EQ(Group(1)->volumes(0).snapshots_size(), 0);
  EXPECT_EQ(Push(0, 2, 1).snapshots_size(), 1) << "a later attempt works";
}

TEST_P(MoveTest, AStreamGoesOnAfterACut) {
  Create();
  const std::string bulk = Noise(24 << 20);
  Write(0, "bulk", bulk);
  Reserve(1, 2, Lock(0, 2));
  UseLink();
  link_->CutAfter(8 << 20);
  const v1::PushResult result = Push(0, 2, 1);
  link_->WaitUntilCut();
  EXPECT_LE(result.resent_bytes(), ResendLimit(0) + (256 << 10));
  EXPECT_LT(link_->bytes(), result.bytes() + result.bytes() / 10) << "it was not begun anew";
  ASSERT_EQ(result.snapshots_size(), 1);
  ASSERT_EQ(Group(1)->volumes(0).snapshots_size(), 1);
  EXPECT_EQ(Group(1)->volumes(0).snapshots(0).identity(), result.snapshots(0).identity());
  Write(0, "more", "after the cut");
  EXPECT_TRUE(Push(0, 2, 2).incremental());
}

TEST_P(MoveTest, ACopyIsBegunAnewIfTheDestinationRestarts) {
  Create();
  Write(0, "bulk", Noise(24 << 20));
  Reserve(1, 2, Lock(0, 2));
  UseLink();
  link_->CutForLongAfter(8 << 20);
  // Made before the other thread begins: it asks the node that is restarted.
  const v1::PushRoundRequest round = RoundOf(0, 2, 1);
  std::thread restart([this] {
    link_->WaitUntilCut();
    Restart(1);
    link_->Mend(nodes_[1]->port());
  });
  v1::PushResult result;
  EXPECT_EQ(Reason(TryPush(0, round, &result)), "TRANSFER_LOST");
  restart.join();
  EXPECT_EQ(Group(1)->volumes(0).snapshots_size(), 0);
  EXPECT_EQ(Push(0, 2, 1).snapshots_size(), 1);
}

TEST_P(MoveTest, AWaitingGateSurvivesARestartOfTheDaemon) {
  Create();
  EndStart(0);
  Stage(0);
  Restart(0);
  Open(0);
}

TEST_P(MoveTest, APoolThatWasPutBackServesOnlyAfterAClaim) {
  Create();
  EndStart(0);
  nodes_[0].reset();
  // As after more records than the pool has.
  const WitnessFile file(pair_->folder(0) + "/witness.json");
  Witness witness = file.Read().value().value();
  witness.groups.at(ApplicationName(kApp)).revision += 10;
  ASSERT_TRUE(file.Write(witness).ok());
  Restart(0);
  EXPECT_EQ(Group(0)->doubt(), v1::OWNERSHIP_DOUBT_OLDER_POOL);
  Stage(0);
  v1::OpenGateRequest open;
  open.set_application(kApp);
  open.set_start_id(start_[0]);
  open.set_container_id(kContainer);
  v1::OpenGateResponse opened;
  {
    grpc::ClientContext context;
    EXPECT_EQ(Reason(volumes(0).OpenGate(&context, open, &opened)), "OLDER_POOL");
    EXPECT_FALSE(gate_[0]->executed());
  }
  {
    grpc::ClientContext context;
    v1::LockGroupRequest lock;
    *lock.mutable_key() = Key(2);
    v1::LockGroupResponse locked;
    EXPECT_EQ(Reason(volumes(0).LockGroup(&context, lock, &locked)), "OLDER_POOL");
  }
  grpc::ClientContext context;
  v1::ClaimGroupRequest claim;
  SetFence(claim.mutable_fence());
  claim.set_application(kApp);
  claim.set_generation(3);
  v1::ClaimGroupResponse claimed;
  ASSERT_CALL(volumes(0).ClaimGroup(&context, claim, &claimed));
  Open(0);
}

TEST_P(MoveTest, ACopyIsClaimedAndTheOldOwnerKeepsWhatItHas) {
  Create();
  Write(0, "file", "in the copy");
  Move(0, 1, 2);
  Write(1, "file", "only here");
  {
    grpc::ClientContext context;
    v1::ClaimGroupRequest request;
    SetFence(request.mutable_fence());
    request.set_application(kApp);
    request.set_generation(3);
    v1::ClaimGroupResponse response;
    ASSERT_CALL(volumes(0).ClaimGroup(&context, request, &response));
    EXPECT_EQ(response.group().state(), v1::GROUP_STATE_OWNED);
  }
  Stage(0);
  Open(0);
  EXPECT_EQ(Read(0, "file"), "in the copy");

  grpc::ClientContext context;
  v1::DivergeGroupRequest request;
  SetFence(request.mutable_fence());
  request.set_application(kApp);
  request.set_generation(3);
  v1::DivergeGroupResponse response;
  ASSERT_CALL(volumes(1).DivergeGroup(&context, request, &response));
  EndStart(1);
  Restart(1);
  EXPECT_EQ(Group(1)->state(), v1::GROUP_STATE_DIVERGED);
  Stage(1);
  grpc::ClientContext open_context;
  v1::OpenGateRequest open;
  open.set_application(kApp);
  open.set_start_id(start_[1]);
  open.set_container_id(kContainer);
  v1::OpenGateResponse opened;
  EXPECT_EQ(Reason(volumes(1).OpenGate(&open_context, open, &opened)), "WRONG_STATE");

  grpc::ClientContext delete_context;
  v1::DeleteGroupRequest remove;
  SetFence(remove.mutable_fence());
  remove.set_application(kApp);
  remove.set_generation(2);
  v1::DeleteGroupResponse removed;
  ASSERT_CALL(volumes(1).DeleteGroup(&delete_context, remove, &removed));
  EndStart(1);
  Move(0, 1, 4);
  EXPECT_EQ(Read(1, "file"), "in the copy");
}

TEST_P(MoveTest, TheGateStaysShutWhereTheApplicationIsNot) {
  Create();
  Reserve(1, 2, Lock(0, 2));
  Stage(1);
  grpc::ClientContext context;
  v1::OpenGateRequest request;
  request.set_application(kApp);
  request.set_start_id(start_[1]);
  request.set_container_id(kContainer);
  v1::OpenGateResponse response;
  EXPECT_EQ(Reason(volumes(1).OpenGate(&context, request, &response)), "WRONG_STATE");
  EXPECT_FALSE(gate_[1]->executed());
}

}  // namespace drover::volume
