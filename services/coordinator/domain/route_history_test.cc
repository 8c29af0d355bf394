#include "services/coordinator/domain/route_history.h"

#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_cat.h"

namespace drover::coordinator {
namespace {

using Applications = std::map<ApplicationName, ApplicationRecord>;

ApplicationRecord App(const std::string& name, std::vector<PortMapping> ports,
                      const std::string& node) {
  ApplicationRecord record;
  record.name = ApplicationName(name);
  record.spec.ports = std::move(ports);
  if (!node.empty()) record.route = RouteTarget{NodeName(node), ContainerId("c-" + node)};
  return record;
}

Applications Of(std::vector<ApplicationRecord> records) {
  Applications applications;
  for (ApplicationRecord& record : records) applications[record.name] = std::move(record);
  return applications;
}

std::vector<RouteEntry> TableOf(const RouteHistory& history) {
  std::vector<RouteEntry> entries;
  for (const auto& [port, entry] : history.table()) entries.push_back(entry);
  return entries;
}

std::vector<RouteEntry> Without(const std::set<int>& ports, std::vector<RouteEntry> entries) {
  std::erase_if(entries, [&](const auto& entry) { return ports.contains(entry.external_port); });
  return entries;
}

TEST(RouteHistoryTest, KnowsNothingBeforeItsFirstRevision) {
  RouteHistory history;
  EXPECT_EQ(history.ChangedSince(0), std::nullopt);
  history.Update(7, Of({App("web", {{80, 8080}}, "node1")}));
  EXPECT_EQ(history.revision(), 7);
  EXPECT_EQ(history.ChangedSince(6), std::nullopt);
  EXPECT_EQ(history.ChangedSince(7), std::set<int>());
  EXPECT_EQ(history.ChangedSince(8), std::nullopt);
}

TEST(RouteHistoryTest, SaysWhichPortsChanged) {
  RouteHistory history;
  history.Update(1, Of({App("redis", {{6379, 6379}}, "node1"), App("web", {{80, 8080}}, "node1")}));
  history.Update(2, Of({App("redis", {{6379, 6379}}, "node2"), App("web", {{80, 8080}}, "node1")}));
  history.Update(5, Of({App("redis", {{6379, 6379}}, "node2"), App("web", {{80, 8081}}, "node1")}));
  EXPECT_EQ(history.ChangedSince(1), std::set<int>({6379, 8080, 8081}));
  EXPECT_EQ(history.ChangedSince(2), std::set<int>({8080, 8081}));
  EXPECT_EQ(history.ChangedSince(4), std::set<int>({8080, 8081}));
  EXPECT_EQ(history.ChangedSince(5), std::set<int>());
  EXPECT_EQ(history.table().at(6379).node, NodeName("node2"));
  EXPECT_FALSE(history.table().contains(8080));
}

TEST(RouteHistoryTest, ARevisionThatItHasIsLeftAlone) {
  RouteHistory history;
  history.Update(2, Of({App("web", {{80, 8080}}, "node1")}));
  history.Update(2, Of({App("web", {{80, 8080}}, "node2")}));
  EXPECT_EQ(history.table().at(8080).node, NodeName("node1"));
}

TEST(RouteHistoryTest, APortPassesToWhoElseClaimsIt) {
  RouteHistory history;
  history.Update(1, Of({App("a", {{1, 80}}, "node1"), App("b", {{2, 80}}, "node2")}));
  EXPECT_EQ(history.table().at(80).application, ApplicationName("a"));
  history.Update(2, Of({App("a", {{1, 80}}, ""), App("b", {{2, 80}}, "node2")}));
  EXPECT_EQ(history.table().at(80).application, ApplicationName("b"));
  history.Update(3, Of({App("b", {{2, 80}}, "node2")}));
  EXPECT_EQ(history.ChangedSince(2), std::set<int>());
}

TEST(RouteHistoryTest, ForgetsOldRevisions) {
  RouteHistory history(2);
  for (int revision = 1; revision <= 5; ++revision) {
    history.Update(revision, Of({App("web", {{80, 8080}}, absl::StrCat("node", revision))}));
  }
  EXPECT_EQ(history.ChangedSince(2), std::nullopt);
  EXPECT_EQ(history.ChangedSince(3), std::set<int>({8080}));
}

// Whatever happens to the records: its table is theirs, and the ports that it names are those whose
// entries differ, or more.
TEST(RouteHistoryTest, FollowsAnyChanges) {
  std::mt19937 random(1);
  auto pick = [&](int below) { return static_cast<int>(random() % below); };
  RouteHistory history(50);
  Applications applications;
  std::map<int64_t, std::vector<RouteEntry>> tables;
  for (int64_t revision = 1; revision <= 300; ++revision) {
    for (int i = pick(3); i >= 0; --i) {
      const std::string name = absl::StrCat("app", pick(5));
      std::vector<PortMapping> ports;
      for (int j = pick(3); j > 0; --j) ports.push_back({pick(2), 100 + pick(6)});
      applications[ApplicationName(name)] =
          App(name, ports, pick(3) == 0 ? "" : absl::StrCat("node", pick(3)));
      if (pick(6) == 0) applications.erase(ApplicationName(name));
    }
    history.Update(revision, applications);
    tables[revision] = TableOf(history);
    ASSERT_EQ(tables[revision], RouteTable(applications)) << revision;
    const int64_t base = 1 + pick(static_cast<int>(revision));
    const std::optional<std::set<int>> changed = history.ChangedSince(base);
    ASSERT_EQ(changed.has_value(), revision - base <= 50) << revision << " " << base;
    if (!changed.has_value()) continue;
    ASSERT_EQ(Without(*changed, tables[base]), Without(*changed, tables[revision]))
        << revision << " " << base;
  }
}

}  // namespace
}  // namespace drover::coordinator
