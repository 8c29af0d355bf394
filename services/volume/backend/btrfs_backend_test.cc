#include "services/volume/backend/btrfs_backend.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>

#include "services/common/status/reason.h"
#include "services/volume/backend/backend_contract.h"
#include "services/volume/backend/btrfs_ioctl.h"
#include "services/volume/backend/loop_btrfs.h"

namespace drover::volume {
namespace {

class BtrfsWorld : public BackendWorld {
 public:
  BtrfsWorld() : a_("a"), b_("b") {
    source_ = BtrfsBackend::Create(a_.mount_point()).value();
    destination_ = BtrfsBackend::Create(b_.mount_point()).value();
  }

  StorageBackend& source() override { return *source_; }
  StorageBackend& destination() override { return *destination_; }
  std::unique_ptr<StorageBackend> ReopenSource() override {
    return BtrfsBackend::Create(a_.mount_point()).value();
  }
  std::string Open(StorageBackend& backend, const VolumeKey& volume) override {
    const std::string slot = SlotOf(backend);
    std::filesystem::create_directories(slot);
    EXPECT_TRUE(backend.Mount(volume, slot).ok());
    return slot;
  }
  void Close(StorageBackend& backend, const VolumeKey& volume) override {
    const absl::Status status = backend.Unmount(volume, SlotOf(backend));
    EXPECT_TRUE(status.ok()) << status;
  }
  void Nest(const VolumeKey& volume) override {
    const std::string slot = Open(*source_, volume);
    EXPECT_TRUE(btrfs::CreateSubvolume(slot, "nested").ok());
    Close(*source_, volume);
  }

 private:
  std::string SlotOf(StorageBackend& backend) const {
    return (&backend == destination_.get() ? b_ : a_).folder() + "/slot";
  }

  LoopBtrfs a_;
  LoopBtrfs b_;
  std::unique_ptr<BtrfsBackend> source_;
  std::unique_ptr<BtrfsBackend> destination_;
};

std::unique_ptr<BackendWorld> MakeBtrfsWorld() {
  if (geteuid() != 0) return nullptr;
  return std::make_unique<BtrfsWorld>();
}

INSTANTIATE_TEST_SUITE_P(Btrfs, StorageBackendContract, testing::Values(&MakeBtrfsWorld));

class BtrfsBackendTest : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root";
  }
  const VolumeKey volume_{ApplicationName("redis"), ""};
};

TEST_F(BtrfsBackendTest, RefusesAFolderThatIsNoPool) {
  EXPECT_TRUE(absl::IsFailedPrecondition(BtrfsBackend::Create("/tmp").status()));
}

TEST_F(BtrfsBackendTest, AnOpenFileKeepsItsMount) {
  BtrfsWorld world;
  StorageBackend& backend = world.source();
  ASSERT_TRUE(backend.CreateVolume(volume_, 0).ok());
  const std::string slot = world.Open(backend, volume_);
  const int fd = open((slot + "/file").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  ASSERT_GE(fd, 0);
  const absl::Status status = backend.Unmount(volume_, slot);
  EXPECT_EQ(ReasonOf(status), "WRITER_FOUND") << status;
  close(fd);
  EXPECT_TRUE(backend.Unmount(volume_, slot).ok());
}

TEST_F(BtrfsBackendTest, MountsOfTheLiveVolumeAreRecognised) {
  BtrfsWorld world;
  StorageBackend& backend = world.source();
  const VolumeKey other{ApplicationName("redis"), "logs"};
  ASSERT_TRUE(backend.CreateVolume(volume_, 0).ok());
  ASSERT_TRUE(backend.CreateVolume(other, 0).ok());
  const std::string slot = world.Open(backend, volume_);
  const std::vector<MountEntry> mounts = OwnMounts().value();
  int found = 0;
  for (const MountEntry& mount : mounts) {
    EXPECT_FALSE(backend.IsMountOf(other, mount));
    if (backend.IsMountOf(volume_, mount)) found += mount.mount_point == slot ? 1 : 100;
  }
  EXPECT_EQ(found, 1);
  world.Close(backend, volume_);
}

TEST_F(BtrfsBackendTest, ALimitStopsTheWriter) {
  BtrfsWorld world;
  StorageBackend& backend = world.source();
  ASSERT_TRUE(backend.CreateVolume(volume_, 8 << 20).ok());
  const std::string slot = world.Open(backend, volume_);
  const int fd = open((slot + "/file").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  const std::string block(1 << 20, 'x');
  int written = 0;
  while (written < 32 && write(fd, block.data(), block.size()) == (1 << 20)) ++written;
  close(fd);
  EXPECT_LT(written, 10);
  world.Close(backend, volume_);
}

TEST(BtrfsPoolTest, ARecordCanBeWrittenWhenThePoolIsFull) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root: makes a pool";
  LoopBtrfs pool("full");
  auto backend = BtrfsBackend::Create(pool.mount_point()).value();
  const std::string ballast = pool.mount_point() + "/drover/ballast";
  GroupRecord record;
  record.application = ApplicationName("app");
  record.state = GroupState::kReceiving;
  ASSERT_TRUE(backend->WriteRecord(record).ok());
  // Everything that is there to take, down to single blocks.
  const std::string filler = pool.mount_point() + "/filler";
  const int fd = open(filler.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  const std::string block(1 << 16, 'x');
  while (write(fd, block.data(), block.size()) > 0) {
  }
  while (fsync(fd) == 0 && write(fd, block.data(), 4096) > 0) {
  }
  close(fd);
  EXPECT_TRUE(std::filesystem::exists(ballast));
  record.state = GroupState::kRetired;
  const absl::Status status = backend->WriteRecord(record);
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(backend->ReadRecords()->at(0).state, GroupState::kRetired);
  EXPECT_FALSE(std::filesystem::exists(ballast)) << "without it there was no room";
}

}  // namespace
}  // namespace drover::volume
