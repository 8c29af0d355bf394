#include "services/coordinator/domain/config_hash.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

namespace drover::coordinator {
namespace {

ApplicationSpec Redis() {
  ApplicationSpec spec;
  spec.name = ApplicationName("redis");
  spec.image = "redis:7";
  spec.ports = {{6379, 6379}, {80, 8080}, {81, 8081}};
  spec.links = {{1, 2, "a"}, {3, 4, "b"}};
  spec.volumes = {{"", "/data", 100, ""}};
  spec.environment = {{"A", "1"}};
  return spec;
}

TEST(ConfigHashTest, IsStableBetweenReleases) {
  // Containers carry the hash as a label: another value here means a needless restart everywhere.
  EXPECT_EQ(ConfigHash(Redis()), "84b34e0113451f84a29af7002fd75d09");
}

TEST(ConfigHashTest, IgnoresWhatNeedsNoRestart) {
  ApplicationSpec changed = Redis();
  changed.ports[0].external = 7000;
  changed.volumes[0].maximum_size_bytes = 5;
  std::swap(changed.ports[1], changed.ports[2]);
  std::swap(changed.links[0], changed.links[1]);
  changed.depends_on = {ApplicationName("web")};
  changed.restart_policy.mode = RestartMode::kAlways;
  changed.readiness = Readiness{.port = 80, .health_check = HealthCheck{.command = {"x"}}};
  changed.stop_timeout = absl::Seconds(11);
  EXPECT_EQ(ConfigHash(changed), ConfigHash(Redis()));
}

TEST(ConfigHashTest, EachSettingThatNeedsARestartChangesIt) {
  const std::vector<std::function<void(ApplicationSpec&)>> changes = {
      [](ApplicationSpec& s) {},
      [](ApplicationSpec& s) { s.image = "redis:6"; },
      [](ApplicationSpec& s) { s.ports[0].internal = 1; },
      [](ApplicationSpec& s) { std::swap(s.ports[0], s.ports[1]); },
      [](ApplicationSpec& s) { s.links[0].remote_port = 9; },
      [](ApplicationSpec& s) { s.volumes[0].mountpoint = "/other"; },
      [](ApplicationSpec& s) { s.environment["A"] = "2"; },
      [](ApplicationSpec& s) {
        s.environment = {{"A1", ""}};
      },
      [](ApplicationSpec& s) { s.memory_limit_bytes = 1 << 23; },
      [](ApplicationSpec& s) { s.cpu_shares = 2; },
      [](ApplicationSpec& s) { s.command = std::vector<std::string>{}; },
      [](ApplicationSpec& s) {
        s.command = {{"x", "y"}};
      },
      [](ApplicationSpec& s) { s.command = {{"xy"}}; },
      [](ApplicationSpec& s) {
        s.entrypoint = {{"x", "y"}};
      },
  };
  std::set<std::string> hashes;
  for (const auto& change : changes) {
    ApplicationSpec spec = Redis();
    change(spec);
    hashes.insert(ConfigHash(spec));
  }
  EXPECT_EQ(hashes.size(), changes.size());
}

}  // namespace
}  // namespace drover::coordinator
