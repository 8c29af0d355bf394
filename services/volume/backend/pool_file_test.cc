#include "services/volume/backend/pool_file.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/match.h"
#include "services/common/process/process.h"
#include "services/volume/backend/btrfs_backend.h"
#include "services/volume/backend/test_zpool.h"
#include "services/volume/backend/zfs_backend.h"

namespace drover::volume {
namespace {

constexpr int64_t kSize = 256 << 20;

ZfsFuse* zfs_fuse = nullptr;

TEST(PoolSizeTest, IsANumberWithAUnit) {
  EXPECT_EQ(ParsePoolSize("10G").value(), int64_t{10} << 30);
  EXPECT_EQ(ParsePoolSize("256M").value(), kSize);
  for (const char* wrong : {"", "G", "10", "-1G", "10X", "255M", "99999999999T"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParsePoolSize(wrong).status())) << wrong;
  }
}

class PoolFileTest : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root";
    std::string pattern = "/tmp/drover-poolXXXXXX";
    folder_ = mkdtemp(pattern.data());
    btrfs_ = {.path = folder_ + "/image", .backend = "btrfs", .mount_point = folder_ + "/pool"};
    zfs_ = {.path = folder_ + "/image", .backend = "zfs", .name = "pool" + folder_.substr(16)};
  }
  void TearDown() override {
    if (folder_.empty()) return;
    umount(btrfs_.mount_point.c_str());
    (void)RunCommand({"zpool", "destroy", "-f", zfs_.name});
    std::filesystem::remove_all(folder_);
  }

  std::string folder_;
  PoolFile btrfs_;
  PoolFile zfs_;
};

TEST_F(PoolFileTest, ABtrfsPoolIsThereAgainAfterAReboot) {
  const absl::Status made = InitPoolFile(btrfs_, kSize);
  ASSERT_TRUE(made.ok()) << made;
  const std::string identity =
      BtrfsBackend::Create(btrfs_.mount_point).value()->GetPool()->identity;
  EXPECT_TRUE(MountPoolFile(btrfs_).ok()) << "it is mounted";
  ASSERT_EQ(umount(btrfs_.mount_point.c_str()), 0);
  const absl::Status mounted = MountPoolFile(btrfs_);
  ASSERT_TRUE(mounted.ok()) << mounted;
  EXPECT_EQ(BtrfsBackend::Create(btrfs_.mount_point).value()->GetPool()->identity, identity);
}

TEST_F(PoolFileTest, AZfsPoolIsThereAgainAfterAReboot) {
  const absl::Status made = InitPoolFile(zfs_, kSize);
  ASSERT_TRUE(made.ok()) << made;
  GroupRecord record;
  record.application = ApplicationName("redis");
  ASSERT_TRUE(ZfsBackend::Create(zfs_.name).value()->WriteRecord(record).ok());
  EXPECT_TRUE(MountPoolFile(zfs_).ok()) << "it is imported";
  zfs_fuse->Kill();
  zfs_fuse->Start();
  EXPECT_TRUE(absl::IsFailedPrecondition(ZfsBackend::Create(zfs_.name).status()));
  const absl::Status mounted = MountPoolFile(zfs_);
  ASSERT_TRUE(mounted.ok()) << mounted;
  EXPECT_EQ(ZfsBackend::Create(zfs_.name).value()->ReadRecords()->size(), 1u);
}

TEST_F(PoolFileTest, NothingIsOverwritten) {
  std::ofstream(btrfs_.path) << "precious";
  EXPECT_TRUE(absl::IsAlreadyExists(InitPoolFile(btrfs_, kSize)));
  EXPECT_TRUE(absl::IsAlreadyExists(InitPoolFile(zfs_, kSize)));
  EXPECT_EQ(std::filesystem::file_size(btrfs_.path), 8u);
  std::filesystem::remove(btrfs_.path);
  std::filesystem::create_directories(btrfs_.mount_point + "/precious");
  const absl::Status in_use = InitPoolFile(btrfs_, kSize);
  EXPECT_TRUE(absl::IsAlreadyExists(in_use)) << in_use;
  EXPECT_FALSE(std::filesystem::exists(btrfs_.path));
}

TEST_F(PoolFileTest, APoolOfThatNameIsNotOverwritten) {
  ASSERT_TRUE(InitPoolFile(zfs_, kSize).ok());
  PoolFile second = zfs_;
  second.path += "2";
  const absl::Status refused = InitPoolFile(second, kSize);
  EXPECT_TRUE(absl::IsAlreadyExists(refused)) << refused;
  EXPECT_FALSE(std::filesystem::exists(second.path));
}

TEST_F(PoolFileTest, MoreThanTheDiskHoldsIsRefused) {
  const absl::Status refused = InitPoolFile(btrfs_, int64_t{1} << 50);
  EXPECT_TRUE(absl::IsResourceExhausted(refused)) << refused;
  EXPECT_TRUE(absl::StrContains(refused.message(), "choose a smaller --size")) << refused;
  EXPECT_FALSE(std::filesystem::exists(btrfs_.path));
}

TEST_F(PoolFileTest, WithoutZfsItSaysWhatToStart) {
  zfs_fuse->Kill();
  const absl::Status refused = InitPoolFile(zfs_, kSize);
  EXPECT_TRUE(absl::IsUnavailable(refused)) << refused;
  EXPECT_TRUE(absl::StrContains(refused.message(), "start zfs-fuse")) << refused;
  EXPECT_FALSE(std::filesystem::exists(zfs_.path));
  std::ofstream(zfs_.path) << "a pool";
  EXPECT_TRUE(absl::IsUnavailable(MountPoolFile(zfs_)));
  zfs_fuse->Start();
}

TEST_F(PoolFileTest, AMissingFileIsMadeWithInit) {
  const absl::Status missing = MountPoolFile(btrfs_);
  EXPECT_TRUE(absl::IsNotFound(missing));
  EXPECT_TRUE(absl::StrContains(missing.message(), "--init-pool")) << missing;
}

}  // namespace
}  // namespace drover::volume

int main(int argc, char** argv) {
  drover::volume::ZfsFuse zfs_fuse;
  drover::volume::zfs_fuse = &zfs_fuse;
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
