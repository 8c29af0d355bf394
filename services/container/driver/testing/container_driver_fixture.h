// The driver among the fakes of its neighbours, for unit tests.
#ifndef DROVER_SERVICES_CONTAINER_DRIVER_TESTING_CONTAINER_DRIVER_FIXTURE_H_
#define DROVER_SERVICES_CONTAINER_DRIVER_TESTING_CONTAINER_DRIVER_FIXTURE_H_

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "services/container/backend/fake_bridge_ports.h"
#include "services/container/backend/fake_engine.h"
#include "services/container/backend/fake_init_processes.h"
#include "services/container/driver/container_driver.h"
#include "services/container/store/fake_start_store.h"
#include "services/volume/client/fake_volume_client.h"

namespace drover::container {

// Time passes at once, and is counted.
class InstantSleeper : public Sleeper {
 public:
  explicit InstantSleeper(FakeClock& clock) : clock_(clock) {}
  Task<void> SleepFor(absl::Duration duration) override {
    clock_.Advance(duration);
    if (on_sleep) on_sleep();
    // Others run meanwhile.
    const auto executor = co_await boost::asio::this_coro::executor;
    co_await boost::asio::post(executor, boost::asio::use_awaitable);
  }
  // What happens meanwhile.
  std::function<void()> on_sleep;

 private:
  FakeClock& clock_;
};

class ContainerDriverFixture : public testing::Test {
 protected:
  ContainerDriverFixture() : background_(io_.get_executor()) {
    engine_.images["app:1"].info.digest = "sha256:1";
    engine_.images["app:1"].info.config.command = {"/app"};
    engine_.images["app:1"].info.config.stop_signal = "SIGINT";
    engine_.images["app:1"].folders["/data"] = "./seed";
    group_.set_state(volume::v1::GROUP_STATE_OWNED);
    group_.set_generation(5);
    group_.add_volumes()->set_fresh(true);
    volumes_.on_get_group = [this](const auto&) {
      volume::v1::GetGroupResponse response;
      *response.mutable_group() = group_;
      return absl::StatusOr<volume::v1::GetGroupResponse>(response);
    };
    volumes_.on_attach_slots = [](const volume::v1::AttachSlotsRequest& request) {
      volume::v1::AttachSlotsResponse response;
      response.set_control_directory("/control/" + request.start_id());
      for (const auto& volume : request.volumes()) {
        auto* slot = response.add_slots();
        slot->set_mountpoint(volume.mountpoint());
        slot->set_path("/slots/" + request.start_id());
      }
      return absl::StatusOr<volume::v1::AttachSlotsResponse>(response);
    };
    volumes_.on_open_gate = [this](const volume::v1::OpenGateRequest& request) {
      group_.mutable_gate()->set_start_id(request.start_id());
      group_.mutable_gate()->set_open(true);
      group_.mutable_volumes(0)->set_fresh(false);
      return absl::StatusOr<volume::v1::OpenGateResponse>(volume::v1::OpenGateResponse());
    };
    Restart();
  }

  // A daemon that comes up anew, with what is on disk.
  void Restart() {
    driver_ = std::make_unique<ContainerDriver>(
        ContainerDriver::Deps{.engine = engine_,
                              .volumes = volumes_,
                              .bridge_ports = bridge_ports_,
                              .processes = processes_,
                              .store = store_,
                              .pool = pool_,
                              .sleeper = sleeper_,
                              .clock = clock_,
                              .background = background_,
                              .changes = changes_,
                              .options = {.gate_path = "/gate", .node_address = "192.0.2.1"}});
    EXPECT_TRUE(Run(driver_->Load()).ok());
  }

  template <class T>
  T Run(Task<T> task) {
    std::optional<T> result;
    boost::asio::co_spawn(io_, std::move(task), [&](std::exception_ptr exception, T value) {
      EXPECT_EQ(exception, nullptr);
      result = std::move(value);
    });
    io_.restart();
    io_.run();
    return *std::move(result);
  }

  void Recover() {
    driver_->Recover();
    io_.restart();
    io_.run();
  }

  static ContainerDriver::Wanted Wanted(const std::string& hash = "h1") {
    ContainerDriver::Wanted wanted;
    wanted.spec.set_name("redis");
    wanted.spec.set_image("app:1");
    wanted.spec.add_volumes()->set_mountpoint("/data");
    wanted.spec.mutable_stop_timeout()->set_seconds(10);
    wanted.generation = 5;
    wanted.config_hash = hash;
    return wanted;
  }

  static ContainerDriver::Wanted WantedAlways() {
    ContainerDriver::Wanted wanted = Wanted();
    wanted.spec.mutable_restart_policy()->set_mode(drover::common::v1::RestartPolicy::MODE_ALWAYS);
    return wanted;
  }

  // Whether a start other than `first` is READY, with its container alone on the node.
  void ExpectRunsAnew(const Application& first) {
    const Application now = driver_->List().at(0);
    EXPECT_NE(now.record.start_id(), first.record.start_id());
    EXPECT_EQ(PhaseOf(now.facts), StartPhase::kReady);
    EXPECT_EQ(engine_.containers.size(), 1);
  }

  Application Start(const std::string& hash = "h1", bool restart = false) {
    auto application = Run(driver_->Start(Wanted(hash), restart));
    EXPECT_TRUE(application.ok()) << application.status();
    return application.ok() ? *application : Application();
  }

  void End(const Application& application, int exit_code) {
    engine_.End(application.container_id(), exit_code);
    ContainerEvent event;
    event.kind = ContainerEvent::Kind::kEnded;
    event.id = application.container_id();
    event.exit_code = exit_code;
    EXPECT_TRUE(Run(driver_->Handle(event)).ok());
  }

  boost::asio::io_context io_;
  BlockingPool pool_{1};
  FakeClock clock_;
  InstantSleeper sleeper_{clock_};
  FakeEngine engine_;
  FakeBridgePorts bridge_ports_;
  FakeInitProcesses processes_{engine_};
  volume::FakeVolumeClient volumes_;
  volume::v1::VolumeGroup group_;
  FakeStartStore store_;
  BackgroundTasks background_;
  ChangeSignal changes_;
  std::unique_ptr<ContainerDriver> driver_;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_DRIVER_TESTING_CONTAINER_DRIVER_FIXTURE_H_
