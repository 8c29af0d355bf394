#include "services/proxy/domain/route_table.h"

#include <gtest/gtest.h>

#include "services/common/status/reason.h"
#include "services/proxy/domain/route_table_text.h"

namespace drover::proxy {
namespace {

Route Local(int port, const char* application, int internal_port, const char* container) {
  return {port, ApplicationName(application), LocalTarget{internal_port, ContainerId(container)}};
}

Route Remote(int port, const char* application, const char* node, const char* address) {
  return {port, ApplicationName(application),
          RemoteTarget{NodeName(node), *Ipv4Address::Parse(address)}};
}

RouteTable Table(int64_t revision, std::vector<Route> routes) {
  return RouteTable::Create(revision, routes).value();
}

TEST(RouteTableTest, FindsARouteByItsPort) {
  RouteTable table = Table(3, {Remote(6379, "redis", "node2", "192.0.2.12")});
  ASSERT_NE(table.Find(6379), nullptr);
  EXPECT_EQ(table.Find(6379)->application, ApplicationName("redis"));
  EXPECT_EQ(table.Find(80), nullptr);
}

TEST(RouteTableTest, RefusesWhatCannotBeRouted) {
  const std::vector<Route> bad = {
      Local(0, "a", 80, "c1"),
      Local(65536, "a", 80, "c1"),
      Local(7401, "a", 80, "c1"),
      Local(80, "", 80, "c1"),
      Local(80, "a b", 80, "c1"),
      Local(80, "a", 0, "c1"),
      Local(80, "a", 80, ""),
      Remote(80, "a", "", "192.0.2.1"),
      Remote(80, "a", "n", "0.0.0.0"),
      Remote(80, "a", "n", "127.0.0.1"),
      Remote(80, "a", "n", "224.0.0.1"),
  };
  for (size_t i = 0; i < bad.size(); ++i) {
    EXPECT_EQ(RouteTable::Create(1, {bad[i]}).status().code(), absl::StatusCode::kInvalidArgument)
        << i;
  }
  EXPECT_FALSE(RouteTable::Create(0, {}).ok());
  EXPECT_FALSE(RouteTable::Create(1, {Local(80, "a", 80, "c"), Local(80, "b", 80, "d")}).ok());
}

TEST(CheckSuccessionTest, TheFirstTableMayBeAny) {
  EXPECT_TRUE(CheckSuccession(RouteTable(), Table(1, {})).ok());
}

TEST(CheckSuccessionTest, NeverGoesBack) {
  EXPECT_EQ(ReasonOf(CheckSuccession(Table(5, {}), Table(4, {}))), "STALE_REVISION");
  EXPECT_TRUE(CheckSuccession(Table(5, {}), Table(6, {})).ok());
}

TEST(CheckSuccessionTest, RepeatsTheSameTable) {
  const Route route = Local(80, "a", 8080, "c1");
  EXPECT_TRUE(CheckSuccession(Table(5, {route}), Table(5, {route})).ok());
  EXPECT_EQ(ReasonOf(CheckSuccession(Table(5, {route}), Table(5, {}))), "REVISION_REUSED");
}

TEST(CheckSuccessionTest, ARestartedApplicationIsTheSameRoute) {
  EXPECT_TRUE(CheckSuccession(Table(5, {Local(80, "a", 8080, "c1")}),
                              Table(5, {Local(80, "a", 8080, "c2")}))
                  .ok());
}

TEST(RouteTableTextTest, IsReadAsItWasWritten) {
  RouteTable table = Table(
      42, {Remote(6379, "redis-example", "node2", "192.0.2.12"), Local(8080, "web", 80, "3f4e")});
  const std::string text = EncodeRouteTable(table);
  EXPECT_EQ(text,
            "drover-routes 1 revision 42\n"
            "remote 6379 redis-example node2 192.0.2.12\n"
            "local 8080 web 80 3f4e\n"
            "end\n");
  EXPECT_EQ(DecodeRouteTable(text).value(), table);
}

TEST(RouteTableTextTest, RefusesDamage) {
  const std::string text = EncodeRouteTable(Table(42, {Local(8080, "web", 80, "3f4e")}));
  for (size_t length = 0; length < text.size(); ++length) {
    EXPECT_EQ(DecodeRouteTable(text.substr(0, length)).status().code(), absl::StatusCode::kDataLoss)
        << length;
  }
  for (const char* damaged :
       {"drover-routes 2 revision 42\nend\n", "drover-routes 1 revision x\nend\n",
        "drover-routes 1 revision 1\nlocal 80 web 80\nend\n",
        "drover-routes 1 revision 1\nnowhere 80 web 80 1.2.3.4\nend\n",
        "drover-routes 1 revision 1\nremote 80 web n 1.2.3\nend\n"}) {
    EXPECT_FALSE(DecodeRouteTable(damaged).ok()) << damaged;
  }
}

}  // namespace
}  // namespace drover::proxy
