#include "services/volume/backend/linux_host.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace drover::volume {
namespace {

TEST(CgroupPathsTest, AreThoseThatNameTheContainerEachOnce) {
  EXPECT_EQ(CgroupPathsNaming("2:cpu:/docker/abc\n1:name=systemd:/docker/abc\n0::/other\n", "abc"),
            "/docker/abc");
  EXPECT_EQ(CgroupPathsNaming("1:cpu:/docker/abc\n0::/system.slice/docker-abc.scope\n", "abc"),
            "/docker/abc\n/system.slice/docker-abc.scope");
  EXPECT_EQ(CgroupPathsNaming("0::/docker/other\n", "abc"), "");
}

class LinuxHostTest : public testing::Test {
 protected:
  void SetUp() override {
    // Every path names the empty id.
    absl::StatusOr<std::string> own = host_.CgroupOf(getpid(), "");
    if (!own.ok() || !host_.IsCgroupEmpty(*own).ok()) GTEST_SKIP() << "no control groups here";
    own_ = *own;
  }

  LinuxHost host_;
  std::string own_;
};

TEST_F(LinuxHostTest, AProcessIsSeenInItsOwnControlGroup) {
  EXPECT_TRUE(host_.SeesInCgroup(getpid(), own_).value());
  EXPECT_FALSE(host_.IsCgroupEmpty(own_).value());
}

// Such a path counts as empty: so that a process was there before must be known.
TEST_F(LinuxHostTest, AProcessIsNotSeenWhereThereIsNoSuchControlGroup) {
  const std::string nowhere = "/docker/no-such-container";
  EXPECT_FALSE(host_.SeesInCgroup(getpid(), nowhere).value());
  EXPECT_TRUE(host_.IsCgroupEmpty(nowhere).value());
}

}  // namespace
}  // namespace drover::volume
