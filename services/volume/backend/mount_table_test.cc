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
  EXPECT_EQ(mounts[0].id, 36);
  EXPECT_EQ(mounts[0].parent, 35);
  EXPECT_EQ(mounts[0].peer_group, 7);
  EXPECT_EQ(mounts[0].master, 1);
  EXPECT_EQ(mounts[0].pid, 7);
  EXPECT_EQ(mounts[1].mount_point, "/tmp");
  EXPECT_EQ(mounts[1].peer_group, 0);
  EXPECT_EQ(mounts[1].master, 0);
}

TEST(MountTableTest, CopiesThatCameByPropagationGoAndOthersStay) {
  // The node's slot and what is mounted on it; the same as it came to a container; and two that
  // somebody bound: one in the node's namespace, one in one of its own.
  std::vector<MountEntry> all = ParseMountInfo(
      "50 1 0:50 / /slot rw shared:5 - tmpfs slot rw\n"
      "51 50 0:60 / /slot rw shared:6 - fuse volume rw\n"
      "52 1 0:60 / /second rw shared:6 - fuse volume rw\n",
      1);
  for (MountEntry& mount : ParseMountInfo("70 60 0:50 / /data rw master:5 - tmpfs slot rw\n"
                                          "71 70 0:60 / /data rw master:6 - fuse volume rw\n",
                                          2)) {
    all.push_back(mount);
  }
  for (MountEntry& mount : ParseMountInfo("80 60 0:60 / /copy rw master:6 - fuse volume rw\n", 3)) {
    all.push_back(mount);
  }
  std::vector<std::string> stay;
  for (const MountEntry& mount : MountsBeside({"/slot"}, all)) {
    if (mount.source == "volume") stay.push_back(mount.mount_point);
  }
  EXPECT_EQ(stay, (std::vector<std::string>{"/second", "/copy"}));
}

TEST(MountTableTest, OwnMountsAreAmongAll) {
  EXPECT_FALSE(OwnMounts()->empty());
  EXPECT_GE(MountsOfAllNamespaces()->size(), OwnMounts()->size());
}

}  // namespace
}  // namespace drover::volume
