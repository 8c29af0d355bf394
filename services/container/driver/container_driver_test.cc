// The driver against the fakes of its neighbours.
#include "services/container/driver/container_driver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"
#include "services/container/driver/testing/container_driver_fixture.h"

namespace drover::container {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class ContainerDriverTest : public ContainerDriverFixture {
 protected:
  Task<absl::Status> StartIt() {
    ContainerDriver::Wanted wanted = WantedAlways();
    co_return (co_await driver_->Start(std::move(wanted), false)).status();
  }
  Task<absl::Status> StageLate(ContainerDriver::Wanted wanted) {
    late_order_ = (co_await driver_->Stage(std::move(wanted))).status();
    co_return absl::OkStatus();
  }
  Task<absl::Status> StopIt() { co_return (co_await driver_->Stop("redis")).status(); }

  absl::Status late_order_;

  // NOT_READY first, and ready for who asks again.
  Task<absl::Status> AwaitTwice() {
    const ContainerDriver::Wanted wanted = Wanted();
    DROVER_CO_ASSIGN_OR_RETURN(const Application application,
                               co_await driver_->Start(wanted, false));
    const std::string start_id = application.record.start_id();
    const auto first = co_await driver_->AwaitReady("redis", start_id);
    EXPECT_EQ(ReasonOf(first.status()), "NOT_READY");
    EXPECT_NE(driver_->List().at(0).problem, "");
    const auto second = co_await driver_->AwaitReady("redis", start_id);
    co_return second.status();
  }

  // The volume service fails at these calls of GetGroup, counted from 1. Answers how many there
  // were by now.
  std::shared_ptr<const int> FailGetGroup(std::map<int, absl::Status> errors) {
    auto calls = std::make_shared<int>(0);
    const auto answer = volumes_.on_get_group;
    volumes_.on_get_group = [calls, errors, answer](const volume::v1::GetGroupRequest& request)
        -> absl::StatusOr<volume::v1::GetGroupResponse> {
      const auto error = errors.find(++*calls);
      if (error != errors.end()) return error->second;
      return answer(request);
    };
    return calls;
  }

  // Answers `error` to the first calls, then `answer`.
  template <class Request, class Response>
  static std::function<absl::StatusOr<Response>(const Request&)> FailsFirst(int calls,
                                                                            absl::Status error,
                                                                            Response answer) {
    return [calls, error, answer](const Request&) mutable {
      return --calls >= 0 ? absl::StatusOr<Response>(error) : absl::StatusOr<Response>(answer);
    };
  }
};

TEST_F(ContainerDriverTest, StartsThroughGateAndSlots) {
  const Application application = Start();
  EXPECT_EQ(driver_->List().at(0).record.intent(), v1::StartRecord::INTENT_RUN);
  EXPECT_EQ(PhaseOf(driver_->List().at(0).facts), StartPhase::kReady);
  EXPECT_THAT(volumes_.calls, ElementsAre("GetGroup", "AttachSlots", "AwaitGate", "GetGroup",
                                          "SeedVolume", "OpenGate"));
  EXPECT_EQ(volumes_.seeded["redis:"], "./seed");
  ASSERT_EQ(engine_.containers.size(), 1);
  const ContainerOptions& options = engine_.containers.begin()->second.options;
  EXPECT_EQ(options.name, "drover--redis");
  EXPECT_THAT(options.entrypoint, ElementsAre("/.drover-gate"));
  EXPECT_THAT(options.command, ElementsAre("/.drover/control.sock", application.record.start_id(),
                                           "/", "/data", "--", "/app"));
  EXPECT_EQ(options.labels.at("drover.generation"), "5");
  ASSERT_EQ(options.mounts.size(), 3);
  EXPECT_TRUE(options.mounts[2].follows_mounts);
  EXPECT_EQ(options.mounts[2].source, "/slots/" + application.record.start_id());
}

TEST_F(ContainerDriverTest, AnImageWhoseVolumeLiesWithinOneIsRefused) {
  engine_.images["app:1"].info.config.volumes = {"/data/cache"};
  const absl::Status status = Run(driver_->Start(Wanted(), false)).status();
  EXPECT_EQ(ReasonOf(status), "NESTED_VOLUME") << status;
  EXPECT_TRUE(engine_.containers.empty());
}

TEST_F(ContainerDriverTest, WhatRunsIsNotStoppedForAnImageThatIsRefused) {
  const Application first = Start("h1");
  engine_.images["app:1"].info.config.volumes = {"/data/cache"};
  EXPECT_EQ(ReasonOf(Run(driver_->Start(Wanted("h2"), false)).status()), "NESTED_VOLUME");
  EXPECT_TRUE(driver_->List().at(0).runs());
  EXPECT_EQ(driver_->List().at(0).record.start_id(), first.record.start_id());
  // It is started again as it was.
  EXPECT_NE(Start("h1", /*restart=*/true).record.start_id(), first.record.start_id());
}

TEST_F(ContainerDriverTest, AStartThatRunsIsLeftAlone) {
  const Application first = Start();
  EXPECT_EQ(Start().record.start_id(), first.record.start_id());
  EXPECT_NE(Start("h2").record.start_id(), first.record.start_id());
  EXPECT_EQ(engine_.containers.size(), 1);
  EXPECT_THAT(engine_.signals, ElementsAre(SIGINT));
}

TEST_F(ContainerDriverTest, SeedsOnlyVolumesThatWereNeverServed) {
  Start();
  volumes_.calls.clear();
  Start("h1", /*restart=*/true);
  EXPECT_THAT(volumes_.calls, Not(Contains("SeedVolume")));
}

TEST_F(ContainerDriverTest, AVolumeIsNotServedIfWhatFillsItIsGone) {
  engine_.before_copy_out = [this] {
    std::erase_if(engine_.containers,
                  [](const auto& one) { return one.second.options.labels.contains(kSeedLabel); });
  };
  EXPECT_TRUE(absl::IsUnavailable(Run(driver_->Start(Wanted(), false)).status()));
  EXPECT_THAT(volumes_.calls, Not(Contains("OpenGate")));
  engine_.before_copy_out = nullptr;
  Start();
  EXPECT_EQ(volumes_.seeded["redis:"], "./seed");
}

TEST_F(ContainerDriverTest, StagesBehindTheGate) {
  auto staged = Run(driver_->Stage(Wanted()));
  ASSERT_TRUE(staged.ok()) << staged.status();
  EXPECT_EQ(PhaseOf(staged->facts), StartPhase::kGated);
  EXPECT_THAT(volumes_.calls, Not(Contains("OpenGate")));
  EXPECT_EQ(Run(driver_->Stage(Wanted()))->record.start_id(), staged->record.start_id());
  EXPECT_FALSE(Run(driver_->AwaitReady("redis", staged->record.start_id())).ok());
  // Activate opens it without us.
  group_.mutable_gate()->set_start_id(staged->record.start_id());
  EXPECT_TRUE(Run(driver_->AwaitReady("redis", staged->record.start_id())).ok());
  EXPECT_EQ(ReasonOf(Run(driver_->Stage(Wanted("h2"))).status()), "STILL_RUNNING");
}

TEST_F(ContainerDriverTest, StagesOnlyForTheMigrationThatHoldsTheGroup) {
  ContainerDriver::Wanted wanted = Wanted();
  wanted.migration = "m1";
  group_.set_state(volume::v1::GROUP_STATE_RECEIVING);
  group_.set_migration("m1");
  EXPECT_TRUE(Run(driver_->Stage(wanted)).ok());
  // An order that was long on its way: that migration is over.
  wanted.config_hash = "h2";
  group_.set_migration("m2");
  EXPECT_EQ(ReasonOf(Run(driver_->Stage(wanted)).status()), "NOT_RESERVED");
  EXPECT_EQ(driver_->List().front().record.config_hash(), "h1");
}

TEST_F(ContainerDriverTest, ALateOrderMakesNoContainerWhereTheDataIsNotOwned) {
  group_.set_state(volume::v1::GROUP_STATE_RETIRED);
  EXPECT_EQ(ReasonOf(Run(driver_->Start(Wanted(), false)).status()), "WRONG_STATE");
  EXPECT_TRUE(engine_.containers.empty());
  EXPECT_TRUE(store_.records.empty());
  // It came back meanwhile: the order is for an earlier stay.
  group_.set_state(volume::v1::GROUP_STATE_OWNED);
  group_.set_generation(7);
  EXPECT_EQ(ReasonOf(Run(driver_->Start(Wanted(), false)).status()), "STALE_GENERATION");
  EXPECT_TRUE(engine_.containers.empty());
  EXPECT_TRUE(store_.records.empty());
}

TEST_F(ContainerDriverTest, ALateOrderEndsNothingThatRuns) {
  const Application application = Start();
  group_.set_state(volume::v1::GROUP_STATE_SEALING);
  EXPECT_EQ(ReasonOf(Run(driver_->Start(Wanted("h2"), true)).status()), "WRONG_STATE");
  EXPECT_EQ(driver_->List().at(0).record.start_id(), application.record.start_id());
  EXPECT_TRUE(driver_->List().at(0).runs());
}

TEST_F(ContainerDriverTest, OpensNoGateForASealThatBeganMeanwhile) {
  volumes_.on_await_gate = [this](const auto&) {
    group_.set_state(volume::v1::GROUP_STATE_SEALING);
    return absl::StatusOr<volume::v1::AwaitGateResponse>(volume::v1::AwaitGateResponse());
  };
  EXPECT_EQ(ReasonOf(Run(driver_->Start(Wanted(), false)).status()), "WRONG_STATE");
  EXPECT_THAT(volumes_.calls, Not(Contains("OpenGate")));
}

TEST_F(ContainerDriverTest, ARepeatedStartAsksForAGateThatIsOnlyRecordedAsOpen) {
  int asked = 0;
  // The volume service is restarted between its record and its message to the gate.
  volumes_.on_open_gate = [this, &asked](const volume::v1::OpenGateRequest& request)
      -> absl::StatusOr<volume::v1::OpenGateResponse> {
    group_.mutable_gate()->set_start_id(request.start_id());
    group_.mutable_gate()->set_open(true);
    if (++asked == 1) return absl::UnavailableError("connection reset");
    return volume::v1::OpenGateResponse();
  };
  EXPECT_FALSE(Run(driver_->Start(Wanted(), false)).ok());
  EXPECT_TRUE(Run(driver_->Start(Wanted(), false)).ok());
  EXPECT_EQ(asked, 2);
}

TEST_F(ContainerDriverTest, LeavesNothingOfAFailedStart) {
  volumes_.on_await_gate = [](const auto&) {
    return absl::StatusOr<volume::v1::AwaitGateResponse>(
        absl::FailedPreconditionError("the image has no program /app"));
  };
  auto application = Run(driver_->Start(Wanted(), false));
  EXPECT_THAT(application.status().message(), HasSubstr("has no program /app"));
  EXPECT_TRUE(engine_.containers.empty());
  EXPECT_THAT(volumes_.calls, Contains("ReleaseSlots"));
}

TEST_F(ContainerDriverTest, SaysWhichImageIsMissing) {
  ContainerDriver::Wanted wanted = Wanted();
  wanted.spec.set_image("app:2");
  EXPECT_EQ(ReasonOf(Run(driver_->Start(wanted, false)).status()), "IMAGE_NOT_FOUND");
}

TEST_F(ContainerDriverTest, StopsWithADeadEngine) {
  Start();
  engine_.down = true;
  auto stopped = Run(driver_->Stop("redis"));
  ASSERT_TRUE(stopped.ok()) << stopped.status();
  EXPECT_THAT(engine_.signals, ElementsAre(SIGINT));
}

// Between a start of the daemon and the moment in which its recovery has looked at the container,
// which takes as long as engine and volume service do not answer.
class BeforeRecoveryTest : public ContainerDriverTest {
 protected:
  BeforeRecoveryTest() {
    Start();
    Restart();
  }
};

TEST_F(BeforeRecoveryTest, AStopEndsWhatRuns) {
  auto stopped = Run(driver_->Stop("redis"));
  ASSERT_TRUE(stopped.ok()) << stopped.status();
  EXPECT_FALSE(stopped->killed);
  EXPECT_THAT(engine_.signals, ElementsAre(SIGINT));
}

TEST_F(BeforeRecoveryTest, AStopNeedsNoEngine) {
  engine_.down = true;
  EXPECT_TRUE(Run(driver_->Stop("redis")).ok());
  EXPECT_THAT(engine_.signals, ElementsAre(SIGINT));
}

TEST_F(BeforeRecoveryTest, NothingIsRemovedUnderARunningApplication) {
  EXPECT_TRUE(Run(driver_->Remove("redis", 5)).ok());
  EXPECT_THAT(engine_.signals, ElementsAre(SIGINT));
  EXPECT_TRUE(engine_.containers.empty());
}

TEST_F(BeforeRecoveryTest, ARestartStopsTheRegularWay) {
  EXPECT_TRUE(Run(driver_->Start(Wanted("another"), false)).ok());
  EXPECT_THAT(engine_.signals, ElementsAre(SIGINT));
  EXPECT_EQ(engine_.containers.size(), 1);
}

TEST_F(ContainerDriverTest, LetsTheEngineKillWhatIsPaused) {
  Start();
  engine_.paused = true;
  auto stopped = Run(driver_->Stop("redis"));
  ASSERT_TRUE(stopped.ok()) << stopped.status();
  EXPECT_TRUE(stopped->killed);
}

TEST_F(ContainerDriverTest, StopsWithTheImagesSignalAndThenKills) {
  Start();
  engine_.ignores_signals = true;
  auto stopped = Run(driver_->Stop("redis"));
  ASSERT_TRUE(stopped.ok()) << stopped.status();
  EXPECT_TRUE(stopped->killed);
  EXPECT_THAT(engine_.signals, ElementsAre(SIGINT, SIGKILL));
  EXPECT_EQ(store_.records["redis"].intent(), v1::StartRecord::INTENT_STOPPED);
  EXPECT_TRUE(Run(driver_->Stop("redis")).ok());
  EXPECT_FALSE(Run(driver_->Stop("unknown"))->application.has_value());
}

TEST_F(ContainerDriverTest, RemovesOnlyTheGenerationThatIsMeant) {
  Start();
  EXPECT_TRUE(Run(driver_->Remove("redis", 4)).ok());
  EXPECT_EQ(engine_.containers.size(), 1);
  EXPECT_TRUE(Run(driver_->Remove("redis", 5)).ok());
  EXPECT_TRUE(engine_.containers.empty());
  EXPECT_TRUE(store_.records.empty());
  EXPECT_TRUE(driver_->List().empty());
  EXPECT_TRUE(Run(driver_->Remove("redis", 5)).ok());
}

TEST_F(ContainerDriverTest, FollowsTheRestartPolicyWithANewStart) {
  ContainerDriver::Wanted wanted = Wanted();
  wanted.spec.mutable_restart_policy()->set_mode(drover::common::v1::RestartPolicy::MODE_ALWAYS);
  const Application first = *Run(driver_->Start(wanted, false));
  End(first, 1);
  const Application second = driver_->List().at(0);
  EXPECT_NE(second.record.start_id(), first.record.start_id());
  EXPECT_EQ(PhaseOf(second.facts), StartPhase::kReady);
}

TEST_F(ContainerDriverTest, LeavesWhatEndedWithoutAPolicy) {
  engine_.output.push_back({.data = "out of luck\n"});
  const Application application = Start();
  End(application, 3);
  EXPECT_EQ(PhaseOf(driver_->List().at(0).facts), StartPhase::kExited);
  EXPECT_EQ(store_.records["redis"].intent(), v1::StartRecord::INTENT_ENDED);
  const absl::Status status =
      Run(driver_->AwaitReady("redis", application.record.start_id())).status();
  EXPECT_EQ(ReasonOf(status), "EXITED");
  EXPECT_THAT(status.message(), HasSubstr("exit code 3; its last words: out of luck"));
  Restart();
  Recover();
  EXPECT_EQ(PhaseOf(driver_->List().at(0).facts), StartPhase::kExited);
}

TEST_F(ContainerDriverTest, KeepsWhatRunsAcrossARestart) {
  const Application application = Start();
  Restart();
  Recover();
  const Application recovered = driver_->List().at(0);
  EXPECT_EQ(recovered.record.start_id(), application.record.start_id());
  EXPECT_EQ(PhaseOf(recovered.facts), StartPhase::kReady);
}

// Whoever asks before recovery has looked at the container waits for that: nobody knows until then
// where it answers, nor by what it says that it is ready.
TEST_F(ContainerDriverTest, ReadinessIsThatOfTheContainerThatRecoveryFinds) {
  HealthCheck check;
  check.command = {"/check"};
  engine_.images["app:1"].info.config.health_check = check;
  int checks = 0;
  engine_.on_exec = [&checks](const ExecOptions&) {
    ++checks;
    return 0;
  };
  const Application application = Start();
  Restart();
  checks = 0;
  int sleeps = 0;
  sleeper_.on_sleep = [this, &sleeps] {
    if (++sleeps == 1) driver_->Recover();
  };
  EXPECT_TRUE(Run(driver_->AwaitReady("redis", application.record.start_id())).ok());
  EXPECT_EQ(checks, 1);
}

TEST_F(ContainerDriverTest, TheConfigurationsHealthCheckReplacesTheImages) {
  HealthCheck check;
  check.command = {"/image's"};
  engine_.images["app:1"].info.config.health_check = check;
  std::vector<std::string> ran;
  engine_.on_exec = [&ran](const ExecOptions& options) {
    ran.push_back(options.command.at(0));
    return 0;
  };
  ContainerDriver::Wanted wanted = Wanted();
  wanted.spec.mutable_readiness()->mutable_health_check()->add_command("/own");
  const auto application = Run(driver_->Start(wanted, false));
  ASSERT_TRUE(application.ok()) << application.status();
  EXPECT_TRUE(Run(driver_->AwaitReady("redis", application->record.start_id())).ok());
  EXPECT_THAT(ran, ElementsAre("/own"));
}

// The machine was rebooted: what was asked about is over, but not the application.
TEST_F(ContainerDriverTest, WhoAsksForWhatTheMachineEndedIsSentToTheNewStart) {
  const Application application = Start();
  engine_.End(application.container_id(), 255);
  Restart();
  // The gate's state is asked for twice; then the new start is refused at first.
  const auto asked = FailGetGroup({{3, absl::UnavailableError("connection reset")}});
  int sleeps = 0;
  sleeper_.on_sleep = [this, &sleeps] {
    if (++sleeps == 1) driver_->Recover();
  };
  const absl::Status ready =
      Run(driver_->AwaitReady("redis", application.record.start_id())).status();
  EXPECT_EQ(ready.message(), "redis was started anew");
  EXPECT_GE(*asked, 5);
}

TEST_F(ContainerDriverTest, StartsWhatTheMachineEnded) {
  const Application application = Start();
  engine_.End(application.container_id(), 255);
  Restart();
  Recover();
  EXPECT_NE(driver_->List().at(0).record.start_id(), application.record.start_id());
  EXPECT_EQ(PhaseOf(driver_->List().at(0).facts), StartPhase::kReady);
}

TEST_F(ContainerDriverTest, ReplacesWhatItsEngineHasForgotten) {
  const Application application = Start();
  engine_.Forget(application.container_id());
  Restart();
  Recover();
  EXPECT_TRUE(engine_.forgotten.empty());
  EXPECT_NE(driver_->List().at(0).record.start_id(), application.record.start_id());
  EXPECT_EQ(PhaseOf(driver_->List().at(0).facts), StartPhase::kReady);
}

TEST_F(ContainerDriverTest, WhatItsEngineHasForgottenGoesOnUntilItsImageIsBack) {
  const Application application = Start();
  engine_.Forget(application.container_id());
  std::map<std::string, FakeEngine::Image> images;
  images.swap(engine_.images);
  int tries = 0;
  sleeper_.on_sleep = [&] {
    EXPECT_EQ(engine_.forgotten.size(), 1u);
    if (++tries == 3) images.swap(engine_.images);
  };
  Recover();
  EXPECT_EQ(tries, 3);
  EXPECT_TRUE(engine_.forgotten.empty());
  EXPECT_EQ(PhaseOf(driver_->List().at(0).facts), StartPhase::kReady);
}

TEST_F(ContainerDriverTest, WhatItsEngineHasForgottenSaysWhatItWaitsFor) {
  const Application application = Start();
  engine_.Forget(application.container_id());
  engine_.images.clear();
  Restart();
  bool asked = false;
  sleeper_.on_sleep = [this, &asked] {
    if (std::exchange(asked, true)) return;
    EXPECT_THAT(driver_->List().at(0).problem, HasSubstr("once the image app:1 is on this node"));
    boost::asio::co_spawn(io_, driver_->Stop("redis"), [](std::exception_ptr, auto stopped) {
      EXPECT_TRUE(stopped.ok()) << stopped.status();
    });
  };
  Recover();
  // Nor is it out of reach.
  EXPECT_THAT(engine_.signals, ElementsAre(SIGINT));
  EXPECT_TRUE(engine_.forgotten.empty());
}

TEST_F(ContainerDriverTest, StartsNothingThatMovedAway) {
  const Application application = Start();
  engine_.End(application.container_id(), 255);
  group_.set_state(volume::v1::GROUP_STATE_RETIRED);
  Restart();
  Recover();
  EXPECT_EQ(driver_->List().at(0).record.start_id(), application.record.start_id());
}

TEST_F(ContainerDriverTest, ReplacesWhatSomebodyRestartedByHand) {
  const Application application = Start();
  engine_.RestartByHand(application.container_id());
  ContainerEvent event;
  event.kind = ContainerEvent::Kind::kStarted;
  event.id = application.container_id();
  EXPECT_TRUE(Run(driver_->Handle(event)).ok());
  EXPECT_NE(driver_->List().at(0).record.start_id(), application.record.start_id());
  EXPECT_EQ(engine_.containers.size(), 1);
}

TEST_F(ContainerDriverTest, ARestartIsTriedUntilTheVolumeServiceIsBack) {
  const Application first = *Run(driver_->Start(WantedAlways(), false));
  volumes_.on_release_slots = FailsFirst<volume::v1::ReleaseSlotsRequest>(
      3, absl::UnavailableError("connection refused"), volume::v1::ReleaseSlotsResponse());
  End(first, 1);
  ExpectRunsAnew(first);
}

TEST_F(ContainerDriverTest, ARestartThatWaitsBehindItsGateOnlyNeedsThatOpened) {
  const Application first = *Run(driver_->Start(WantedAlways(), false));
  volumes_.on_open_gate = FailsFirst<volume::v1::OpenGateRequest>(
      3, absl::DeadlineExceededError("no answer"), volume::v1::OpenGateResponse());
  volumes_.calls.clear();
  End(first, 1);
  ExpectRunsAnew(first);
  EXPECT_EQ(std::count(volumes_.calls.begin(), volumes_.calls.end(), "AttachSlots"), 1);
}

TEST_F(ContainerDriverTest, ARestartEndsWhenTheApplicationIsStopped) {
  const Application first = *Run(driver_->Start(WantedAlways(), false));
  volumes_.on_open_gate = [](const auto&) {
    return absl::StatusOr<volume::v1::OpenGateResponse>(absl::InternalError("out of order"));
  };
  int sleeps = 0;
  sleeper_.on_sleep = [&] {
    if (++sleeps == 3) background_.Spawn("stop", [this] { return StopIt(); });
  };
  End(first, 1);
  EXPECT_EQ(store_.records["redis"].intent(), v1::StartRecord::INTENT_STOPPED);
  EXPECT_FALSE(driver_->List().at(0).runs());
}

TEST_F(ContainerDriverTest, ARestartGoesOnAfterAnotherStartThatFailed) {
  const Application first = *Run(driver_->Start(WantedAlways(), false));
  int starts = 0;
  volumes_.on_await_gate = [&starts](const auto&) {
    absl::StatusOr<volume::v1::AwaitGateResponse> response = volume::v1::AwaitGateResponse();
    if (++starts == 1) response = absl::FailedPreconditionError("the gate was lost");
    return response;
  };
  // Ordered while the restart waits for its time.
  sleeper_.on_sleep = [this, &starts] {
    if (starts == 0) background_.Spawn("start", [this] { return StartIt(); });
  };
  End(first, 1);
  EXPECT_EQ(starts, 2);
  ExpectRunsAnew(first);
}

TEST_F(ContainerDriverTest, ALateOrderToStageDoesNotReplaceWhatIsToBeRestarted) {
  ContainerDriver::Wanted wanted = WantedAlways();
  wanted.migration = "m1";
  group_.set_migration("m1");
  const Application staged = *Run(driver_->Stage(wanted));
  group_.mutable_gate()->set_start_id(staged.record.start_id());
  int sleeps = 0;
  sleeper_.on_sleep = [this, wanted, &sleeps] {
    if (++sleeps > 1) return;
    background_.Spawn("late order", [this, wanted] { return StageLate(wanted); });
  };
  End(staged, 1);
  EXPECT_EQ(ReasonOf(late_order_), "STILL_RUNNING");
  ExpectRunsAnew(staged);
}

TEST_F(ContainerDriverTest, AnEndIsDecidedAlthoughTheVolumeServiceIsAway) {
  // Activate opened the gate, so that its state has to be asked for.
  const Application staged = *Run(driver_->Stage(WantedAlways()));
  group_.mutable_gate()->set_start_id(staged.record.start_id());
  volume::v1::GetGroupResponse answer;
  *answer.mutable_group() = group_;
  volumes_.on_get_group = FailsFirst<volume::v1::GetGroupRequest>(
      3, absl::UnavailableError("connection refused"), answer);
  End(staged, 1);
  ExpectRunsAnew(staged);
}

TEST_F(ContainerDriverTest, AnEndIsDecidedAlthoughTheEngineDoesNotAnswerAtOnce) {
  const Application first = *Run(driver_->Start(WantedAlways(), false));
  sleeper_.on_sleep = [this] { engine_.down = false; };
  ContainerEvent event;
  event.id = first.container_id();
  engine_.End(event.id, 1);
  engine_.down = true;
  EXPECT_TRUE(Run(driver_->Handle(event)).ok());
  ExpectRunsAnew(first);
}

TEST_F(ContainerDriverTest, WhatCouldNotBeCleanedUpIsCleanedUpByTheNextStart) {
  volumes_.on_await_gate = FailsFirst<volume::v1::AwaitGateRequest>(
      1, absl::InternalError("out of order"), volume::v1::AwaitGateResponse());
  std::vector<std::string> released;
  volumes_.on_release_slots = [&](const volume::v1::ReleaseSlotsRequest& request) {
    released.push_back(request.start_id());
    absl::StatusOr<volume::v1::ReleaseSlotsResponse> response = volume::v1::ReleaseSlotsResponse();
    if (released.size() == 1) response = absl::UnavailableError("connection refused");
    return response;
  };
  EXPECT_FALSE(Run(driver_->Start(Wanted(), false)).ok());
  Start();
  ASSERT_EQ(released.size(), 2);
  EXPECT_EQ(released[0], released[1]);
}

TEST_F(ContainerDriverTest, RecoveryIsTriedAfterAnyError) {
  const Application first = Start();
  engine_.End(first.container_id(), 255);
  Restart();
  FailGetGroup(
      {{1, absl::DeadlineExceededError("no answer")}, {2, absl::InternalError("out of order")}});
  engine_.down = true;
  sleeper_.on_sleep = [this] { engine_.down = false; };
  Recover();
  ExpectRunsAnew(first);
}

TEST_F(ContainerDriverTest, RecoveryEndsWhenTheApplicationIsNotWantedAnyMore) {
  const Application first = Start();
  engine_.End(first.container_id(), 255);
  engine_.images.clear();
  Restart();
  int sleeps = 0;
  sleeper_.on_sleep = [&] {
    if (++sleeps == 3) group_.set_state(volume::v1::GROUP_STATE_RETIRED);
  };
  Recover();
  EXPECT_EQ(sleeps, 3);
  EXPECT_TRUE(engine_.containers.empty());
}

TEST_F(ContainerDriverTest, RecoveryRemovesTheContainersOfInterruptedSeeding) {
  ContainerOptions options;
  options.image = "app:1";
  options.labels[kSeedLabel] = "redis";
  ASSERT_TRUE(Run(engine_.CreateContainer(options)).ok());
  Recover();
  EXPECT_TRUE(engine_.containers.empty());
}

TEST_F(ContainerDriverTest, ASlowApplicationIsReadyInTheEnd) {
  HealthCheck check;
  check.command = {"/check"};
  engine_.images["app:1"].info.config.health_check = check;
  const absl::Time answers = clock_.Now() + absl::Seconds(70);
  engine_.on_exec = [this, answers](const ExecOptions&) { return clock_.Now() < answers ? 1 : 0; };
  Start();
  EXPECT_GE(clock_.Now(), answers);
  EXPECT_EQ(PhaseOf(driver_->List().at(0).facts), StartPhase::kReady);
  EXPECT_EQ(driver_->List().at(0).problem, "");
}

TEST_F(ContainerDriverTest, WhoAsksAgainWaitsAgain) {
  HealthCheck check;
  check.command = {"/check"};
  engine_.images["app:1"].info.config.health_check = check;
  const absl::Time answers = clock_.Now() + absl::Seconds(70);
  engine_.on_exec = [this, answers](const ExecOptions&) { return clock_.Now() < answers ? 1 : 0; };
  const absl::Status status = Run(AwaitTwice());
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(ContainerDriverTest, EndsWhatSomebodyStartedByHandAfterAStop) {
  const Application application = Start();
  ASSERT_TRUE(Run(driver_->Stop("redis")).ok());
  engine_.RestartByHand(application.container_id());
  ContainerEvent event;
  event.id = application.container_id();
  EXPECT_TRUE(Run(driver_->Handle(event)).ok());
  EXPECT_FALSE(driver_->List().at(0).runs());
  EXPECT_FALSE(engine_.containers.begin()->second.info.running);
}

TEST_F(ContainerDriverTest, LetsAnApplicationReachItselfBeforeItsGateOpens) {
  ASSERT_TRUE(Run(driver_->Stage(Wanted())).ok());
  EXPECT_THAT(bridge_ports_.pids, ElementsAre(engine_.containers.begin()->second.info.pid));
}

TEST_F(ContainerDriverTest, StartsWhatCannotReachItself) {
  bridge_ports_.status = absl::PermissionDeniedError("not root");
  Start();
  EXPECT_EQ(PhaseOf(driver_->List().at(0).facts), StartPhase::kReady);
}

TEST_F(ContainerDriverTest, SaysThatTheEngineIsDown) {
  engine_.down = true;
  const absl::Status status = Run(driver_->Start(Wanted(), false)).status();
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_EQ(ReasonOf(status), "ENGINE_DOWN");
  EXPECT_TRUE(driver_->List().empty());
}

}  // namespace
}  // namespace drover::container
