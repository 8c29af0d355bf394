#include "services/common/fence/epoch_guard.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "services/common/file/durable_file.h"
#include "services/common/status/reason.h"

namespace drover {
namespace {

class EpochGuardTest : public testing::Test {
 protected:
  EpochGuardTest() : path_(testing::TempDir() + "/epoch" + std::to_string(getpid())) {}
  ~EpochGuardTest() override { unlink(path_.c_str()); }
  const std::string path_;
};

TEST_F(EpochGuardTest, FollowsTheNewestAcrossRestarts) {
  auto guard = EpochGuard::Open(path_);
  ASSERT_TRUE(guard.ok());
  EXPECT_TRUE(guard->Check(1, "a").ok());
  EXPECT_TRUE(guard->Check(1, "a").ok());
  EXPECT_TRUE(guard->Check(3, "b").ok());
  EXPECT_EQ(ReasonOf(guard->Check(1, "a")), "STALE_EPOCH");

  auto restarted = EpochGuard::Open(path_);
  ASSERT_TRUE(restarted.ok());
  EXPECT_EQ(ReasonOf(restarted->Check(2, "c")), "STALE_EPOCH");
  EXPECT_TRUE(restarted->Check(3, "b").ok());
}

TEST_F(EpochGuardTest, RefusesTheSecondCoordinatorOfOneEpoch) {
  auto guard = EpochGuard::Open(path_);
  EXPECT_TRUE(guard->Check(5, "a").ok());
  EXPECT_EQ(ReasonOf(guard->Check(5, "b")), "STALE_EPOCH");
}

TEST_F(EpochGuardTest, RefusesAMissingFence) {
  EXPECT_TRUE(absl::IsInvalidArgument(EpochGuard::Open(path_)->Check(0, "")));
}

TEST_F(EpochGuardTest, RefusesADamagedFile) {
  ASSERT_TRUE(WriteFileDurably(path_, "nonsense").ok());
  EXPECT_TRUE(absl::IsDataLoss(EpochGuard::Open(path_).status()));
}

}  // namespace
}  // namespace drover
