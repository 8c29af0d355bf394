#include "services/volume/driver/volume_sizes.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/synchronization/notification.h"
#include "services/volume/backend/fake_backend.h"

namespace drover::volume {
namespace {

class VolumeSizesTest : public testing::Test {
 protected:
  VolumeSizesTest() {
    std::string pattern = testing::TempDir() + "/sizesXXXXXX";
    folder_ = mkdtemp(pattern.data());
    backend_ = FakeBackend::Create(folder_).value();
    sizes_.emplace(io_.get_executor(), *backend_, clock_);
    for (const VolumeKey& volume : {redis_, web_}) {
      EXPECT_TRUE(backend_->CreateVolume(volume, 0).ok());
      std::ofstream(backend_->LivePath(volume) + "/file") << std::string(1 << 20, 'x');
    }
    backend_->OnMeasure([this] { ++measured_; });
  }
  ~VolumeSizesTest() override {
    boost::asio::co_spawn(io_, sizes_->Stop(), boost::asio::detached);
    Run();
    std::filesystem::remove_all(folder_);
  }

  // Until nothing is left to do.
  void Run() {
    io_.restart();
    io_.run();
  }

  const VolumeKey redis_{ApplicationName("redis"), ""};
  const VolumeKey web_{ApplicationName("web"), "logs"};
  std::string folder_;
  boost::asio::io_context io_;
  FakeClock clock_;
  std::unique_ptr<FakeBackend> backend_;
  std::optional<VolumeSizes> sizes_;
  std::atomic<int> measured_ = 0;
};

TEST_F(VolumeSizesTest, ARefreshIsDoneBehindTheAskersBack) {
  EXPECT_EQ(sizes_->LastKnown(redis_), 0);
  sizes_->Refresh({redis_, web_});
  EXPECT_EQ(sizes_->LastKnown(redis_), 0);
  Run();
  EXPECT_GE(sizes_->LastKnown(redis_), 1 << 20);
  EXPECT_GE(sizes_->LastKnown(web_), 1 << 20);
}

TEST_F(VolumeSizesTest, AFreshSizeIsNotMeasuredAgain) {
  sizes_->Refresh({redis_});
  Run();
  sizes_->Refresh({redis_});
  Run();
  EXPECT_EQ(measured_, 1);
  clock_.Advance(absl::Seconds(31));
  sizes_->Refresh({redis_, web_});
  Run();
  EXPECT_EQ(measured_, 3);
}

TEST_F(VolumeSizesTest, OneWalkAtATimeAndNeverOnTheIoThread) {
  std::atomic<int> walking = 0;
  const auto io_thread = std::this_thread::get_id();
  backend_->OnMeasure([&] {
    EXPECT_EQ(++walking, 1);
    EXPECT_NE(std::this_thread::get_id(), io_thread);
    ++measured_;
    --walking;
  });
  for (int i = 0; i < 5; ++i) sizes_->Refresh({redis_, web_});
  Run();
  EXPECT_EQ(measured_, 2);
}

TEST_F(VolumeSizesTest, AdmissionsJoinTheWalkThatIsUnderWay) {
  absl::Notification go;
  backend_->OnMeasure([&] {
    go.WaitForNotification();
    ++measured_;
  });
  sizes_->Refresh({redis_});
  auto first = boost::asio::co_spawn(io_, sizes_->Measure(redis_), boost::asio::use_future);
  auto second = boost::asio::co_spawn(io_, sizes_->Measure(redis_), boost::asio::use_future);
  // Until all three wait for the walk.
  io_.poll();
  go.Notify();
  Run();
  EXPECT_EQ(first.get().value(), sizes_->LastKnown(redis_));
  EXPECT_EQ(second.get().value(), sizes_->LastKnown(redis_));
  EXPECT_EQ(measured_, 1);
}

TEST_F(VolumeSizesTest, WhatASourceSaysHoldsUntilItIsMeasured) {
  sizes_->Assume(redis_, 5);
  EXPECT_EQ(sizes_->LastKnown(redis_), 5);
  sizes_->Refresh({redis_});
  Run();
  EXPECT_GE(sizes_->LastKnown(redis_), 1 << 20);
  sizes_->Forget(redis_.application);
  EXPECT_EQ(sizes_->LastKnown(redis_), 0);
}

TEST_F(VolumeSizesTest, StoppingEndsAWalk) {
  absl::Notification go;
  backend_->OnMeasure([&] { go.WaitForNotification(); });
  sizes_->Refresh({redis_});
  io_.poll();
  auto stopped = boost::asio::co_spawn(io_, sizes_->Stop(), boost::asio::use_future);
  io_.poll();
  go.Notify();
  Run();
  stopped.get();
  EXPECT_EQ(sizes_->LastKnown(redis_), 0) << "the walk was not carried to its end";
}

}  // namespace
}  // namespace drover::volume
