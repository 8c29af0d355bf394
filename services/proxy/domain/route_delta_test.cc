#include "services/proxy/domain/route_delta.h"

#include <gtest/gtest.h>

#include "services/common/status/reason.h"
#include "services/proxy/domain/route_table.h"
#include "services/proxy/domain/route_table_text.h"

namespace drover::proxy {
namespace {

Route Web(const char* container) {
  return {80, ApplicationName("web"), LocalTarget{8080, ContainerId(container)}};
}
Route Redis() {
  return {6379, ApplicationName("redis"),
          RemoteTarget{NodeName("node2"), *Ipv4Address::Parse("192.0.2.12")}};
}

RouteTable Table(int64_t revision, std::vector<Route> routes) {
  return RouteTable::Create(revision, routes).value();
}
RouteDelta Delta(int64_t base, int64_t revision, std::vector<Route> set,
                 std::vector<int> removed = {}) {
  return RouteDelta::Create(base, revision, set, removed).value();
}

TEST(RouteDeltaTest, RefusesWhatCannotBeApplied) {
  EXPECT_FALSE(RouteDelta::Create(0, 1, {}, {}).ok());
  EXPECT_FALSE(RouteDelta::Create(5, 5, {}, {}).ok());
  EXPECT_FALSE(RouteDelta::Create(5, 4, {}, {}).ok());
  EXPECT_FALSE(RouteDelta::Create(1, 2, {Web("")}, {}).ok());
  EXPECT_FALSE(RouteDelta::Create(1, 2, {}, {0}).ok());
  EXPECT_FALSE(RouteDelta::Create(1, 2, {}, {7401}).ok());
  EXPECT_FALSE(RouteDelta::Create(1, 2, {Web("a"), Web("b")}, {}).ok());
  EXPECT_FALSE(RouteDelta::Create(1, 2, {Web("a")}, {80}).ok());
  EXPECT_FALSE(RouteDelta::Create(1, 2, {}, {80, 80}).ok());
}

TEST(RouteDeltaTest, SetsAndRemoves) {
  RouteTable table = Table(5, {Web("c1"), Redis()});
  const RouteDelta delta = Delta(5, 8, {Web("c2")}, {6379, 443});
  ASSERT_TRUE(CheckSuccession(table, delta).ok());
  table.Apply(delta);
  EXPECT_EQ(table, Table(8, {Web("c2")}));
  EXPECT_EQ(delta.Ports(), std::set<int>({80, 443, 6379}));
}

TEST(RouteDeltaTest, IsForItsBaseOnly) {
  const RouteDelta delta = Delta(5, 7, {Web("c1")});
  EXPECT_EQ(ReasonOf(CheckSuccession(RouteTable(), delta)), "NOT_AT_BASE");
  EXPECT_EQ(ReasonOf(CheckSuccession(Table(4, {}), delta)), "NOT_AT_BASE");
  EXPECT_EQ(ReasonOf(CheckSuccession(Table(6, {}), delta)), "NOT_AT_BASE");
  EXPECT_EQ(ReasonOf(CheckSuccession(Table(8, {}), delta)), "STALE_REVISION");
}

TEST(RouteDeltaTest, ARepetitionIsRecognised) {
  const RouteDelta delta = Delta(5, 7, {Web("c1")}, {6379});
  RouteTable table = Table(5, {Redis()});
  table.Apply(delta);
  EXPECT_TRUE(CheckSuccession(table, delta).ok());
  table.Apply(delta);
  EXPECT_EQ(table, Table(7, {Web("c1")}));
  EXPECT_EQ(ReasonOf(CheckSuccession(Table(7, {Web("c1"), Redis()}), delta)), "REVISION_REUSED");
  EXPECT_EQ(ReasonOf(CheckSuccession(Table(7, {Web("c2")}), delta)), "REVISION_REUSED");
  EXPECT_EQ(ReasonOf(CheckSuccession(Table(7, {}), delta)), "REVISION_REUSED");
}

TEST(RouteDeltaTextTest, IsReadAsItWasWritten) {
  const std::string text = EncodeRouteDelta(Delta(5, 7, {Web("c1")}, {6379}));
  EXPECT_EQ(text,
            "change 5 7\n"
            "local 80 web 8080 c1\n"
            "removed 6379\n"
            "end\n");
  RouteTable table = Table(5, {Redis()});
  DecodeRouteDeltas(text, table);
  EXPECT_EQ(table, Table(7, {Web("c1")}));
}

TEST(RouteDeltaTextTest, ChangesThatTheTableHoldsAlreadyAreSkipped) {
  RouteTable table = Table(7, {Web("c1")});
  DecodeRouteDeltas(
      EncodeRouteDelta(Delta(5, 7, {Redis()})) + EncodeRouteDelta(Delta(7, 9, {Redis()}, {80})),
      table);
  EXPECT_EQ(table, Table(9, {Redis()}));
}

// A crash may cut the last one anywhere, or leave zeros in it.
TEST(RouteDeltaTextTest, EndsAtTheFirstThatIsNotWhole) {
  const std::string first = EncodeRouteDelta(Delta(5, 7, {Redis()}));
  const std::string second = EncodeRouteDelta(Delta(7, 9, {Web("c1")}, {6379}));
  for (size_t length = 0; length < second.size(); ++length) {
    for (const std::string& torn :
         {second.substr(0, length), second.substr(0, length) + std::string(second.size(), '\0')}) {
      RouteTable table = Table(5, {});
      DecodeRouteDeltas(first + torn, table);
      EXPECT_EQ(table, Table(7, {Redis()})) << length;
    }
  }
  RouteTable elsewhere = Table(6, {});
  DecodeRouteDeltas(second, elsewhere);
  EXPECT_EQ(elsewhere, Table(6, {}));
}

}  // namespace
}  // namespace drover::proxy
