#include "services/container/service/container_proto.h"

#include <gtest/gtest.h>

namespace drover::container {
namespace {

TEST(ContainerProtoTest, WhatEndedIsStartedAgainIfItIsToRun) {
  Application application;
  application.record.set_intent(v1::StartRecord::INTENT_RUN);
  EXPECT_FALSE(ToProto(application, "node1").starts_again());
  application.facts.ended = true;
  EXPECT_TRUE(ToProto(application, "node1").starts_again());
  application.end_undecided = true;
  EXPECT_FALSE(ToProto(application, "node1").starts_again());
  application.end_undecided = false;
  application.record.set_intent(v1::StartRecord::INTENT_ENDED);
  EXPECT_FALSE(ToProto(application, "node1").starts_again());
}

}  // namespace
}  // namespace drover::container
