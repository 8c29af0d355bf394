#include "services/volume/backend/mount_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace drover::volume {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

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

// The node's slot, with the volume mounted on it.
constexpr char kSlot[] =
    "50 1 0:50 / /slot rw shared:5 - tmpfs slot rw\n"
    "51 50 0:60 / /slot rw shared:6 - fuse volume rw\n";

// Where else the volume stays when it is unmounted there; `elsewhere`: in another namespace.
std::vector<std::string> StaysAt(const std::string& own, const std::string& elsewhere) {
  std::vector<MountEntry> all = ParseMountInfo(own, 1);
  for (MountEntry& mount : all) mount.own = true;
  for (const MountEntry& mount : ParseMountInfo(elsewhere, 2)) all.push_back(mount);
  std::vector<std::string> stay;
  for (const MountEntry& mount : MountsBeside({"/slot"}, all)) {
    if (mount.source == "volume") stay.push_back(mount.mount_point);
  }
  return stay;
}

TEST(MountsBesideTest, ACopyThatCameByPropagationGoes) {
  EXPECT_THAT(StaysAt(kSlot,
                      "70 60 0:50 / /data rw master:5 - tmpfs slot rw\n"
                      "71 70 0:60 / /data rw master:6 - fuse volume rw\n"),
              IsEmpty());
}

TEST(MountsBesideTest, WhatSomebodyBoundStays) {
  EXPECT_THAT(StaysAt(absl::StrCat(kSlot, "52 1 0:60 / /second rw shared:6 - fuse volume rw\n"),
                      "80 60 0:60 / /copy rw master:6 - fuse volume rw\n"),
              ElementsAre("/second", "/copy"));
}

TEST(MountsBesideTest, APrivateCopyAtTheSamePathStays) {
  EXPECT_THAT(StaysAt(kSlot,
                      "90 60 0:50 / /slot rw - tmpfs slot rw\n"
                      "91 90 0:60 / /slot rw - fuse volume rw\n"),
              ElementsAre("/slot"));
}

TEST(MountsBesideTest, ACopyOnWhichSomethingIsMountedStays) {
  EXPECT_THAT(StaysAt(kSlot,
                      "70 60 0:50 / /data rw master:5 - tmpfs slot rw\n"
                      "71 70 0:60 / /data rw master:6 - fuse volume rw\n"
                      "72 71 0:60 / /data/sub rw master:6 - fuse volume rw\n"),
              ElementsAre("/data", "/data/sub"));
}

TEST(MountTableTest, OwnMountsAreAmongAll) {
  EXPECT_FALSE(OwnMounts()->empty());
  EXPECT_GE(MountsOfAllNamespaces()->size(), OwnMounts()->size());
}

}  // namespace
}  // namespace drover::volume
