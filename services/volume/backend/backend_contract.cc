#include "services/volume/backend/backend_contract.h"

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/common/status/reason.h"

namespace drover::volume {

namespace fs = std::filesystem;

namespace {

std::string TemporaryFile(const std::string& name) {
  return absl::StrCat(testing::TempDir(), "/", getpid(), "-", name);
}

GroupRecord Record(const std::string& application) {
  GroupRecord record;
  record.application = ApplicationName(application);
  record.generation = Generation(1);
  record.revision = 1;
  return record;
}

std::vector<std::string> NamesOf(StorageBackend& backend, const VolumeKey& volume) {
  std::vector<std::string> names;
  const std::vector<StoredSnapshot> snapshots = backend.ListSnapshots(volume).value();
  for (const StoredSnapshot& one : snapshots) names.push_back(one.ref.name);
  return names;
}

}  // namespace

#define ASSERT_OK(expression)                 \
  do {                                        \
    const absl::Status status = (expression); \
    ASSERT_TRUE(status.ok()) << status;       \
  } while (false)

void StorageBackendContract::SetUp() {
  world_ = GetParam()();
  if (world_ == nullptr) GTEST_SKIP() << "needs root";
}

void StorageBackendContract::Write(StorageBackend& backend, const std::string& file,
                                   const std::string& text) {
  const std::string folder = world_->Open(backend, volume_);
  std::ofstream(folder + "/" + file) << text;
  world_->Close(backend, volume_);
}

std::string StorageBackendContract::Read(StorageBackend& backend, const std::string& file) {
  return Read(backend, file, volume_);
}

std::string StorageBackendContract::Read(StorageBackend& backend, const std::string& file,
                                         const VolumeKey& volume) {
  const std::string folder = world_->Open(backend, volume);
  std::ostringstream text;
  text << std::ifstream(folder + "/" + file).rdbuf();
  world_->Close(backend, volume);
  return text.str();
}

std::string StorageBackendContract::Send(const std::string& name,
                                         const std::optional<std::string>& base) {
  const std::string stream = TemporaryFile("stream-" + name);
  const auto argv = world_->source().SendCommand(volume_, name, base).value();
  EXPECT_EQ(system(absl::StrCat(absl::StrJoin(argv, " "), " > ", stream).c_str()), 0);
  return stream;
}

absl::StatusOr<StoredSnapshot> StorageBackendContract::Receive(const IncomingSnapshot& incoming,
                                                               const std::string& stream) {
  absl::StatusOr<std::vector<std::string>> argv = world_->destination().BeginReceive(incoming);
  if (!argv.ok()) return argv.status();
  // A program that fails must leave nothing that would be accepted; so its exit code is not looked
  // at here, but by the driver.
  (void)!system(absl::StrCat(absl::StrJoin(*argv, " "), " < ", stream, " 2>/dev/null").c_str());
  return world_->destination().AcceptReceived(incoming);
}

IncomingSnapshot StorageBackendContract::Incoming(const SnapshotRef& snapshot,
                                                  std::optional<std::string> base) {
  return {.volume = volume_,
          .transfer = absl::StrCat("t", ++transfers_),
          .snapshot = snapshot,
          .base_identity = std::move(base)};
}

TEST_P(StorageBackendContract, ThePoolSaysWhoItIsForEver) {
  const PoolInfo info = world_->source().GetPool().value();
  EXPECT_FALSE(info.identity.empty());
  EXPECT_GT(info.size_bytes, 0);
  EXPECT_GT(info.free_bytes, 0);
  EXPECT_EQ(world_->ReopenSource()->GetPool()->identity, info.identity);
  EXPECT_NE(world_->destination().GetPool()->identity, info.identity);
}

TEST_P(StorageBackendContract, RecordsAreThereAfterARestart) {
  StorageBackend& backend = world_->source();
  EXPECT_TRUE(backend.ReadRecords()->empty());
  GroupRecord redis = Record("redis");
  // Longer than one ZFS property holds.
  for (int i = 0; i < 30; ++i) {
    redis.volumes.push_back({.id = absl::StrCat("v", i),
                             .dataset_id = std::string(36, 'd'),
                             .mountpoint = absl::StrCat("/data with 'quotes' \"and\" more/", i)});
  }
  ASSERT_OK(backend.WriteRecord(redis));
  ASSERT_OK(backend.WriteRecord(Record("web")));
  EXPECT_EQ(world_->ReopenSource()->ReadRecords().value(),
            (std::vector<GroupRecord>{redis, Record("web")}));
  redis.volumes.clear();
  redis.revision = 2;
  ASSERT_OK(backend.WriteRecord(redis));
  ASSERT_OK(backend.RemoveGroup(ApplicationName("web")));
  ASSERT_OK(backend.RemoveGroup(ApplicationName("web")));
  EXPECT_EQ(world_->ReopenSource()->ReadRecords().value(), std::vector<GroupRecord>{redis});
}

TEST_P(StorageBackendContract, AVolumeHoldsFilesUntilItsGroupIsRemoved) {
  StorageBackend& backend = world_->source();
  ASSERT_OK(backend.WriteRecord(Record("redis")));
  ASSERT_OK(backend.CreateVolume(volume_, 0));
  ASSERT_OK(backend.CreateVolume(volume_, 0));
  Write(backend, "file", std::string(1 << 20, 'x'));
  ASSERT_OK(backend.Sync());
  EXPECT_GE(backend.UsedBytes(volume_, {}).value(), 1 << 19);
  EXPECT_EQ(Read(backend, "file").size(), size_t{1} << 20);
  ASSERT_TRUE(backend.CreateSnapshot(volume_, "s1").ok());
  ASSERT_OK(backend.RemoveVolumes(volume_.application));
  EXPECT_EQ(backend.ReadRecords()->size(), 1u);
  EXPECT_TRUE(NamesOf(backend, volume_).empty());
  ASSERT_OK(backend.RemoveGroup(volume_.application));
  EXPECT_TRUE(backend.ReadRecords()->empty());
}

TEST_P(StorageBackendContract, MountingTwiceIsMountingOnce) {
  StorageBackend& backend = world_->source();
  ASSERT_OK(backend.WriteRecord(Record("redis")));
  ASSERT_OK(backend.CreateVolume(volume_, 0));
  world_->Open(backend, volume_);
  world_->Open(backend, volume_);
  world_->Close(backend, volume_);
  const std::vector<MountEntry> mounts = OwnMounts().value();
  for (const MountEntry& mount : mounts) EXPECT_FALSE(backend.IsMountOf(volume_, mount));
}

TEST_P(StorageBackendContract, ALimitCanBeChangedAndTakenAway) {
  StorageBackend& backend = world_->source();
  ASSERT_OK(backend.WriteRecord(Record("redis")));
  ASSERT_OK(backend.CreateVolume(volume_, 64 << 20));
  EXPECT_TRUE(backend.SetLimit(volume_, 32 << 20).ok());
  EXPECT_TRUE(backend.SetLimit(volume_, 0).ok());
}

TEST_P(StorageBackendContract, SnapshotsAreListedOldestFirst) {
  StorageBackend& backend = world_->source();
  ASSERT_OK(backend.WriteRecord(Record("redis")));
  EXPECT_TRUE(NamesOf(backend, volume_).empty());
  ASSERT_OK(backend.CreateVolume(volume_, 0));
  for (const char* name : {"z", "a", "m"}) {
    Write(backend, "file", name);
    ASSERT_TRUE(backend.CreateSnapshot(volume_, name).ok());
  }
  EXPECT_EQ(NamesOf(backend, volume_), (std::vector<std::string>{"z", "a", "m"}));
  EXPECT_FALSE(backend.CreateSnapshot(volume_, "a").ok());
  ASSERT_OK(backend.DeleteSnapshot(volume_, "a"));
  ASSERT_OK(backend.DeleteSnapshot(volume_, "a"));
  EXPECT_EQ(NamesOf(backend, volume_), (std::vector<std::string>{"z", "m"}));
}

TEST_P(StorageBackendContract, AnotherVolumeInsideIsFound) {
  StorageBackend& backend = world_->source();
  ASSERT_OK(backend.WriteRecord(Record("redis")));
  ASSERT_OK(backend.CreateVolume(volume_, 0));
  EXPECT_TRUE(backend.CheckNoNested(volume_).ok());
  world_->Nest(volume_);
  EXPECT_EQ(ReasonOf(backend.CheckNoNested(volume_)), "NESTED_VOLUME");
}

TEST_P(StorageBackendContract, FullThenIncrementalThenBack) {
  StorageBackend& source = world_->source();
  StorageBackend& destination = world_->destination();
  ASSERT_OK(source.WriteRecord(Record("redis")));
  ASSERT_OK(destination.WriteRecord(Record("redis")));
  ASSERT_OK(source.CreateVolume(volume_, 0));
  Write(source, "one", std::string(1 << 20, 'x'));
  const SnapshotRef s1 = source.CreateSnapshot(volume_, "s1").value().ref;
  absl::StatusOr<StoredSnapshot> received = Receive(Incoming(s1, {}), Send("s1", {}));
  ASSERT_TRUE(received.ok()) << received.status();
  EXPECT_EQ(received->ref, s1);

  Write(source, "two", "2");
  const SnapshotRef s2 = source.CreateSnapshot(volume_, "s2").value().ref;
  received = Receive(Incoming(s2, s1.identity), Send("s2", "s1"));
  ASSERT_TRUE(received.ok()) << received.status();
  EXPECT_EQ(received->ref, s2);
  EXPECT_EQ(NamesOf(destination, volume_), (std::vector<std::string>{"s1", "s2"}));

  ASSERT_OK(destination.MakeServing(volume_, "s2", 0));
  EXPECT_EQ(Read(destination, "two"), "2");
  ASSERT_OK(source.DropLive(volume_));
  EXPECT_TRUE(source.UsedBytes(volume_, {}).ok());
  // What the destination writes now comes back on top of the snapshot that both hold.
  Write(destination, "three", "3");
  const SnapshotRef s3 = destination.CreateSnapshot(volume_, "s3").value().ref;
  const std::string stream = TemporaryFile("back");
  const auto send = destination.SendCommand(volume_, "s3", "s2").value();
  ASSERT_EQ(system(absl::StrCat(absl::StrJoin(send, " "), " > ", stream).c_str()), 0);
  const IncomingSnapshot back = Incoming(s3, s2.identity);
  const auto receive = source.BeginReceive(back).value();
  ASSERT_EQ(system(absl::StrCat(absl::StrJoin(receive, " "), " < ", stream).c_str()), 0);
  received = source.AcceptReceived(back);
  ASSERT_TRUE(received.ok()) << received.status();
  EXPECT_EQ(received->ref, s3);
  ASSERT_OK(source.MakeServing(volume_, "s3", 0));
  EXPECT_EQ(Read(source, "three"), "3");
  EXPECT_EQ(Read(source, "one").size(), size_t{1} << 20);
}

TEST_P(StorageBackendContract, AVolumeGoesBackToASnapshot) {
  StorageBackend& backend = world_->source();
  ASSERT_OK(backend.WriteRecord(Record("redis")));
  ASSERT_OK(backend.CreateVolume(volume_, 0));
  Write(backend, "file", "1");
  ASSERT_TRUE(backend.CreateSnapshot(volume_, "s1").ok());
  Write(backend, "file", "2");
  ASSERT_TRUE(backend.CreateSnapshot(volume_, "s2").ok());
  EXPECT_TRUE(absl::IsNotFound(backend.CheckRollBack(volume_, "s3")));
  ASSERT_OK(backend.CheckRollBack(volume_, "s1"));
  ASSERT_OK(backend.MakeServing(volume_, "s1", 0));
  EXPECT_EQ(Read(backend, "file"), "1");
  ASSERT_OK(backend.RemoveVolume(volume_));
  ASSERT_OK(backend.RemoveVolume(volume_));
  EXPECT_TRUE(NamesOf(backend, volume_).empty());
}

TEST_P(StorageBackendContract, ACloneOutlivesItsSource) {
  StorageBackend& backend = world_->source();
  const VolumeKey clone{ApplicationName("copy"), ""};
  ASSERT_OK(backend.WriteRecord(Record("redis")));
  ASSERT_OK(backend.CreateVolume(volume_, 0));
  Write(backend, "file", "1");
  ASSERT_TRUE(backend.CreateSnapshot(volume_, "mine").ok());
  ASSERT_TRUE(backend.CreateSnapshot(volume_, "drover-clone-0").ok());
  ASSERT_OK(backend.CloneVolume(volume_, "drover-clone-0", clone, 0));
  ASSERT_OK(backend.DeleteSnapshot(volume_, "drover-clone-0"));
  ASSERT_OK(backend.WriteRecord(Record("copy")));
  EXPECT_EQ(NamesOf(backend, volume_), std::vector<std::string>{"mine"});
  EXPECT_TRUE(NamesOf(backend, clone).empty());
  Write(backend, "file", "2");
  EXPECT_EQ(Read(backend, "file", clone), "1");
  if (backend.Kind() == "zfs") {
    EXPECT_EQ(ReasonOf(backend.CheckRollBack(volume_, "mine")), "HAS_CLONES");
  }
  ASSERT_OK(backend.RemoveGroup(volume_.application));
  EXPECT_EQ(Read(backend, "file", clone), "1");
  EXPECT_TRUE(NamesOf(backend, clone).empty());
  ASSERT_TRUE(backend.CreateSnapshot(clone, "mine").ok());
  ASSERT_OK(backend.RemoveGroup(clone.application));
}

TEST_P(StorageBackendContract, WhatWasMadeOfACopySurvivesAFullStreamIntoIt) {
  StorageBackend& source = world_->source();
  StorageBackend& destination = world_->destination();
  const VolumeKey clone{ApplicationName("copy"), ""};
  ASSERT_OK(source.WriteRecord(Record("redis")));
  ASSERT_OK(destination.WriteRecord(Record("redis")));
  ASSERT_OK(source.CreateVolume(volume_, 0));
  Write(source, "file", "1");
  const SnapshotRef s1 = source.CreateSnapshot(volume_, "drover-m1-0").value().ref;
  ASSERT_TRUE(Receive(Incoming(s1, {}), Send("drover-m1-0", {})).ok());
  ASSERT_OK(destination.CloneVolume(volume_, "drover-m1-0", clone, 0));
  Write(source, "file", "2");
  const SnapshotRef s2 = source.CreateSnapshot(volume_, "drover-m2-0").value().ref;
  const absl::StatusOr<StoredSnapshot> received =
      Receive(Incoming(s2, {}), Send("drover-m2-0", {}));
  ASSERT_TRUE(received.ok()) << received.status();
  ASSERT_OK(destination.MakeServing(volume_, "drover-m2-0", 0));
  EXPECT_EQ(Read(destination, "file"), "2");
  EXPECT_EQ(Read(destination, "file", clone), "1");
}

TEST_P(StorageBackendContract, AFullStreamDestroysNoSnapshotOfPeople) {
  StorageBackend& source = world_->source();
  StorageBackend& destination = world_->destination();
  ASSERT_OK(source.WriteRecord(Record("redis")));
  ASSERT_OK(destination.WriteRecord(Record("redis")));
  ASSERT_OK(destination.CreateVolume(volume_, 0));
  ASSERT_TRUE(destination.CreateSnapshot(volume_, "mine").ok());
  ASSERT_OK(source.CreateVolume(volume_, 0));
  const SnapshotRef s1 = source.CreateSnapshot(volume_, "drover-m1-0").value().ref;
  const absl::Status status = Receive(Incoming(s1, {}), Send("drover-m1-0", {})).status();
  EXPECT_TRUE(status.ok() || ReasonOf(status) == "SNAPSHOTS_KEPT") << status;
  EXPECT_EQ(NamesOf(destination, volume_).front(), "mine");
}

TEST_P(StorageBackendContract, ATruncatedStreamIsNeverAccepted) {
  StorageBackend& source = world_->source();
  StorageBackend& destination = world_->destination();
  ASSERT_OK(source.WriteRecord(Record("redis")));
  ASSERT_OK(destination.WriteRecord(Record("redis")));
  ASSERT_OK(source.CreateVolume(volume_, 0));
  Write(source, "file", std::string(1 << 20, 'x'));
  const SnapshotRef s1 = source.CreateSnapshot(volume_, "s1").value().ref;
  const std::string stream = Send("s1", {});
  fs::resize_file(stream, fs::file_size(stream) / 2);
  const IncomingSnapshot cut = Incoming(s1, {});
  EXPECT_FALSE(Receive(cut, stream).ok());
  ASSERT_OK(destination.DiscardReceived(cut));
  EXPECT_TRUE(NamesOf(destination, volume_).empty());
  EXPECT_TRUE(Receive(Incoming(s1, {}), Send("s1", {})).ok()) << "a later attempt works";
}

TEST_P(StorageBackendContract, AnotherSnapshotThanAnnouncedIsNotAccepted) {
  StorageBackend& source = world_->source();
  StorageBackend& destination = world_->destination();
  ASSERT_OK(source.WriteRecord(Record("redis")));
  ASSERT_OK(destination.WriteRecord(Record("redis")));
  ASSERT_OK(source.CreateVolume(volume_, 0));
  SnapshotRef s1 = source.CreateSnapshot(volume_, "s1").value().ref;
  s1.identity = "another";
  const IncomingSnapshot wrong = Incoming(s1, {});
  EXPECT_TRUE(absl::IsDataLoss(Receive(wrong, Send("s1", {})).status()));
  ASSERT_OK(destination.DiscardReceived(wrong));
  EXPECT_TRUE(NamesOf(destination, volume_).empty());
}

TEST_P(StorageBackendContract, AnIncrementNeedsItsBase) {
  StorageBackend& source = world_->source();
  ASSERT_OK(source.WriteRecord(Record("redis")));
  ASSERT_OK(world_->destination().WriteRecord(Record("redis")));
  ASSERT_OK(source.CreateVolume(volume_, 0));
  const SnapshotRef s1 = source.CreateSnapshot(volume_, "s1").value().ref;
  const SnapshotRef s2 = source.CreateSnapshot(volume_, "s2").value().ref;
  const absl::Status status = Receive(Incoming(s2, s1.identity), Send("s2", "s1")).status();
  EXPECT_EQ(ReasonOf(status), "BASE_MISSING") << status;
}

TEST_P(StorageBackendContract, PartialsAreWipedAtStart) {
  StorageBackend& source = world_->source();
  StorageBackend& destination = world_->destination();
  ASSERT_OK(source.WriteRecord(Record("redis")));
  ASSERT_OK(destination.WriteRecord(Record("redis")));
  ASSERT_OK(source.CreateVolume(volume_, 0));
  Write(source, "file", std::string(1 << 20, 'x'));
  const SnapshotRef s1 = source.CreateSnapshot(volume_, "s1").value().ref;
  const std::string stream = Send("s1", {});
  fs::resize_file(stream, fs::file_size(stream) / 2);
  EXPECT_FALSE(Receive(Incoming(s1, {}), stream).ok());
  ASSERT_OK(destination.WipePartials());
  EXPECT_TRUE(NamesOf(destination, volume_).empty());
  ASSERT_OK(destination.RemoveGroup(volume_.application));
}

TEST_P(StorageBackendContract, AWriteAfterTheSnapshotIsNoticed) {
  StorageBackend& backend = world_->source();
  if (backend.Kind() == "zfs") GTEST_SKIP() << "a ZFS dataset is unmounted before its snapshot";
  ASSERT_OK(backend.WriteRecord(Record("redis")));
  ASSERT_OK(backend.CreateVolume(volume_, 0));
  Write(backend, "file", "1");
  ASSERT_OK(backend.Sync());
  ASSERT_TRUE(backend.CreateSnapshot(volume_, "s1").ok());
  ASSERT_OK(backend.Sync());
  EXPECT_TRUE(backend.CheckUnchangedSince(volume_, "s1").ok());
  fs::remove(world_->Open(backend, volume_) + "/file");
  world_->Close(backend, volume_);
  ASSERT_OK(backend.Sync());
  EXPECT_EQ(ReasonOf(backend.CheckUnchangedSince(volume_, "s1")), "WRITER_FOUND");
}

}  // namespace drover::volume
