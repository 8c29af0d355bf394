#include "services/volume/backend/zfs_backend.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>

#include "services/common/status/reason.h"
#include "services/volume/backend/backend_contract.h"
#include "services/volume/backend/fuse_unmount.h"
#include "services/volume/backend/test_zpool.h"
#include "services/volume/backend/zfs_command.h"

namespace drover::volume {
namespace {

ZfsFuse* zfs_fuse = nullptr;

class ZfsWorld : public BackendWorld {
 public:
  ZfsWorld() : a_("a"), b_("b") {
    source_ = ZfsBackend::Create(a_.name()).value();
    destination_ = ZfsBackend::Create(b_.name()).value();
  }

  StorageBackend& source() override { return *source_; }
  StorageBackend& destination() override { return *destination_; }
  // The dataset below which all of the source's lies.
  std::string source_pool() const { return a_.name() + "/drover"; }
  std::unique_ptr<StorageBackend> ReopenSource() override {
    return ZfsBackend::Create(a_.name()).value();
  }
  std::string Open(StorageBackend& backend, const VolumeKey& volume) override {
    const std::string slot = SlotOf(backend);
    std::filesystem::create_directories(slot);
    const absl::Status status = backend.Mount(volume, slot);
    EXPECT_TRUE(status.ok()) << status;
    return slot;
  }
  void Close(StorageBackend& backend, const VolumeKey& volume) override {
    const absl::Status status = backend.Unmount(volume, SlotOf(backend));
    EXPECT_TRUE(status.ok()) << status;
  }
  void Nest(const VolumeKey& volume) override {
    EXPECT_TRUE(zfs::Zfs({"create", a_.name() + "/drover/redis/volume/nested"}).ok());
  }

 private:
  std::string SlotOf(StorageBackend& backend) const {
    return (&backend == destination_.get() ? b_ : a_).folder() + "/slot";
  }

  TestZpool a_;
  TestZpool b_;
  std::unique_ptr<ZfsBackend> source_;
  std::unique_ptr<ZfsBackend> destination_;
};

std::unique_ptr<BackendWorld> MakeZfsWorld() {
  if (geteuid() != 0) return nullptr;
  return std::make_unique<ZfsWorld>();
}

INSTANTIATE_TEST_SUITE_P(Zfs, StorageBackendContract, testing::Values(&MakeZfsWorld));

class ZfsBackendTest : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root";
  }
  const VolumeKey volume_{ApplicationName("redis"), ""};
};

TEST_F(ZfsBackendTest, RefusesAPoolThatIsNot) {
  EXPECT_TRUE(absl::IsFailedPrecondition(ZfsBackend::Create("nosuchpool").status()));
}

TEST_F(ZfsBackendTest, AnOpenFileKeepsItsMount) {
  ZfsWorld world;
  StorageBackend& backend = world.source();
  ASSERT_TRUE(backend.CreateVolume(volume_, 0).ok());
  const std::string slot = world.Open(backend, volume_);
  const int fd = open((slot + "/file").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  ASSERT_GE(fd, 0);
  EXPECT_EQ(ReasonOf(backend.Unmount(volume_, slot)), "WRITER_FOUND");
  EXPECT_EQ(ReasonOf(backend.CheckUnchangedSince(volume_, "any")), "WRITER_FOUND");
  close(fd);
  EXPECT_TRUE(backend.Unmount(volume_, slot).ok());
  EXPECT_TRUE(backend.CheckUnchangedSince(volume_, "any").ok());
}

// The kernel tells zfs-fuse of a last close only after close() returned. Unmounted before it heard
// of that, zfs-fuse keeps the dataset for ever and answers nobody.
TEST_F(ZfsBackendTest, AnUnmountWaitsUntilZfsFuseHeardOfTheLastClose) {
  ZfsWorld world;
  StorageBackend& backend = world.source();
  ASSERT_TRUE(backend.CreateVolume(volume_, 0).ok());
  const std::string slot = world.Open(backend, volume_);
  const int fd = open((slot + "/file").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  ASSERT_GE(fd, 0);
  const std::string device = OwnMounts().value().back().device;
  // A mapping is closed without the FLUSH that close() would wait for.
  void* const mapping = mmap(nullptr, 4096, PROT_READ, MAP_SHARED, fd, 0);
  ASSERT_NE(mapping, MAP_FAILED);
  close(fd);
  zfs_fuse->Pause();
  munmap(mapping, 4096);
  const absl::Status status = UnmountFuse(slot, device, absl::Milliseconds(50));
  zfs_fuse->Resume();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_TRUE(backend.Unmount(volume_, slot).ok());
  EXPECT_TRUE(backend.RemoveGroup(volume_.application).ok());
}

// A full pool refuses every change, so also the record of an abort.
TEST_F(ZfsBackendTest, ARecordCanBeWrittenWhenThePoolIsFull) {
  ZfsWorld world;
  StorageBackend& backend = world.source();
  GroupRecord record;
  record.application = volume_.application;
  record.state = GroupState::kReceiving;
  ASSERT_TRUE(backend.WriteRecord(record).ok());
  ASSERT_TRUE(backend.CreateVolume(volume_, 0).ok());
  const std::string slot = world.Open(backend, volume_);
  const int fd = open((slot + "/file").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  std::string noise(1 << 20, '\0');
  for (size_t i = 0; i < noise.size(); ++i) noise[i] = static_cast<char>(i * 2654435761u >> 13);
  while (write(fd, noise.data(), noise.size()) > 0) {
  }
  close(fd);
  const std::string ballast = world.source_pool() + "-ballast";
  EXPECT_TRUE(absl::IsResourceExhausted(zfs::Set(ballast, "drover:test", "1")));
  record.state = GroupState::kRetired;
  const absl::Status status = backend.WriteRecord(record);
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_TRUE(backend.Sync().ok());
  EXPECT_EQ(backend.ReadRecords()->at(0).state, GroupState::kRetired);
  EXPECT_EQ(zfs::GetNumber(ballast, "refreservation").value(), 0) << "without it there was no room";
  world.Close(backend, volume_);
  EXPECT_TRUE(backend.RemoveGroup(volume_.application).ok());
  ASSERT_TRUE(backend.WriteRecord(record).ok());
  EXPECT_GT(zfs::GetNumber(ballast, "refreservation").value(), 0) << "it is back";
}

TEST_F(ZfsBackendTest, MountsOfTheVolumeAreRecognised) {
  ZfsWorld world;
  StorageBackend& backend = world.source();
  const VolumeKey other{ApplicationName("redis"), "logs"};
  ASSERT_TRUE(backend.CreateVolume(volume_, 0).ok());
  ASSERT_TRUE(backend.CreateVolume(other, 0).ok());
  const std::string slot = world.Open(backend, volume_);
  const std::vector<MountEntry> mounts = OwnMounts().value();
  int found = 0;
  for (const MountEntry& mount : mounts) {
    EXPECT_FALSE(backend.IsMountOf(other, mount));
    found += backend.IsMountOf(volume_, mount) ? 1 : 0;
  }
  EXPECT_EQ(found, 1);
  world.Close(backend, volume_);
}

}  // namespace
}  // namespace drover::volume

int main(int argc, char** argv) {
  drover::volume::ZfsFuse zfs_fuse;
  drover::volume::zfs_fuse = &zfs_fuse;
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
