#include "services/coordinator/domain/start_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace drover::coordinator {
namespace {

using ::testing::HasSubstr;

class StartTurnTest : public ::testing::Test {
 protected:
  StartTurnTest() {
    ApplicationSpec web;
    web.name = ApplicationName("web");
    web.depends_on = {ApplicationName("db"), ApplicationName("cache")};
    deployment_.desired.applications = {std::move(web)};
  }

  void Add(const char* application, ActionKind kind, ActionState state) {
    Action action;
    action.application = ApplicationName(application);
    action.kind = kind;
    action.state = state;
    deployment_.actions.push_back(std::move(action));
  }

  std::optional<absl::Status> TurnOfWeb(ActionKind kind) {
    Action action;
    action.application = ApplicationName("web");
    action.kind = kind;
    return StartTurn(deployment_, action);
  }

  DeploymentRecord deployment_;
};

TEST_F(StartTurnTest, WhatTheDeploymentDoesNotTouchIsNotWaitedFor) {
  Add("other", ActionKind::kCreate, ActionState::kRunning);
  EXPECT_EQ(TurnOfWeb(ActionKind::kCreate), absl::OkStatus());
}

TEST_F(StartTurnTest, AStartWaitsForAllThatItDependsOn) {
  Add("db", ActionKind::kCreate, ActionState::kDone);
  Add("cache", ActionKind::kStart, ActionState::kPending);
  for (ActionKind kind : {ActionKind::kCreate, ActionKind::kStart, ActionKind::kRestart}) {
    EXPECT_EQ(TurnOfWeb(kind), std::nullopt) << ActionKindName(kind);
  }
  deployment_.actions.back().state = ActionState::kDone;
  EXPECT_EQ(TurnOfWeb(ActionKind::kCreate), absl::OkStatus());
}

TEST_F(StartTurnTest, WhatRunsOnIsNotKeptWaiting) {
  Add("db", ActionKind::kCreate, ActionState::kPending);
  for (ActionKind kind :
       {ActionKind::kMove, ActionKind::kStop, ActionKind::kResize, ActionKind::kReroute}) {
    EXPECT_EQ(TurnOfWeb(kind), absl::OkStatus()) << ActionKindName(kind);
  }
}

TEST_F(StartTurnTest, OnlyWhatStartsIsWaitedFor) {
  Add("db", ActionKind::kMove, ActionState::kRunning);
  EXPECT_EQ(TurnOfWeb(ActionKind::kCreate), std::nullopt);
  deployment_.actions.clear();
  for (ActionKind kind : {ActionKind::kStop, ActionKind::kResize, ActionKind::kReroute}) {
    Add("db", kind, ActionState::kFailed);
  }
  EXPECT_EQ(TurnOfWeb(ActionKind::kCreate), absl::OkStatus());
}

TEST_F(StartTurnTest, AFailureIsNotWaitedFor) {
  Add("cache", ActionKind::kCreate, ActionState::kRunning);
  Add("db", ActionKind::kCreate, ActionState::kFailed);
  const std::optional<absl::Status> turn = TurnOfWeb(ActionKind::kCreate);
  ASSERT_TRUE(turn.has_value());
  EXPECT_EQ(turn->code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(turn->message()), HasSubstr("web was left as it is: db, which"));
}

}  // namespace
}  // namespace drover::coordinator
