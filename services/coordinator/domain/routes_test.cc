#include "services/coordinator/domain/routes.h"

#include <gtest/gtest.h>

namespace drover::coordinator {
namespace {

ApplicationRecord App(const std::string& name, std::vector<PortMapping> ports,
                      std::optional<RouteTarget> route) {
  ApplicationRecord record;
  record.name = ApplicationName(name);
  record.spec.ports = std::move(ports);
  record.route = std::move(route);
  return record;
}

std::map<ApplicationName, ApplicationRecord> Applications() {
  std::map<ApplicationName, ApplicationRecord> applications;
  for (const ApplicationRecord& app :
       {App("web", {{80, 8080}, {443, 4443}}, RouteTarget{NodeName("node2"), ContainerId("w")}),
        App("redis", {{6379, 6379}}, RouteTarget{NodeName("node1"), ContainerId("r")}),
        App("stopped", {{1, 1}}, std::nullopt)}) {
    applications[app.name] = app;
  }
  return applications;
}

TEST(RouteTableTest, HoldsEveryPortOfEveryRoutedApplicationInOrder) {
  const std::vector<RouteEntry> expected = {
      {4443, 443, ApplicationName("web"), NodeName("node2"), ContainerId("w")},
      {6379, 6379, ApplicationName("redis"), NodeName("node1"), ContainerId("r")},
      {8080, 80, ApplicationName("web"), NodeName("node2"), ContainerId("w")},
  };
  EXPECT_EQ(RouteTable(Applications()), expected);
}

TEST(OwnersOfTest, AreTheNodesThatThePortsLeadTo) {
  EXPECT_EQ(OwnersOf(Applications(), {4443, 1, 7}), std::set<NodeName>{NodeName("node2")});
  EXPECT_EQ(OwnersOf(Applications(), {8080, 6379}),
            (std::set<NodeName>{NodeName("node1"), NodeName("node2")}));
}

TEST(ExternalPortsTest, AreSorted) {
  EXPECT_EQ(ExternalPorts(App("web", {{80, 8080}, {443, 4443}}, std::nullopt).spec),
            (std::vector<int>{4443, 8080}));
}

}  // namespace
}  // namespace drover::coordinator
