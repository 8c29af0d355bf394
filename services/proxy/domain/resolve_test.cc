#include "services/proxy/domain/resolve.h"

#include <gtest/gtest.h>

namespace drover::proxy {
namespace {

const Ipv4Address kNode2 = Ipv4Address::Parse("192.0.2.12").value();
const Ipv4Address kAddress = Ipv4Address::Parse("172.17.0.2").value();
const Ipv4Address kOtherAddress = Ipv4Address::Parse("172.17.0.3").value();

RouteTable OneLocal() {
  return RouteTable::Create(
             1, {{6379, ApplicationName("redis"), LocalTarget{6380, ContainerId("c1")}}})
      .value();
}

LocalContainer Container(const char* id, const char* application,
                         std::optional<Ipv4Address> address, bool opened) {
  return {ContainerId(id), ApplicationName(application), address, opened};
}

KernelRoutes Element(Ipv4Address address) {
  return {{{6379, {address, 6380}}}, {{6379, TargetKind::kLocal}}, {}};
}

TEST(ResolveTest, ARemoteRouteKeepsItsPort) {
  RouteTable table =
      RouteTable::Create(1, {{6379, ApplicationName("redis"), RemoteTarget{NodeName("n"), kNode2}}})
          .value();
  EXPECT_EQ(Resolve(table, std::nullopt, {}, {}),
            (KernelRoutes{{{6379, {kNode2, 6379}}}, {{6379, TargetKind::kRemote}}, {}}));
}

TEST(ResolveTest, ALocalRouteIsItsContainersAddress) {
  std::vector<LocalContainer> containers = {Container("c2", "other", kOtherAddress, true),
                                            Container("c1", "redis", kAddress, false)};
  EXPECT_EQ(Resolve(OneLocal(), LocalContainers(containers), {}, {}), Element(kAddress));
  EXPECT_FALSE(IsUnresolved(OneLocal().routes(), LocalContainers(containers)));
}

TEST(ResolveTest, AnOpenedSuccessorTakesOver) {
  std::vector<LocalContainer> containers = {Container("c1", "redis", std::nullopt, false),
                                            Container("c2", "redis", kAddress, true)};
  EXPECT_EQ(Resolve(OneLocal(), LocalContainers(containers), {}, {}), Element(kAddress));
}

TEST(ResolveTest, AGatedContainerIsNoSuccessor) {
  std::vector<LocalContainer> containers = {Container("c2", "redis", kAddress, false)};
  EXPECT_EQ(Resolve(OneLocal(), LocalContainers(containers), {}, {}), KernelRoutes());
  EXPECT_TRUE(IsUnresolved(OneLocal().routes(), LocalContainers(containers)));
}

TEST(ResolveTest, AContainerThatSwappedItsAddressIsNotTaken) {
  // Another application has the address that the kernel's table still points at.
  std::vector<LocalContainer> containers = {Container("c2", "other", kAddress, true)};
  EXPECT_EQ(Resolve(OneLocal(), LocalContainers(containers), Element(kAddress), {6379}),
            KernelRoutes());
}

TEST(ResolveTest, ResolvesThePortsAskedForOnly) {
  std::vector<LocalContainer> containers = {Container("c1", "redis", kAddress, true)};
  EXPECT_EQ(Resolve(OneLocal(), {6379, 80}, LocalContainers(containers), {}, {}),
            Element(kAddress));
  EXPECT_EQ(Resolve(OneLocal(), {80}, LocalContainers(containers), {}, {}), KernelRoutes());
  EXPECT_EQ(LocalPorts(OneLocal()), std::set<int>({6379}));
}

TEST(ResolveTest, WaitsForTheContainerServiceAfterAReboot) {
  EXPECT_EQ(Resolve(OneLocal(), std::nullopt, {}, {6379}), (KernelRoutes{{}, {}, {6379}}));
}

TEST(ResolveTest, ARestartOfTheDaemonTouchesNothing) {
  EXPECT_EQ(Resolve(OneLocal(), std::nullopt, Element(kAddress), {6379}), Element(kAddress));
}

// It lists its applications before it has asked the engine, which may be away for long.
TEST(ResolveTest, ARestartOfTheContainerServiceTouchesNothing) {
  LocalContainer container = Container("c1", "redis", std::nullopt, false);
  container.unknown = true;
  const LocalContainers containers({container});
  EXPECT_EQ(Resolve(OneLocal(), containers, Element(kAddress), {6379}), Element(kAddress));
  EXPECT_EQ(Resolve(OneLocal(), containers, {}, {6379}), (KernelRoutes{{}, {}, {6379}}));
}

TEST(ResolveTest, WhatIsUnknownIsTakenForWhatItWas) {
  LocalContainer unknown = Container("c2", "redis", std::nullopt, false);
  unknown.unknown = true;
  const std::vector<LocalContainer> before = {Container("c2", "redis", kAddress, true)};
  // Also for the container that took the place of the route's own.
  EXPECT_EQ(Resolve(OneLocal(), LocalContainers(WithWhatWasKnown({unknown}, before)), {}, {}),
            Element(kAddress));
  const LocalContainer ended = Container("c2", "redis", std::nullopt, false);
  EXPECT_EQ(Resolve(OneLocal(), LocalContainers(WithWhatWasKnown({ended}, before)), {}, {}),
            KernelRoutes());
}

TEST(ResolveTest, AChangedRouteDoesNotKeepWhatTheKernelHolds) {
  EXPECT_EQ(Resolve(OneLocal(), std::nullopt, Element(kAddress), {}),
            (KernelRoutes{{}, {}, {6379}}));
}

}  // namespace
}  // namespace drover::proxy
