#include <stdlib.h>

#include <atomic>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "services/common/async/grpc_status.h"
#include "services/common/ids/random_id.h"
#include "services/common/status/reason.h"
#include "services/volume/backend/fake_backend.h"
#include "services/volume/backend/fake_host.h"
#include "services/volume/client/transfer_frames.h"
#include "services/volume/testing/move_test.h"

namespace drover::volume {
namespace {

class FakeNodes : public NodePair {
 public:
  FakeNodes() {
    // Short: socket paths end at 108 bytes.
    std::string pattern = "/tmp/drover-movesXXXXXX";
    folder_ = mkdtemp(pattern.data());
    for (int i : {0, 1}) {
      std::filesystem::create_directories(folder(i));
      backends_[i] = FakeBackend::Create(folder(i) + "/pool").value();
    }
  }
  ~FakeNodes() override { std::filesystem::remove_all(folder_); }

  FakeBackend& backend(int index) override { return *backends_[index]; }
  Host& host(int index) override { return hosts_[index]; }
  std::string folder(int index) override { return folder_ + "/" + std::to_string(index); }
  std::string Files(int index, const std::string& slot) override {
    return backends_[index]->LivePath({ApplicationName("redis"), ""});
  }
  void Use(int index, const std::string& slot, bool use) override {
    backends_[index]->SetBusy(use);
  }

 private:
  std::string folder_;
  std::unique_ptr<FakeBackend> backends_[2];
  FakeHost hosts_[2];
};

std::unique_ptr<NodePair> MakeFakeNodes() { return std::make_unique<FakeNodes>(); }

INSTANTIATE_TEST_SUITE_P(Fake, MoveTest, testing::Values(&MakeFakeNodes));

class FakeMoveTest : public MoveTest {
 protected:
  FakeBackend& backend(int index) { return static_cast<FakeNodes&>(*pair_).backend(index); }
  FakeHost& host(int index) { return static_cast<FakeHost&>(pair_->host(index)); }

  static v1::TransferHeader HeaderOfTransfer() {
    v1::TransferHeader header;
    header.set_transfer("t1");
    header.set_migration("m2");
    header.set_generation(2);
    header.set_application("redis");
    header.mutable_snapshot()->set_name("drover-m2-1");
    header.mutable_snapshot()->set_identity("x");
    header.set_backend("fake");
    return header;
  }
  // A transfer to node 1 that has begun.
  std::unique_ptr<grpc::ClientReaderWriter<v1::ReceiveRequest, v1::ReceiveResponse>> BeginTransfer(
      grpc::ClientContext& context) {
    auto stream = nodes_[1]->transfers().Receive(&context);
    v1::ReceiveRequest request;
    *request.mutable_header() = HeaderOfTransfer();
    EXPECT_TRUE(stream->Write(request));
    FrameWriter frames;
    *request.mutable_chunk() = frames.Chunk(std::string(1000, 'x'));
    EXPECT_TRUE(stream->Write(request));
    return stream;
  }
  // How much node 1 has of it.
  int64_t TakenOfTransfer() {
    grpc::ClientContext context;
    v1::GetTransferRequest request;
    request.set_transfer("t1");
    v1::GetTransferResponse response;
    nodes_[1]->transfers().GetTransfer(&context, request, &response);
    return response.acknowledged_bytes();
  }
  // How many transfers have left something on node 1.
  int Arriving() {
    const auto left = EntriesOf(pair_->folder(1) + "/pool/drover/apps/redis/incoming");
    return static_cast<int>(left.value().size());
  }
  // Waits for what node 1 does by itself; its answers to calls are the clock.
  bool Becomes(const std::function<bool()>& state) {
    const absl::Time deadline = absl::Now() + absl::Seconds(20);
    while (!state() && absl::Now() < deadline) (void)Group(1);
    return state();
  }
};
INSTANTIATE_TEST_SUITE_P(Fake, FakeMoveTest, testing::Values(&MakeFakeNodes));

TEST_P(FakeMoveTest, AFullPoolIsRefusedBeforeAnythingIsSent) {
  Create();
  Write(0, "file", std::string(1 << 20, 'x'));
  const v1::VolumeGroup source = Lock(0, 2);
  backend(1).SetFreeBytes(1 << 20);
  grpc::ClientContext context;
  v1::ReserveGroupRequest request;
  *request.mutable_key() = Key(2);
  *request.mutable_source() = source;
  request.set_backend("fake");
  v1::ReserveGroupResponse response;
  const grpc::Status status = volumes(1).ReserveGroup(&context, request, &response);
  EXPECT_EQ(ReasonOf(FromGrpcStatus(status)), "POOL_FULL");
  EXPECT_FALSE(Group(1).has_value());
}

TEST_P(FakeMoveTest, SealRefusesWhileAProcessOfTheContainerLives) {
  Create();
  Lock(0, 2);
  host(0).SetAlive(true);
  v1::SealResponse response;
  EXPECT_EQ(ReasonOf(FromGrpcStatus(TrySeal(0, 2, &response))), "WRITER_FOUND");
  host(0).SetAlive(false);
  EXPECT_EQ(Seal(0, 2).snapshots_size(), 1);
}

TEST_P(FakeMoveTest, SealRefusesANestedVolume) {
  Create();
  Lock(0, 2);
  backend(0).SetNested(true);
  v1::SealResponse response;
  EXPECT_EQ(ReasonOf(FromGrpcStatus(TrySeal(0, 2, &response))), "NESTED_VOLUME");
}

TEST_P(FakeMoveTest, WithTheEngineDeadTheKernelsWordCounts) {
  Create();
  Lock(0, 2);
  nodes_[0]->containers().on_stop_container = [](const auto& request) {
    return absl::UnavailableError("the engine does not answer");
  };
  host(0).SetAlive(true);
  v1::SealResponse response;
  EXPECT_EQ(TrySeal(0, 2, &response).error_code(), grpc::StatusCode::UNAVAILABLE);
  host(0).SetAlive(false);
  EXPECT_EQ(Seal(0, 2).snapshots_size(), 1);
}

TEST_P(FakeMoveTest, WhatWasNotVerifiedIsNotKept) {
  Create();
  Reserve(1, 2, Lock(0, 2));
  backend(1).FailNextAccept(absl::DataLossError("not what was announced"));
  v1::PushResult result;
  EXPECT_EQ(TryPush(0, 2, 1, &result).error_code(), grpc::StatusCode::DATA_LOSS);
  EXPECT_EQ(Group(1)->volumes(0).snapshots_size(), 0);
  EXPECT_EQ(Push(0, 2, 1).snapshots_size(), 1);
}

TEST_P(FakeMoveTest, AContainerOutsideOurControlGroupsIsNotStarted) {
  Create();
  host(0).SetSeeGates(false);
  EndStart(0);
  const std::string start = RandomHex(16);
  v1::AttachSlotsRequest attach;
  attach.set_application("redis");
  attach.set_start_id(start);
  attach.add_volumes()->set_mountpoint("/data");
  v1::AttachSlotsResponse attached;
  grpc::ClientContext attach_context;
  ASSERT_TRUE(volumes(0).AttachSlots(&attach_context, attach, &attached).ok());
  TestGate gate(attached.control_directory(), start);
  v1::AwaitGateRequest await;
  await.set_application("redis");
  await.set_start_id(start);
  await.set_container_id(std::string(64, 'c'));
  v1::AwaitGateResponse gated;
  grpc::ClientContext await_context;
  const grpc::Status status = volumes(0).AwaitGate(&await_context, await, &gated);
  EXPECT_EQ(ReasonOf(FromGrpcStatus(status)), "CGROUP_HIDDEN");
}

// Its container, restarted by hand, must find nobody to ask: not after a restart of the daemon
// either.
TEST_P(FakeMoveTest, AStartWhoseGateWasOpenedHasNoSocketAnyMore) {
  Create();
  const std::string socket =
      absl::StrCat(pair_->folder(0), "/run/control/", start_[0], "/control.sock");
  EXPECT_FALSE(std::filesystem::exists(socket));
  Restart(0);
  EXPECT_FALSE(std::filesystem::exists(socket));
  Open(0);
  EXPECT_FALSE(std::filesystem::exists(socket));
  EndStart(0);
  Stage(0);
  Restart(0);
  Open(0);
}

TEST_P(FakeMoveTest, ACutCostsOnePercentAtMost) {
  Create();
  Write(0, "file", std::string(128 << 20, 'x'));
  Reserve(1, 2, Lock(0, 2));
  UseLink();
  link_->CutAfter(100 << 20);
  const v1::PushResult result = Push(0, 2, 1);
  link_->WaitUntilCut();
  EXPECT_LE(result.resent_bytes(), result.bytes() / 100);
  EXPECT_EQ(Group(1)->volumes(0).snapshots(0).identity(), result.snapshots(0).identity());
}

// Whoever resumes must be the one who began.
TEST_P(FakeMoveTest, ATransferIsResumedOnlyAsItWasBegun) {
  Create();
  Reserve(1, 2, Lock(0, 2));
  grpc::ClientContext first_context;
  auto first = BeginTransfer(first_context);
  EXPECT_TRUE(Becomes([this] { return TakenOfTransfer() == 1000; }));
  v1::ReceiveRequest request;
  *request.mutable_header() = HeaderOfTransfer();
  request.mutable_header()->set_resume(true);
  request.mutable_header()->mutable_snapshot()->set_identity("y");
  grpc::ClientContext other_context;
  auto other = nodes_[1]->transfers().Receive(&other_context);
  EXPECT_TRUE(other->Write(request));
  EXPECT_EQ(ReasonOf(FromGrpcStatus(other->Finish())), "TRANSFER_LOST");

  request.mutable_header()->mutable_snapshot()->set_identity("x");
  grpc::ClientContext second_context;
  auto second = nodes_[1]->transfers().Receive(&second_context);
  EXPECT_TRUE(second->Write(request));
  v1::ReceiveResponse response;
  EXPECT_TRUE(second->Read(&response));
  EXPECT_EQ(response.acknowledged_bytes(), 1000);
  EXPECT_FALSE(first->Finish().ok()) << "hung up";
  // What was taken already does not fit.
  *request.mutable_chunk() = FrameWriter().Chunk("x");
  EXPECT_TRUE(second->Write(request));
  EXPECT_EQ(second->Finish().error_code(), grpc::StatusCode::DATA_LOSS);
  EXPECT_TRUE(Becomes([this] { return Arriving() == 0; }));
}

// A stream that stands still is ended at both ends, and nothing of it stays.
class StallTest : public FakeMoveTest {
 protected:
  void Prepare() {
    Create();
    // More than pipes and windows take in.
    Write(0, "file", std::string(16 << 20, 'x'));
    Reserve(1, 2, Lock(0, 2));
  }
  void ExpectStall() {
    v1::PushResult result;
    const absl::Status status = FromGrpcStatus(TryPush(0, 2, 1, &result));
    EXPECT_TRUE(absl::IsUnavailable(status)) << status;
    EXPECT_EQ(ReasonOf(status), "STALLED") << status;
    EXPECT_TRUE(Becomes([this] { return Arriving() == 0; }));
    EXPECT_EQ(Group(1)->volumes(0).snapshots_size(), 0);
    EXPECT_EQ(Push(0, 2, 1).snapshots_size(), 1) << "a later attempt works";
  }
};

class StallingNodes : public FakeNodes {
 public:
  absl::Duration stall_limit() override { return absl::Milliseconds(500); }
};
std::unique_ptr<NodePair> MakeStallingNodes() { return std::make_unique<StallingNodes>(); }
INSTANTIATE_TEST_SUITE_P(Fake, StallTest, testing::Values(&MakeStallingNodes));

TEST_P(StallTest, AProgramThatSendsNothingIsGivenUp) {
  Prepare();
  backend(0).HangNextSend();
  ExpectStall();
}

TEST_P(StallTest, AProgramThatTakesNothingIsGivenUp) {
  Prepare();
  backend(1).HangNextReceive();
  ExpectStall();
}

TEST_P(StallTest, ANetworkThatStaysCutIsGivenUp) {
  Prepare();
  UseLink();
  link_->CutForLongAfter(4 << 20);
  v1::PushResult result;
  EXPECT_EQ(ReasonOf(FromGrpcStatus(TryPush(0, 2, 1, &result))), "STALLED");
  EXPECT_TRUE(Becomes([this] { return Arriving() == 0; }));
  link_->Mend(nodes_[1]->port());
  EXPECT_EQ(Push(0, 2, 1).snapshots_size(), 1) << "a later attempt works";
}

// A node that dies cuts the call: the handler is cancelled in the middle of the stream.
TEST_P(StallTest, ATransferWhoseSenderDiesLeavesNothing) {
  Create();
  Reserve(1, 2, Lock(0, 2));
  grpc::ClientContext context;
  auto stream = BeginTransfer(context);
  EXPECT_TRUE(Becomes([this] { return Arriving() == 1; }));
  context.TryCancel();
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(Becomes([this] { return Arriving() == 0; }));
  EXPECT_EQ(Push(0, 2, 1).snapshots_size(), 1) << "a later attempt works";
}

TEST_P(StallTest, ASilentSenderIsGivenUp) {
  Prepare();
  grpc::ClientContext context;
  auto stream = BeginTransfer(context);
  EXPECT_FALSE(stream->Finish().ok());
  EXPECT_TRUE(Becomes([this] { return Arriving() == 0; }));
}

// A walk over millions of files takes minutes: none may be on the way of a cut-over, nor of whoever
// asks what is here.
TEST_P(FakeMoveTest, OnlyTheAdmissionOfAMoveMeasures) {
  std::atomic<int> measured = 0;
  for (int i : {0, 1}) backend(i).OnMeasure([&measured] { ++measured; });
  Create();
  EXPECT_EQ(measured, 0);
  Write(0, "file", std::string(1 << 20, 'x'));
  const v1::VolumeGroup source = Lock(0, 2);
  EXPECT_EQ(measured, 1);
  EXPECT_GE(source.volumes(0).size_bytes(), 1 << 20);
  MoveLocked(0, 1, 2, source);
  EXPECT_EQ(Group(0)->state(), v1::GROUP_STATE_RETIRED);
  EXPECT_EQ(Group(1)->volumes(0).size_bytes(), source.volumes(0).size_bytes())
      << "as the source said, until it is measured here";
  EXPECT_EQ(measured, 1);
}

TEST_P(FakeMoveTest, AListOfGroupsDoesNotWaitForTheirSizes) {
  Create();
  Write(0, "file", std::string(1 << 20, 'x'));
  absl::Notification answered;
  backend(0).OnMeasure([&answered] { answered.WaitForNotification(); });
  const auto size = [this] {
    grpc::ClientContext context;
    v1::ListGroupsResponse response;
    EXPECT_TRUE(volumes(0).ListGroups(&context, {}, &response).ok());
    return response.groups(0).volumes(0).size_bytes();
  };
  EXPECT_EQ(size(), 0);
  EXPECT_EQ(size(), 0);
  answered.Notify();
  const absl::Time deadline = absl::Now() + absl::Seconds(10);
  while (size() < 1 << 20 && absl::Now() < deadline) {
  }
  EXPECT_GE(size(), 1 << 20);
}

TEST_P(FakeMoveTest, AnOlderCoordinatorIsRefused) {
  Create();
  grpc::ClientContext context;
  v1::LockGroupRequest request;
  *request.mutable_key() = Key(2);
  request.mutable_key()->mutable_fence()->set_epoch(0);
  v1::LockGroupResponse response;
  EXPECT_FALSE(volumes(0).LockGroup(&context, request, &response).ok());
  EXPECT_EQ(Group(0)->migration(), "");
}

}  // namespace
}  // namespace drover::volume
