#include "services/volume/driver/serving_guard.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>

#include "services/common/status/reason.h"
#include "services/volume/backend/fake_backend.h"

namespace drover::volume {
namespace {

constexpr absl::Duration kSoon = absl::Milliseconds(20);
constexpr absl::Duration kNever = absl::Hours(1);

class ServingGuardTest : public testing::Test {
 protected:
  ServingGuardTest() {
    std::string pattern = testing::TempDir() + "/guardXXXXXX";
    folder_ = mkdtemp(pattern.data());
    std::filesystem::create_directory(folder_ + "/pool");
    file_.emplace(folder_ + "/witness.json");
    backend_ = FakeBackend::Create(folder_ + "/pool").value();
    EXPECT_TRUE(backend_->WriteRecord(Owned(3, 17)).ok());
  }
  ~ServingGuardTest() override {
    if (guard_.has_value()) Stop();
    std::filesystem::remove_all(folder_);
  }

  static GroupRecord Owned(int64_t generation, int64_t revision) {
    GroupRecord record;
    record.application = ApplicationName("redis");
    record.generation = Generation(generation);
    record.revision = revision;
    return record;
  }

  // The daemon starts, on what the pool holds.
  void Start(absl::Duration patience) {
    groups_.emplace(*backend_, pool_);
    ASSERT_TRUE(Run(groups_->Load()).ok());
    guard_.emplace(ServingGuard::Deps{io_.get_executor(), *backend_, pool_, *groups_, *file_,
                                      sleeper_, clock_},
                   patience);
    ASSERT_TRUE(Run(guard_->Begin()).ok());
  }
  void Stop() {
    Run(guard_->Stop());
    guard_.reset();
  }
  // It has run once on this pool, so there is a witness.
  void LeaveAWitness() {
    Start(kSoon);
    guard_->Confirm(redis_, Generation(3));
    Stop();
  }

  template <class T>
  T Run(Task<T> task) {
    std::future<T> done = boost::asio::co_spawn(io_, std::move(task), boost::asio::use_future);
    while (done.wait_for(std::chrono::seconds(0)) != std::future_status::ready) io_.run_one();
    return done.get();
  }

  const ApplicationName redis_{"redis"};
  std::string folder_;
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      io_.get_executor()};
  BlockingPool pool_{2};
  RealClock clock_;
  TimerSleeper sleeper_;
  std::unique_ptr<FakeBackend> backend_;
  std::optional<WitnessFile> file_;
  std::optional<GroupStore> groups_;
  std::optional<ServingGuard> guard_;
};

TEST_F(ServingGuardTest, TheCoordinatorsWordEndsTheWait) {
  Start(kNever);
  EXPECT_EQ(guard_->DoubtAbout(Owned(3, 17)), Doubt::kAwaitsCoordinator);
  std::future<absl::Status> waiting =
      boost::asio::co_spawn(io_, guard_->Await(redis_), boost::asio::use_future);
  io_.poll();
  guard_->Confirm(redis_, Generation(2));
  io_.poll();
  EXPECT_EQ(waiting.wait_for(std::chrono::seconds(0)), std::future_status::timeout)
      << "that is not the generation it owns";
  guard_->Confirm(redis_, Generation(3));
  while (waiting.wait_for(std::chrono::seconds(0)) != std::future_status::ready) io_.run_one();
  EXPECT_TRUE(waiting.get().ok());
}

TEST_F(ServingGuardTest, WithoutAWitnessOnlyTheCoordinatorCounts) {
  Start(kSoon);
  std::future<absl::Status> waiting =
      boost::asio::co_spawn(io_, guard_->Await(redis_), boost::asio::use_future);
  // The end of patience, and nothing else, wakes it.
  io_.run_for(std::chrono::milliseconds(60));
  EXPECT_EQ(guard_->DoubtAbout(Owned(3, 17)), Doubt::kAwaitsCoordinator);
  guard_->Confirm(redis_, Generation(3));
  while (waiting.wait_for(std::chrono::seconds(0)) != std::future_status::ready) io_.run_one();
  EXPECT_TRUE(waiting.get().ok());
}

TEST_F(ServingGuardTest, WithoutACoordinatorTheNodesOwnWitnessCountsAfterAWhile) {
  LeaveAWitness();
  Start(kSoon);
  EXPECT_EQ(guard_->DoubtAbout(Owned(3, 17)), Doubt::kAwaitsCoordinator);
  EXPECT_TRUE(Run(guard_->Await(redis_)).ok());
}

TEST_F(ServingGuardTest, APoolThatWasPutBackIsNotServedWhateverTheCoordinatorSays) {
  LeaveAWitness();
  ASSERT_TRUE(backend_->WriteRecord(Owned(1, 4)).ok());
  for (int start = 0; start < 2; ++start) {
    Start(kSoon);
    guard_->Confirm(redis_, Generation(1));
    EXPECT_EQ(ReasonOf(Run(guard_->Await(redis_))), "OLDER_POOL") << "start " << start;
    EXPECT_EQ(ReasonOf(guard_->CheckNotOlder(Owned(1, 4))), "OLDER_POOL");
    Stop();
  }
}

TEST_F(ServingGuardTest, AClaimEndsThatForGood) {
  LeaveAWitness();
  ASSERT_TRUE(backend_->WriteRecord(Owned(1, 4)).ok());
  Start(kSoon);
  ASSERT_TRUE(Run(groups_->Save(Owned(9, 5))).ok());
  EXPECT_TRUE(Run(guard_->Await(redis_)).ok());
  Stop();
  Start(kSoon);
  EXPECT_TRUE(Run(guard_->Await(redis_)).ok());
}

TEST_F(ServingGuardTest, WhatCameLaterIsInNoDoubt) {
  Start(kNever);
  GroupRecord other = Owned(1, 1);
  other.application = ApplicationName("postgres");
  ASSERT_TRUE(Run(groups_->Save(other)).ok());
  EXPECT_TRUE(Run(guard_->Await(other.application)).ok());
}

}  // namespace
}  // namespace drover::volume
