#include "services/proxy/domain/own_ports.h"

#include <gtest/gtest.h>

namespace drover::proxy {
namespace {

TEST(OwnPortsTest, AreThoseOfContainersThatHaveAnAddress) {
  const Ipv4Address address(0xac110002);
  const LocalContainer runs = {
      ContainerId("c1"), ApplicationName("web"), address, false, {{8080, 80}, {8443, 443}}};
  const LocalContainer ended = {
      ContainerId("c2"), ApplicationName("redis"), std::nullopt, false, {{6379, 6379}}};
  EXPECT_EQ(OwnPortsOf({runs, ended}), (OwnPorts{{{address, 8080}, 80}, {{address, 8443}, 443}}));
}

}  // namespace
}  // namespace drover::proxy
