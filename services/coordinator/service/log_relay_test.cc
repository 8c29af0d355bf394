#include "services/coordinator/service/log_relay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <functional>
#include <string>
#include <vector>

#include "services/coordinator/orchestrator/testing/orchestrator_fixture.h"

namespace drover::coordinator {
namespace {

using ::testing::ElementsAre;

// Of a fake node's log each start has one message: its id.
class LogRelayTest : public OrchestratorTest,
                     public ResponseWriter<v1::StreamApplicationLogsResponse> {
 protected:
  LogRelayTest() { DeployOnNode1(); }

  Task<bool> Write(v1::StreamApplicationLogsResponse response) override {
    written_.push_back(response.data());
    if (on_write_) on_write_();
    co_return true;
  }
  absl::Status Follow() {
    auto follow = [this]() -> Task<absl::Status> {
      v1::StreamApplicationLogsRequest request;
      request.set_application("redis");
      request.set_follow(true);
      co_return co_await FollowLogs(*cluster_.orchestrator, request, *this);
    };
    return *cluster_.Run(follow());
  }
  container::v1::Container& Container() { return cluster_.node1.containers["redis"]; }
  void Stop() {
    ApplicationRecord record = *cluster_.journal->FindApplication(Redis().name);
    record.running = false;
    ++record.revision;
    Change change;
    change.applications = {record};
    auto commit = [this, change]() -> Task<void> { co_await cluster_.journal->Commit(change); };
    boost::asio::co_spawn(cluster_.executor(), commit, boost::asio::detached);
  }

  std::vector<std::string> written_;
  std::function<void()> on_write_;
};

TEST_F(LogRelayTest, FollowsFromStartToStartUntilTheApplicationIsStopped) {
  Container().set_start_id("first");
  on_write_ = [this] {
    if (written_.size() == 1) Container().set_start_id("second");
    if (written_.size() == 2) Stop();
  };
  EXPECT_EQ(Follow(), absl::OkStatus());
  EXPECT_THAT(written_, ElementsAre("first", "second"));
}

}  // namespace
}  // namespace drover::coordinator
