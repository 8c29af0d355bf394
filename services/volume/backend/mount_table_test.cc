#include "services/volume/backend/mount_table.h"

#include <gtest/gtest.h>

namespace drover::volume {
namespace {

TEST(MountTableTest, ReadsDeviceRootAndPlace) {
  const char kText[] =
      "36 35 0:42 /drover/apps/redis/volumes/volume/live /slots/a\\040b rw,noatime shared:7 "
      "master:1 "
      "- btrfs /dev/loop0 rw,subvolid=5\n"
      "37 35 0:43 / /tmp rw - tmpfs tmpfs rw\n"
      "nonsense\n";
  std::vector<MountEntry> mounts = ParseMountInfo(kText, 7);
  ASSERT_EQ(mounts.size(), 2u);
  EXPECT_EQ(mounts[0].device, "0:42");
  EXPECT_EQ(mounts[0].root, "/drover/apps/redis/volumes/volume/live");
  EXPECT_EQ(mounts[0].mount_point, "/slots/a b");
  EXPECT_EQ(mounts[0].file_system, "btrfs");
  EXPECT_EQ(mounts[0].source, "/dev/loop0");
  EXPECT_EQ(mounts[0].pid, 7);
  EXPECT_EQ(mounts[1].mount_point, "/tmp");
}

TEST(MountTableTest, OwnMountsAreAmongAll) {
  EXPECT_FALSE(OwnMounts()->empty());
  EXPECT_GE(MountsOfAllNamespaces()->size(), OwnMounts()->size());
}

}  // namespace
}  // namespace drover::volume
