// Snapshots, going back to them, clones, and volumes that come and go: for every backend.
#include <string>

#include "services/common/status/reason.h"
#include "services/volume/testing/move_test.h"

namespace drover::volume {
namespace {

const char kApp[] = "redis";

template <class Request>
Request Ask() {
  Request request;
  SetFence(request.mutable_fence());
  request.set_application(kApp);
  return request;
}

absl::Status Snapshot(v1::VolumeService::Stub& node, const std::string& name) {
  grpc::ClientContext context;
  auto request = Ask<v1::CreateSnapshotRequest>();
  request.set_snapshot(name);
  v1::CreateSnapshotResponse response;
  return FromGrpcStatus(node.CreateSnapshot(&context, request, &response));
}

absl::Status RollBack(v1::VolumeService::Stub& node, const std::string& name) {
  grpc::ClientContext context;
  auto request = Ask<v1::RollBackVolumeRequest>();
  request.set_snapshot(name);
  v1::RollBackVolumeResponse response;
  return FromGrpcStatus(node.RollBackVolume(&context, request, &response));
}

absl::Status DeleteSnapshot(v1::VolumeService::Stub& node, const std::string& name) {
  grpc::ClientContext context;
  auto request = Ask<v1::DeleteSnapshotRequest>();
  request.set_snapshot(name);
  v1::DeleteSnapshotResponse response;
  return FromGrpcStatus(node.DeleteSnapshot(&context, request, &response));
}

absl::StatusOr<v1::VolumeGroup> Clone(v1::VolumeService::Stub& node, int generation) {
  grpc::ClientContext context;
  auto request = Ask<v1::CloneGroupRequest>();
  request.set_clone("copy");
  request.set_generation(generation);
  v1::CloneGroupResponse response;
  const absl::Status status = FromGrpcStatus(node.CloneGroup(&context, request, &response));
  if (!status.ok()) return status;
  return response.group();
}

absl::StatusOr<v1::VolumeGroup> SetAttached(v1::VolumeService::Stub& node,
                                            const std::vector<std::string>& ids) {
  grpc::ClientContext context;
  auto request = Ask<v1::SetAttachedVolumesRequest>();
  request.set_generation(1);
  for (const std::string& id : ids) {
    auto* volume = request.add_volumes();
    volume->set_id(id);
    volume->set_mountpoint("/data" + id);
  }
  v1::SetAttachedVolumesResponse response;
  const absl::Status status = FromGrpcStatus(node.SetAttachedVolumes(&context, request, &response));
  if (!status.ok()) return status;
  return response.group();
}

absl::Status DeleteVolume(v1::VolumeService::Stub& node, const std::string& id) {
  grpc::ClientContext context;
  auto request = Ask<v1::DeleteVolumeRequest>();
  request.set_volume_id(id);
  v1::DeleteVolumeResponse response;
  return FromGrpcStatus(node.DeleteVolume(&context, request, &response));
}

TEST_P(MoveTest, GoesBackToASnapshotWhileTheApplicationIsStopped) {
  Create();
  Write(0, "file", "one");
  ASSERT_EQ(Snapshot(volumes(0), "first"), absl::OkStatus());
  EXPECT_TRUE(absl::IsAlreadyExists(Snapshot(volumes(0), "first")));
  EXPECT_TRUE(absl::IsInvalidArgument(Snapshot(volumes(0), "drover-mine")));
  Write(0, "file", "two");
  EXPECT_EQ(ReasonOf(RollBack(volumes(0), "first")), "GATE_OPEN");
  EXPECT_EQ(Read(0, "file"), "two");
  EndStart(0);
  EXPECT_TRUE(absl::IsNotFound(RollBack(volumes(0), "another")));
  ASSERT_EQ(RollBack(volumes(0), "first"), absl::OkStatus());
  ASSERT_EQ(RollBack(volumes(0), "first"), absl::OkStatus());
  Stage(0);
  Open(0);
  EXPECT_EQ(Read(0, "file"), "one");
  ASSERT_EQ(DeleteSnapshot(volumes(0), "first"), absl::OkStatus());
  EXPECT_EQ(Group(0)->volumes(0).snapshots_size(), 0);
}

TEST_P(MoveTest, WhatWasPutBackMovesOn) {
  Create();
  Write(0, "file", "one");
  ASSERT_EQ(Snapshot(volumes(0), "first"), absl::OkStatus());
  Move(0, 1, 2);
  Write(1, "file", "two");
  Move(1, 0, 3);
  EXPECT_EQ(Read(0, "file"), "two");
  // Older than what both nodes have in common.
  EndStart(0);
  ASSERT_EQ(RollBack(volumes(0), "first"), absl::OkStatus());
  Stage(0);
  Open(0);
  EXPECT_EQ(Read(0, "file"), "one");
  Move(0, 1, 4);
  EXPECT_EQ(Read(1, "file"), "one");
  // It stayed where it was taken.
  EXPECT_EQ(Group(0)->volumes(0).snapshots(0).name(), "first");
  ASSERT_EQ(DeleteSnapshot(volumes(0), "first"), absl::OkStatus());
  Write(1, "file", "three");
  Move(1, 0, 5);
  EXPECT_EQ(Read(0, "file"), "three");
}

TEST_P(MoveTest, ARollBackThatWasCutShortEndsWhenTheServiceStarts) {
  Create();
  Write(0, "file", "one");
  ASSERT_EQ(Snapshot(volumes(0), "first"), absl::OkStatus());
  Write(0, "file", "two");
  EndStart(0);
  GroupRecord record = pair_->backend(0).ReadRecords()->front();
  record.volumes[0].roll_back = "first";
  ++record.revision;
  ASSERT_EQ(pair_->backend(0).WriteRecord(record), absl::OkStatus());
  Restart(0);
  EXPECT_EQ(pair_->backend(0).ReadRecords()->front().volumes[0].roll_back, "");
  Stage(0);
  Open(0);
  EXPECT_EQ(Read(0, "file"), "one");
}

TEST_P(MoveTest, ACloneIsAGroupOfItsOwn) {
  Create();
  Write(0, "file", "one");
  const absl::StatusOr<v1::VolumeGroup> clone = Clone(volumes(0), 7);
  ASSERT_TRUE(clone.ok()) << clone.status();
  EXPECT_EQ(clone->application(), "copy");
  EXPECT_EQ(clone->state(), v1::GROUP_STATE_OWNED);
  EXPECT_EQ(clone->generation(), 7);
  EXPECT_FALSE(clone->volumes(0).fresh());
  EXPECT_NE(clone->volumes(0).dataset_id(), Group(0)->volumes(0).dataset_id());
  EXPECT_EQ(clone->volumes(0).snapshots_size(), 0);
  EXPECT_EQ(Group(0)->volumes(0).snapshots_size(), 0);
  EXPECT_TRUE(absl::IsAlreadyExists(Clone(volumes(0), 8).status()));
  // The answer was lost.
  const absl::StatusOr<v1::VolumeGroup> again = Clone(volumes(0), 7);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->volumes(0).dataset_id(), clone->volumes(0).dataset_id());
  // The source goes on, moves and comes back as before.
  Write(0, "file", "two");
  Move(0, 1, 2);
  Write(1, "file", "three");
  Move(1, 0, 3);
  EXPECT_EQ(Read(0, "file"), "three");
}

TEST_P(MoveTest, OfACloneThatWasCutShortNothingIsLeft) {
  Create();
  const VolumeKey source{ApplicationName(kApp), ""}, clone{ApplicationName("copy"), ""};
  StorageBackend& backend = pair_->backend(0);
  ASSERT_EQ(
      backend.WriteRecord({.application = clone.application, .state = GroupState::kDiscarded}),
      absl::OkStatus());
  ASSERT_TRUE(backend.CreateSnapshot(source, "drover-clone-1-0").ok());
  ASSERT_EQ(backend.CloneVolume(source, "drover-clone-1-0", clone, 0), absl::OkStatus());
  EndStart(0);
  Restart(0);
  EXPECT_EQ(Group(0)->volumes(0).snapshots_size(), 0);
  EXPECT_EQ(*backend.UsedBytes(clone, {}), 0);
  ASSERT_TRUE(Clone(volumes(0), 7).ok());
}

TEST_P(MoveTest, WhatCameWithAMoveThatWasUndoneIsNoCopy) {
  Create();
  Write(0, "file", "one");
  Move(0, 1, 2);
  Move(1, 0, 3);
  EndStart(0);
  grpc::ClientContext context;
  auto request = Ask<v1::SetAttachedVolumesRequest>();
  request.set_generation(3);
  request.add_volumes()->set_mountpoint("/data");
  request.add_volumes()->set_id("logs");
  request.mutable_volumes(1)->set_mountpoint("/logs");
  v1::SetAttachedVolumesResponse response;
  ASSERT_CALL(volumes(0).SetAttachedVolumes(&context, request, &response));
  Reserve(1, 4, Lock(0, 4));
  EXPECT_EQ(Group(1)->volumes_size(), 2);
  EXPECT_CALL_OK(TryAbort(1, 4));
  EXPECT_EQ(Group(1)->volumes_size(), 1);
  // Its copy of the other can be claimed.
  grpc::ClientContext claim_context;
  auto claim = Ask<v1::ClaimGroupRequest>();
  claim.set_generation(9);
  v1::ClaimGroupResponse claimed;
  ASSERT_CALL(volumes(1).ClaimGroup(&claim_context, claim, &claimed));
  EXPECT_EQ(claimed.group().state(), v1::GROUP_STATE_OWNED);
}

TEST_P(MoveTest, NothingIsClonedOrPutBackDuringAMove) {
  Create();
  ASSERT_EQ(Snapshot(volumes(0), "first"), absl::OkStatus());
  Lock(0, 2);
  EXPECT_EQ(ReasonOf(Clone(volumes(0), 7).status()), "GROUP_LOCKED");
  EXPECT_EQ(ReasonOf(RollBack(volumes(0), "first")), "GROUP_LOCKED");
  EXPECT_EQ(ReasonOf(Snapshot(volumes(0), "second")), "GROUP_LOCKED");
  EXPECT_EQ(ReasonOf(SetAttached(volumes(0), {}).status()), "GROUP_LOCKED");
}

TEST_P(MoveTest, VolumesComeAndGoWhileTheApplicationIsStopped) {
  Create();
  Write(0, "file", "one");
  EXPECT_EQ(ReasonOf(SetAttached(volumes(0), {"", "logs"}).status()), "GATE_OPEN");
  EndStart(0);
  absl::StatusOr<v1::VolumeGroup> group = SetAttached(volumes(0), {"", "logs"});
  ASSERT_TRUE(group.ok()) << group.status();
  ASSERT_EQ(group->volumes_size(), 2);
  EXPECT_FALSE(group->volumes(0).fresh());
  EXPECT_TRUE(group->volumes(1).fresh());
  EXPECT_EQ(ReasonOf(DeleteVolume(volumes(0), "logs")), "ATTACHED");
  group = SetAttached(volumes(0), {"logs"});
  ASSERT_TRUE(group.ok()) << group.status();
  EXPECT_TRUE(group->volumes(0).detached());
  // The old one is still there, and comes back with what it held.
  group = SetAttached(volumes(0), {""});
  ASSERT_TRUE(group.ok()) << group.status();
  EXPECT_FALSE(group->volumes(0).detached());
  EXPECT_TRUE(group->volumes(1).detached());
  Stage(0);
  Open(0);
  EXPECT_EQ(Read(0, "file"), "one");
  ASSERT_EQ(DeleteVolume(volumes(0), "logs"), absl::OkStatus());
  ASSERT_EQ(DeleteVolume(volumes(0), "logs"), absl::OkStatus());
  EXPECT_EQ(Group(0)->volumes_size(), 1);
  Move(0, 1, 2);
  EXPECT_EQ(Read(1, "file"), "one");
}

}  // namespace
}  // namespace drover::volume
