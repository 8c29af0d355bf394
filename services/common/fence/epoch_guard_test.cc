#include "services/common/fence/epoch_guard.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>

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
  EXPECT_TRUE(guard->Check(1, "a", 0).ok());
  EXPECT_TRUE(guard->Check(1, "a", 0).ok());
  EXPECT_TRUE(guard->Check(3, "b", 0).ok());
  EXPECT_EQ(ReasonOf(guard->Check(1, "a", 0)), "STALE_EPOCH");

  auto restarted = EpochGuard::Open(path_);
  ASSERT_TRUE(restarted.ok());
  EXPECT_EQ(ReasonOf(restarted->Check(2, "c", 0)), "STALE_EPOCH");
  EXPECT_TRUE(restarted->Check(3, "b", 0).ok());
}

TEST_F(EpochGuardTest, RefusesTheSecondCoordinatorOfOneEpoch) {
  auto guard = EpochGuard::Open(path_);
  EXPECT_TRUE(guard->Check(5, "a", 0).ok());
  EXPECT_EQ(ReasonOf(guard->Check(5, "b", 0)), "STALE_EPOCH");
}

TEST_F(EpochGuardTest, RefusesAMissingFence) {
  EXPECT_TRUE(absl::IsInvalidArgument(EpochGuard::Open(path_)->Check(0, "", 0)));
}

TEST_F(EpochGuardTest, KeepsTheHighestSequenceWhoeverSentIt) {
  {
    auto guard = EpochGuard::Open(path_);
    EXPECT_EQ(guard->Obeyed().epoch(), 0);
    EXPECT_TRUE(guard->Check(1, "a", 7).ok());
    // Calls overtake each other.
    EXPECT_TRUE(guard->Check(1, "a", 5).ok());
    EXPECT_EQ(guard->Obeyed().sequence(), 7);
    EXPECT_TRUE(guard->Check(1, "a", 9).ok());
    EXPECT_TRUE(guard->Check(2, "b", 3).ok());
    EXPECT_FALSE(guard->Check(1, "a", 20).ok());
    EXPECT_TRUE(guard->Check(2, "b", 11).ok());
  }
  auto restarted = EpochGuard::Open(path_);
  EXPECT_EQ(restarted->Obeyed().epoch(), 2);
  EXPECT_EQ(restarted->Obeyed().nonce(), "b");
  EXPECT_EQ(restarted->Obeyed().sequence(), 11);
}

TEST_F(EpochGuardTest, SavesASequenceWithoutMakingTheCallWait) {
  boost::asio::io_context io(1);
  BlockingPool pool(1);
  auto guard = EpochGuard::Open(path_);
  guard->SaveInBackground(io.get_executor(), pool);
  EXPECT_TRUE(guard->Check(1, "a", 7).ok());
  EXPECT_TRUE(guard->Check(1, "a", 8).ok());
  EXPECT_EQ(*ReadFile(path_), "1 a 7\n");
  EXPECT_TRUE(guard->Check(1, "a", 9).ok());
  io.run();
  pool.join();
  EXPECT_EQ(*ReadFile(path_), "1 a 9\n");
}

TEST_F(EpochGuardTest, ReadsAFileThatKnowsOfNoSequence) {
  ASSERT_TRUE(WriteFileDurably(path_, "4 d\n").ok());
  auto guard = EpochGuard::Open(path_);
  ASSERT_TRUE(guard.ok()) << guard.status();
  EXPECT_EQ(guard->Obeyed().epoch(), 4);
  EXPECT_EQ(guard->Obeyed().sequence(), 0);
  EXPECT_TRUE(guard->Check(4, "d", 1).ok());
}

TEST_F(EpochGuardTest, RefusesADamagedFile) {
  ASSERT_TRUE(WriteFileDurably(path_, "nonsense").ok());
  EXPECT_TRUE(absl::IsDataLoss(EpochGuard::Open(path_).status()));
}

}  // namespace
}  // namespace drover
