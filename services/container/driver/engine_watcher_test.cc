#include "services/container/driver/engine_watcher.h"

#include <gtest/gtest.h>

#include <boost/asio/detached.hpp>

#include "services/container/driver/testing/container_driver_fixture.h"

namespace drover::container {
namespace {

class EngineWatcherTest : public ContainerDriverFixture {
 protected:
  ~EngineWatcherTest() override {
    // First cancelled, so that it does not begin to watch again.
    boost::asio::co_spawn(io_, background_.Stop(), boost::asio::detached);
    io_.restart();
    while (!background_.stopping()) io_.run_one();
    engine_.StopWatching();
    io_.run();
  }

  void Watch() {
    background_.Spawn("watch", [this] { return watcher_.Run(); });
    io_.restart();
  }
  // Lets the watcher work until `condition` holds. The watch itself never ends.
  template <class Condition>
  void RunUntil(Condition condition) {
    while (!condition()) ASSERT_GT(io_.run_one(), 0);
  }
  // Whether a start other than that one is ready.
  bool RunsAnew(const std::string& start_id) {
    const Application now = driver_->List().at(0);
    return now.record.start_id() != start_id && PhaseOf(now.facts) == StartPhase::kReady;
  }

  EngineWatcher watcher_{engine_, *driver_, background_, sleeper_};
};

TEST_F(EngineWatcherTest, BringsRecordsAndEngineTogetherFirst) {
  const Application first = Start();
  engine_.End(first.container_id(), 255);
  Watch();
  RunUntil([&] { return RunsAnew(first.record.start_id()); });
}

TEST_F(EngineWatcherTest, FollowsEvents) {
  const Application first = *Run(driver_->Start(WantedAlways(), false));
  bool watching = false;
  const auto answer = volumes_.on_get_group;
  volumes_.on_get_group = [&](const volume::v1::GetGroupRequest& request) {
    watching = true;  // The recovery asks; the events come by then.
    return answer(request);
  };
  Watch();
  RunUntil([&] { return watching; });
  engine_.End(first.container_id(), 1);
  RunUntil([&] { return RunsAnew(first.record.start_id()); });
  EXPECT_EQ(driver_->List().at(0).record.restarts(), 1);
}

TEST_F(EngineWatcherTest, ComesBackAfterTheEngineWasAway) {
  const Application first = Start();
  engine_.down = true;
  int attempts = 0;
  sleeper_.on_sleep = [&] {
    EXPECT_NE(watcher_.problem(), "");
    engine_.down = ++attempts < 3;
  };
  engine_.containers.at(first.container_id()).info.running = false;
  Watch();
  RunUntil([&] { return RunsAnew(first.record.start_id()); });
  EXPECT_GE(attempts, 3);
  EXPECT_EQ(watcher_.problem(), "");
}

}  // namespace
}  // namespace drover::container
