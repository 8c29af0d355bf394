#include "services/container/domain/readiness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drover::container {
namespace {

using Kind = ReadinessProbe::Kind;

const HealthCheck kCheck = {.command = {"/check"}, .timeout = absl::Seconds(1)};

TEST(ChooseProbeTest, PrefersTheImagesHealthCheck) {
  ReadinessProbe probe = ChooseProbe({}, {80}, kCheck);
  EXPECT_EQ(probe.kind, Kind::kHealthCheck);
  EXPECT_THAT(probe.health_check.command, testing::ElementsAre("/check"));
}

TEST(ChooseProbeTest, ThenTheFirstPublishedPort) {
  ReadinessProbe probe = ChooseProbe({}, {80, 81}, std::nullopt);
  EXPECT_EQ(probe.kind, Kind::kPort);
  EXPECT_EQ(probe.port, 80);
}

TEST(ChooseProbeTest, ThenThatItRuns) {
  EXPECT_EQ(ChooseProbe({}, {}, std::nullopt).kind, Kind::kRunning);
}

TEST(ChooseProbeTest, TheConfigurationGoesFirst) {
  EXPECT_EQ(ChooseProbe({.port = 81}, {80}, kCheck).port, 81);
  ReadinessProbe probe = ChooseProbe({.http_path = "/up"}, {80}, kCheck);
  EXPECT_EQ(probe.kind, Kind::kHttp);
  EXPECT_EQ(probe.port, 80);
  EXPECT_EQ(probe.http_path, "/up");
}

TEST(ChooseProbeTest, TheConfigurationsHealthCheckReplacesTheImages) {
  const HealthCheck own = {.command = {"/own"}, .timeout = absl::Seconds(2)};
  ReadinessProbe probe = ChooseProbe({.health_check = own}, {80}, kCheck);
  EXPECT_EQ(probe.kind, Kind::kHealthCheck);
  EXPECT_THAT(probe.health_check.command, testing::ElementsAre("/own"));
  EXPECT_EQ(probe.health_check.timeout, absl::Seconds(2));
}

TEST(ChooseProbeTest, AHealthCheckWithoutACommandSwitchesTheImagesOff) {
  EXPECT_EQ(ChooseProbe({.health_check = HealthCheck()}, {80}, kCheck).kind, Kind::kPort);
  EXPECT_EQ(ChooseProbe({.health_check = HealthCheck()}, {}, kCheck).kind, Kind::kRunning);
}

TEST(MakeHealthCheckTest, UnderstandsDockersForms) {
  EXPECT_FALSE(MakeHealthCheck({}, absl::ZeroDuration()).has_value());
  EXPECT_FALSE(MakeHealthCheck({"NONE"}, absl::ZeroDuration()).has_value());
  EXPECT_THAT(MakeHealthCheck({"CMD", "a", "b"}, absl::Seconds(2))->command,
              testing::ElementsAre("a", "b"));
  HealthCheck shell = *MakeHealthCheck({"CMD-SHELL", "a || b"}, absl::ZeroDuration());
  EXPECT_THAT(shell.command, testing::ElementsAre("/bin/sh", "-c", "a || b"));
  EXPECT_EQ(shell.timeout, absl::Seconds(30));
}

}  // namespace
}  // namespace drover::container
