#include "services/config/native/application_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "services/config/yaml/parser.h"

namespace drover::config {
namespace {

using testing::ElementsAre;
using testing::Pair;

ApplicationFile Read(const std::string& content, Problems& problems) {
  std::optional<Node> root = ParseYaml({"app.yml", content}, problems);
  if (!root.has_value()) return {};
  return ReadNativeApplications(*root, problems);
}

// One application named `a` with an image, so that only the keys under test are of interest. They
// begin in line 5.
std::string WithKeys(const std::string& keys) {
  return absl::StrCat("version: 1\napplications:\n  a:\n    image: redis\n", keys);
}

Application ReadOne(const std::string& keys) {
  Problems problems;
  ApplicationFile result = Read(WithKeys(keys), problems);
  EXPECT_EQ(problems.ToString(), "");
  return result.applications.empty() ? Application() : result.applications[0];
}

TEST(ApplicationReaderTest, ReadsTheExampleOfTheArticle) {
  Problems problems;
  ApplicationFile result = Read(R"(
"version": 1
"applications":
  "redis-example":
    "image": "flocker.local/redis"
    "ports":
    - "internal": 6379
      "external": 6379
    "volume":
      "mountpoint": "/data"
)",
                                problems);
  EXPECT_EQ(problems.ToString(), "");
  ASSERT_EQ(result.applications.size(), 1);
  const Application& application = result.applications[0];
  EXPECT_EQ(application.name.value(), "redis-example");
  EXPECT_EQ(application.image, "flocker.local/redis:latest");
  ASSERT_EQ(application.ports.size(), 1);
  EXPECT_EQ(application.ports[0].internal, 6379);
  EXPECT_EQ(application.ports[0].external, 6379);
  ASSERT_EQ(application.volumes.size(), 1);
  EXPECT_EQ(application.volumes[0].id, "");
  EXPECT_EQ(application.volumes[0].mountpoint, "/data");
}

TEST(ApplicationReaderTest, FillsInDefaults) {
  Application application = ReadOne("");
  EXPECT_TRUE(application.ports.empty());
  EXPECT_TRUE(application.volumes.empty());
  EXPECT_EQ(application.restart_policy.mode, RestartPolicy::Mode::kNever);
  EXPECT_EQ(application.command, std::nullopt);
  EXPECT_FALSE(application.readiness.has_value());
  EXPECT_EQ(application.stop_timeout, absl::Seconds(10));
}

TEST(ApplicationReaderTest, ReadsTheRestOfTheTable) {
  Application application = ReadOne(R"(
    links: [{local_port: 80, remote_port: 8080, alias: db}]
    volumes:
    - {name: data, mountpoint: /data/, maximum_size: 1.5G}
    - {name: log, mountpoint: /log, maximum_size: 1048576}
    environment: {A: "5", B: plain}
    mem_limit: 512M
    cpu_shares: 512
    restart_policy: {name: on-failure, maximum_retry_count: 3}
    command: [redis-server, "--save", ""]
    entrypoint: []
    ready: {port: 8080, http: /health, timeout: 1m30s}
    stop_timeout: 500ms
)");
  ASSERT_EQ(application.links.size(), 1);
  EXPECT_EQ(application.links[0].alias, "db");
  ASSERT_EQ(application.volumes.size(), 2);
  EXPECT_EQ(application.volumes[0].id, "data");
  EXPECT_EQ(application.volumes[0].mountpoint, "/data");
  EXPECT_EQ(application.volumes[0].maximum_size_bytes, 3LL << 29);
  EXPECT_EQ(application.volumes[1].maximum_size_bytes, 1 << 20);
  EXPECT_THAT(application.environment, ElementsAre(Pair("A", "5"), Pair("B", "plain")));
  EXPECT_EQ(application.memory_limit_bytes, 512 << 20);
  EXPECT_EQ(application.cpu_shares, 512);
  EXPECT_EQ(application.restart_policy.mode, RestartPolicy::Mode::kOnFailure);
  EXPECT_EQ(application.restart_policy.maximum_retry_count, 3);
  EXPECT_THAT(*application.command, ElementsAre("redis-server", "--save", ""));
  EXPECT_THAT(*application.entrypoint, ElementsAre());
  EXPECT_EQ(application.readiness->port, 8080);
  EXPECT_EQ(application.readiness->http_path, "/health");
  EXPECT_EQ(application.readiness->timeout, absl::Seconds(90));
  EXPECT_EQ(application.stop_timeout, absl::Milliseconds(500));
}

TEST(ApplicationReaderTest, AcceptsWhatIsJustAllowed) {
  const Application least = ReadOne(R"(
    ports: [{internal: 1, external: 65535}]
    links: [{local_port: 1, remote_port: 65535, alias: a}]
    mem_limit: 6291456
    cpu_shares: 2
    restart_policy: {name: on-failure, maximum_retry_count: 1}
)");
  EXPECT_EQ(least.ports[0].internal, 1);
  EXPECT_EQ(least.ports[0].external, 65535);
  EXPECT_EQ(least.links[0].local_port, 1);
  EXPECT_EQ(least.links[0].remote_port, 65535);
  EXPECT_EQ(least.memory_limit_bytes, 6 << 20);
  EXPECT_EQ(least.cpu_shares, 2);
  EXPECT_EQ(least.restart_policy.maximum_retry_count, 1);
  const Application most = ReadOne(R"(
    ports: [{internal: 65535, external: 1}]
    mem_limit: 6M
    cpu_shares: 262144
    restart_policy: {name: on-failure, maximum_retry_count: 1000000}
)");
  EXPECT_EQ(most.ports[0].internal, 65535);
  EXPECT_EQ(most.ports[0].external, 1);
  EXPECT_EQ(most.memory_limit_bytes, 6 << 20);
  EXPECT_EQ(most.cpu_shares, 262144);
  EXPECT_EQ(most.restart_policy.maximum_retry_count, 1000000);
}

TEST(ApplicationReaderTest, RefusesDroversOwnPortsAlone) {
  for (int port = 7399; port <= 7405; ++port) {
    Problems problems;
    Read(WithKeys(absl::Substitute("    ports: [{internal: 80, external: $0}]\n", port)), problems);
    EXPECT_EQ(problems.empty(), port == 7399 || port == 7405) << problems.ToString();
  }
}

TEST(ApplicationReaderTest, ReadsPoliciesWithoutACount) {
  using Mode = RestartPolicy::Mode;
  EXPECT_EQ(ReadOne("    restart_policy: {name: always}\n").restart_policy.mode, Mode::kAlways);
  EXPECT_EQ(ReadOne("    restart_policy: {name: never}\n").restart_policy.mode, Mode::kNever);
  const RestartPolicy policy = ReadOne("    restart_policy: {name: on-failure}\n").restart_policy;
  EXPECT_EQ(policy.mode, Mode::kOnFailure);
  EXPECT_EQ(policy.maximum_retry_count, std::nullopt);
}

TEST(ApplicationReaderTest, GivesAMinuteToGetReady) {
  const Readiness readiness = *ReadOne("    ready: {port: 1}\n").readiness;
  EXPECT_EQ(readiness.timeout, absl::Seconds(60));
  EXPECT_EQ(readiness.http_path, "");
}

TEST(ApplicationReaderTest, ReadsTheOneVolume) {
  const std::vector<Volume> volumes = ReadOne(R"(
    volume:
      mountpoint: /data
      maximum_size: 100M
      dataset_id: 11111111-2222-3333-4444-ABCDEFabcdef
)")
                                          .volumes;
  ASSERT_EQ(volumes.size(), 1);
  EXPECT_EQ(volumes[0].maximum_size_bytes, 100 << 20);
  EXPECT_EQ(volumes[0].dataset_id, "11111111-2222-3333-4444-abcdefabcdef");
}

TEST(ApplicationReaderTest, TakesNullEnvironmentForNone) {
  EXPECT_TRUE(ReadOne("    environment:\n").environment.empty());
}

TEST(ApplicationReaderTest, MayHoldNoApplication) {
  Problems problems;
  EXPECT_TRUE(Read("version: 1\napplications: {}\n", problems).applications.empty());
  EXPECT_TRUE(problems.empty());
}

TEST(ApplicationReaderTest, NotesAllProblemsAtOnce) {
  Problems problems;
  Read(R"(version: 2
applications:
  a:
    image: Redis
    ports: [{internal: 0}]
  b: 5
)",
       problems);
  EXPECT_EQ(
      problems.ToString(),
      "app.yml:1:10: version: 2 is not allowed; it must be the whole number 1 in decimal digits\n"
      "app.yml:4:12: applications.a.image: \"Redis\" is not an image reference: the name is "
      "malformed; allowed is [host[:port]/]name[:tag][@digest], the name in lower case\n"
      "app.yml:5:13: applications.a.ports[0]: the key `external` is missing\n"
      "app.yml:5:24: applications.a.ports[0].internal: 0 is not allowed; it must be a whole "
      "number from 1 to 65535 in decimal digits\n"
      "app.yml:6:6: applications.b: must be a mapping with the keys image, ports, links, "
      "volume, volumes, environment, mem_limit, cpu_shares, restart_policy, command, "
      "entrypoint, ready, stop_timeout, not a number (5)\n");
}

// A whole file, and what is said about it without "app.yml:".
struct Refused {
  const char* name;
  std::string content;
  std::string problem;
};

class ApplicationRefusalTest : public testing::TestWithParam<Refused> {};

TEST_P(ApplicationRefusalTest, SaysWhatIsWrongAndWhatIsAllowed) {
  Problems problems;
  Read(GetParam().content, problems);
  EXPECT_EQ(problems.ToString(), absl::StrCat("app.yml:", GetParam().problem, "\n"));
}

const Refused kTopLevel[] = {
    {"NotAMapping", "[1]",
     "1:1: must be a mapping with the keys version, applications, not a list"},
    {"NoVersion", "applications: {}", "1:1: the key `version` is missing"},
    {"VersionQuoted", "version: '1'\napplications: {}",
     "1:10: version: must be the whole number 1, not the string \"1\""},
    {"UnknownKey", "version: 1\napplications: {}\nnodes: {}",
     "3:1: nodes: unknown key; allowed are version, applications"},
    {"ApplicationsNull", "version: 1\napplications:\n",
     "2:1: applications: must be a mapping, not null"},
    {"NumberAsName", "version: 1\napplications:\n  5: {image: a}",
     "3:3: applications.5: YAML reads 5 as a number, but a string is wanted here; quote it: \"5\""},
    {"TimeAsName", "version: 1\napplications:\n  22:22: {image: a}",
     "3:3: applications.22:22: \"22:22\" is not a name for an application; allowed are up to 63 "
     "letters, digits, `_`, `.` and `-`, first a letter or digit"},
    {"BadName", "version: 1\napplications:\n  a/b: {image: a}",
     "3:3: applications.a/b: \"a/b\" is not a name for an application; allowed are up to 63 "
     "letters, digits, `_`, `.` and `-`, first a letter or digit"},
    {"NoImage", "version: 1\napplications:\n  a: {}",
     "3:6: applications.a: the key `image` is missing"},
    {"BuildForImage", "version: 1\napplications:\n  a: {build: .}",
     "3:7: applications.a.build: not supported: images come from a registry, so that every node "
     "has the same one; build it, push it, and give its name under `image`; allowed are image, "
     "ports, links, volume, volumes, environment, mem_limit, cpu_shares, restart_policy, command, "
     "entrypoint, ready, stop_timeout"},
    {"ImageNull", "version: 1\napplications:\n  a: {image: ~}",
     "3:14: applications.a.image: must be a string, not null"},
    {"PortTwice",
     "version: 1\napplications:\n  a: {image: x, ports: [{internal: 1, external: 80}]}\n"
     "  b: {image: x, ports: [{internal: 2, external: 80}]}",
     "4:49: applications.b.ports[0].external: the external port 80 is claimed already by \"a\" in "
     "line 3; every node answers on it, so only one application in the cluster can have it"},
    {"DatasetIdTwice",
     "version: 1\napplications:\n"
     "  a: {image: x, volume: {mountpoint: /a, "
     "dataset_id: ABCDEF00-0000-0000-0000-000000000000}}\n"
     "  b: {image: x, volume: {mountpoint: /a, "
     "dataset_id: abcdef00-0000-0000-0000-000000000000}}\n",
     "4:54: applications.b.volume.dataset_id: the dataset_id abcdef00-0000-0000-0000-000000000000 "
     "is claimed already by \"a\" in line 3; only one volume can have it"},
};
INSTANTIATE_TEST_SUITE_P(TopLevel, ApplicationRefusalTest, testing::ValuesIn(kTopLevel),
                         [](const auto& info) { return info.param.name; });

const Refused kKeys[] = {
    {"Build", "    build: .\n",
     "5:5: applications.a.build: not supported: images come from a registry, so that every node "
     "has the same one; build it, push it, and give its name under `image`; allowed are image, "
     "ports, links, volume, volumes, environment, mem_limit, cpu_shares, restart_policy, command, "
     "entrypoint, ready, stop_timeout"},
    {"Unknown", "    privileged: true\n",
     "5:5: applications.a.privileged: unknown key; allowed are image, ports, links, volume, "
     "volumes, "
     "environment, mem_limit, cpu_shares, restart_policy, command, entrypoint, ready, "
     "stop_timeout"},
    {"Typo", "    restart_polcy: {name: always}\n",
     "5:5: applications.a.restart_polcy: unknown key; did you mean `restart_policy`? Allowed are "
     "image, ports, links, volume, volumes, environment, mem_limit, cpu_shares, restart_policy, "
     "command, entrypoint, ready, stop_timeout"},
    {"PortsNull", "    ports:\n",
     "5:5: applications.a.ports: must be a list of mappings with the keys internal, external, not "
     "null"},
    {"PortsString", "    ports: '80:80'\n",
     "5:12: applications.a.ports: must be a list of mappings with the keys internal, external, not "
     "the string \"80:80\""},
    {"PortQuoted", "    ports: [{internal: '1', external: 1}]\n",
     "5:24: applications.a.ports[0].internal: must be a whole number from 1 to 65535, not the "
     "string \"1\""},
    {"PortBoolean", "    ports: [{internal: on, external: 1}]\n",
     "5:24: applications.a.ports[0].internal: must be a whole number from 1 to 65535, not a "
     "boolean (on)"},
    {"PortSexagesimal", "    ports: [{internal: 22:22, external: 1}]\n",
     "5:24: applications.a.ports[0].internal: must be a whole number from 1 to 65535, not a "
     "number to the base of 60 (22:22)"},
    {"PortOctal", "    ports: [{internal: 010, external: 1}]\n",
     "5:24: applications.a.ports[0].internal: 010 is not allowed; it must be a whole number from 1 "
     "to 65535 in decimal digits"},
    {"PortTooLarge", "    ports: [{internal: 1, external: 65536}]\n",
     "5:37: applications.a.ports[0].external: 65536 is not allowed; it must be a whole number from "
     "1 to 65535 in decimal digits"},
    {"PortOwn", "    ports: [{internal: 80, external: 7404}]\n",
     "5:38: applications.a.ports[0].external: the external port 7404 is one of Drover's own (7400 "
     "to 7404); choose another"},
    {"LinkPorts", "    links: [{local_port: 0, remote_port: 65536, alias: a}]\n",
     "5:26: applications.a.links[0].local_port: 0 is not allowed; it must be a whole number from 1 "
     "to 65535 in decimal digits\n"
     "app.yml:5:42: applications.a.links[0].remote_port: 65536 is not allowed; it must be a whole "
     "number from 1 to 65535 in decimal digits"},
    {"LinkKeys", "    links: [{}]\n",
     "5:13: applications.a.links[0]: the key `local_port` is missing\n"
     "app.yml:5:13: applications.a.links[0]: the key `remote_port` is missing\n"
     "app.yml:5:13: applications.a.links[0]: the key `alias` is missing"},
    {"LinkAlias", "    links: [{local_port: 1, remote_port: 1, alias: a.b}]\n",
     "5:52: applications.a.links[0].alias: \"a.b\" is not an alias; allowed are letters, digits, "
     "`-` and `_`"},
    {"LinkTwice",
     "    links: [{local_port: 1, remote_port: 1, alias: a-b}, {local_port: 1, remote_port: 2, "
     "alias: A_b}]\n",
     "5:97: applications.a.links[1].alias: the alias \"A_b\" with local_port 1 is here twice; each "
     "pair may occur once"},
    {"LinksString", "    links: db\n",
     "5:12: applications.a.links: must be a list of mappings with the keys local_port, "
     "remote_port, alias, not a string (db)"},
    {"VolumesString", "    volumes: /data\n",
     "5:14: applications.a.volumes: must be a list of mappings with the keys name, mountpoint, "
     "maximum_size, not a string (/data)"},
    {"VolumeAndVolumes", "    volume: {mountpoint: /a}\n    volumes: []\n",
     "6:14: applications.a.volumes: give either `volume` or `volumes`, not both"},
    {"Mountpoint", "    volume: {mountpoint: data}\n",
     "5:26: applications.a.volume.mountpoint: \"data\" is not an absolute path; it must begin with "
     "`/`"},
    {"VolumeString", "    volume: /data\n",
     "5:13: applications.a.volume: must be a mapping with the keys mountpoint, maximum_size, "
     "dataset_id, not a string (/data)"},
    {"MountpointNumber", "    volume: {mountpoint: 5}\n",
     "5:26: applications.a.volume.mountpoint: \"5\" is not an absolute path; it must begin with "
     "`/`"},
    {"SizeTime", "    volume: {mountpoint: /a, maximum_size: 1:30}\n",
     "5:44: applications.a.volume.maximum_size: \"1:30\" is not a size; write digits and, if you "
     "like, one of K, M, G, T: 512M, 1.5G"},
    {"SizeUnit", "    volume: {mountpoint: /a, maximum_size: 1GB}\n",
     "5:44: applications.a.volume.maximum_size: \"1GB\" is not a size; write digits and, if you "
     "like, one of K, M, G, T: 512M, 1.5G"},
    {"SizeZero", "    volume: {mountpoint: /a, maximum_size: 0}\n",
     "5:44: applications.a.volume.maximum_size: 0 is not allowed; it must be a whole number from 1 "
     "to 9223372036854775807 in decimal digits"},
    {"SizeNegative", "    volume: {mountpoint: /a, maximum_size: -1}\n",
     "5:44: applications.a.volume.maximum_size: -1 is not allowed; it must be a whole number from "
     "1 "
     "to 9223372036854775807 in decimal digits"},
    {"DatasetId", "    volume: {mountpoint: /a, dataset_id: abc}\n",
     "5:42: applications.a.volume.dataset_id: \"abc\" is not a UUID such as "
     "123e4567-e89b-12d3-a456-426614174000"},
    {"VolumeNameTwice", "    volumes: [{name: v, mountpoint: /a}, {name: v, mountpoint: /b}]\n",
     "5:49: applications.a.volumes[1].name: the volume \"v\" is here twice; each needs a name of "
     "its own"},
    {"VolumesNested", "    volumes: [{name: v, mountpoint: /a}, {name: w, mountpoint: /a/b}]\n",
     "5:64: applications.a.volumes[1].mountpoint: /a/b and /a (volume \"v\") overlap, so writes "
     "meant for one would land in the other; choose folders that do not contain each other"},
    {"VolumesEqual", "    volumes: [{name: v, mountpoint: /a}, {name: w, mountpoint: /a/}]\n",
     "5:64: applications.a.volumes[1].mountpoint: /a and /a (volume \"v\") overlap, so writes "
     "meant for one would land in the other; choose folders that do not contain each other"},
    {"VolumesDatasetId",
     "    volumes: [{name: v, mountpoint: /a, dataset_id: 11111111-2222-3333-4444-555555555555}]\n",
     "5:41: applications.a.volumes[0].dataset_id: unknown key; allowed are name, mountpoint, "
     "maximum_size"},
    {"EnvironmentNumber", "    environment: {PORT: 5}\n",
     "5:25: applications.a.environment.PORT: YAML reads 5 as a number, but a string is wanted "
     "here; quote it: \"5\""},
    {"EnvironmentNull", "    environment: {PORT: }\n",
     "5:25: applications.a.environment.PORT: must be a string, not null"},
    {"EnvironmentList", "    environment: [A=b]\n",
     "5:18: applications.a.environment: must be a mapping, not a list"},
    {"EnvironmentName", "    environment: {'A=B': c}\n",
     "5:19: applications.a.environment.A=B: a variable's name must not be empty and must not "
     "contain `=`"},
    {"EnvironmentZeroByte", "    environment: {A: \"a\\0b\"}\n",
     "5:22: applications.a.environment.A: a variable's value must not contain a zero byte"},
    {"MemoryTooSmall", "    mem_limit: 1M\n",
     "5:16: applications.a.mem_limit: must be at least 6291456 bytes"},
    {"MemoryTooFewBytes", "    mem_limit: 1024\n",
     "5:16: applications.a.mem_limit: 1024 is not allowed; it must be a whole number from 6291456 "
     "to 9223372036854775807 in decimal digits"},
    {"CpuShares", "    cpu_shares: 1\n",
     "5:17: applications.a.cpu_shares: 1 is not allowed; it must be a whole number from 2 to "
     "262144 in decimal digits"},
    {"CpuSharesTooMany", "    cpu_shares: 262145\n",
     "5:17: applications.a.cpu_shares: 262145 is not allowed; it must be a whole number from 2 to "
     "262144 in decimal digits"},
    {"PolicyString", "    restart_policy: always\n",
     "5:21: applications.a.restart_policy: must be a mapping with the keys name, "
     "maximum_retry_count, such as {name: always}, not a string (always)"},
    {"PolicyWithoutName", "    restart_policy: {maximum_retry_count: 3}\n",
     "5:21: applications.a.restart_policy: the key `name` is missing"},
    {"PolicyName", "    restart_policy: {name: sometimes}\n",
     "5:28: applications.a.restart_policy.name: \"sometimes\" is not a policy; allowed are never, "
     "always, on-failure"},
    {"PolicyLongName", "    restart_policy: {name: " + std::string(101, 'p') + "}\n",
     "5:28: applications.a.restart_policy.name: \"" + std::string(100, 'p') +
         "…\" is not a policy; allowed are never, always, on-failure"},
    {"PolicyBoolean", "    restart_policy: {name: no}\n",
     "5:28: applications.a.restart_policy.name: \"no\" is not a policy; allowed are never, "
     "always, on-failure"},
    {"PolicyRetries", "    restart_policy: {name: always, maximum_retry_count: 3}\n",
     "5:57: applications.a.restart_policy.maximum_retry_count: only allowed with the policy "
     "on-failure"},
    {"PolicyRetriesNever", "    restart_policy: {name: never, maximum_retry_count: 3}\n",
     "5:56: applications.a.restart_policy.maximum_retry_count: only allowed with the policy "
     "on-failure"},
    {"PolicyNoRetries", "    restart_policy: {name: on-failure, maximum_retry_count: 0}\n",
     "5:61: applications.a.restart_policy.maximum_retry_count: 0 is not allowed; it must be a "
     "whole "
     "number from 1 to 1000000 in decimal digits"},
    {"PolicyRetriesTooMany",
     "    restart_policy: {name: on-failure, maximum_retry_count: 1000001}\n",
     "5:61: applications.a.restart_policy.maximum_retry_count: 1000001 is not allowed; it must be "
     "a "
     "whole number from 1 to 1000000 in decimal digits"},
    {"CommandString", "    command: redis-server --save\n",
     "5:14: applications.a.command: must be a list, such as [redis-server, --save], not a string "
     "(redis-server --save)"},
    {"CommandWithQuotes", "    command: sh -c 'a b'\n",
     "5:14: applications.a.command: must be a list, not a string (sh -c 'a b')"},
    {"NothingToRun", "    entrypoint: []\n",
     "5:17: applications.a.entrypoint: an empty entrypoint drops the image's, so a `command` must "
     "say what runs"},
    {"ReadyKey", "    ready: {path: /}\n",
     "5:13: applications.a.ready.path: unknown key; allowed are port, http, timeout"},
    {"ReadyPort", "    ready: {port: 0}\n",
     "5:19: applications.a.ready.port: 0 is not allowed; it must be a whole number from 1 to 65535 "
     "in decimal digits"},
    {"ReadyHttp", "    ready: {port: 1, http: health}\n",
     "5:28: applications.a.ready.http: must be a path that begins with `/` and has no blanks, such "
     "as /health"},
    {"ReadyNoPort", "    ready: {http: /}\n",
     "5:19: applications.a.ready.http: no port to ask: give `port` here, or publish one under "
     "`ports`"},
    {"ReadyHttpNumber", "    ready: {port: 1, http: 5}\n",
     "5:28: applications.a.ready.http: must be a path that begins with `/` and has no blanks, such "
     "as /health"},
    {"TimeoutTime", "    stop_timeout: 1:30\n",
     "5:19: applications.a.stop_timeout: \"1:30\" is not a duration; write numbers with a unit: "
     "500ms, 10s, 1m30s"},
    {"Timeout", "    stop_timeout: 10\n",
     "5:19: applications.a.stop_timeout: must be a duration with a unit, such as 500ms, 10s or "
     "1m30s, not a number (10)"},
};
std::vector<Refused> WithImage() {
  std::vector<Refused> cases;
  for (const Refused& refused : kKeys) {
    cases.push_back({refused.name, WithKeys(refused.content), refused.problem});
  }
  return cases;
}
INSTANTIATE_TEST_SUITE_P(Keys, ApplicationRefusalTest, testing::ValuesIn(WithImage()),
                         [](const auto& info) { return info.param.name; });

TEST(ApplicationReaderTest, RefusesNullForEachKey) {
  const struct {
    const char* keys;
    const char* field;
    const char* wanted;
  } cases[] = {
      {"    links:\n", "links", "a list of mappings with the keys local_port, remote_port, alias"},
      {"    links: [{local_port: , remote_port: 1, alias: b}]\n", "links[0].local_port",
       "a whole number from 1 to 65535"},
      {"    links: [{local_port: 1, remote_port: , alias: b}]\n", "links[0].remote_port",
       "a whole number from 1 to 65535"},
      {"    links: [{local_port: 1, remote_port: 1, alias: }]\n", "links[0].alias", "a string"},
      {"    ports: [{internal: , external: 1}]\n", "ports[0].internal",
       "a whole number from 1 to 65535"},
      {"    ports: [{internal: 1, external: }]\n", "ports[0].external",
       "a whole number from 1 to 65535"},
      {"    volume:\n", "volume", "a mapping with the keys mountpoint, maximum_size, dataset_id"},
      {"    volume: {mountpoint: }\n", "volume.mountpoint", "a string"},
      {"    volume: {mountpoint: /a, maximum_size: }\n", "volume.maximum_size", "a string"},
      {"    volume: {mountpoint: /a, dataset_id: }\n", "volume.dataset_id", "a string"},
      {"    volumes:\n", "volumes",
       "a list of mappings with the keys name, mountpoint, maximum_size"},
      {"    volumes: [{name: , mountpoint: /a}]\n", "volumes[0].name", "a string"},
      {"    volumes: [{name: v, mountpoint: }]\n", "volumes[0].mountpoint", "a string"},
      {"    volumes: [{name: v, mountpoint: /a, maximum_size: }]\n", "volumes[0].maximum_size",
       "a string"},
      {"    mem_limit:\n", "mem_limit", "a string"},
      {"    cpu_shares:\n", "cpu_shares", "a whole number from 2 to 262144"},
      {"    restart_policy:\n", "restart_policy",
       "a mapping with the keys name, maximum_retry_count, such as {name: always}"},
      {"    restart_policy: {name: }\n", "restart_policy.name", "a string"},
      {"    restart_policy: {name: on-failure, maximum_retry_count: }\n",
       "restart_policy.maximum_retry_count", "a whole number from 1 to 1000000"},
      {"    command:\n", "command", "a list"},
      {"    command: [~]\n", "command[0]", "a string"},
      {"    entrypoint:\n", "entrypoint", "a list"},
      {"    ready:\n", "ready", "a mapping with the keys port, http, timeout"},
      {"    ready: {port: }\n", "ready.port", "a whole number from 1 to 65535"},
      {"    ready: {port: 1, http: }\n", "ready.http", "a string"},
      {"    ready: {timeout: }\n", "ready.timeout", "a string"},
      {"    stop_timeout:\n", "stop_timeout", "a string"},
  };
  for (const auto& [keys, field, wanted] : cases) {
    Problems problems;
    Read(WithKeys(keys), problems);
    const std::vector<Problem> sorted = problems.Sorted();
    ASSERT_EQ(sorted.size(), 1) << keys << problems.ToString();
    EXPECT_EQ(sorted[0].field, absl::StrCat("applications.a.", field));
    EXPECT_EQ(sorted[0].message, absl::StrCat("must be ", wanted, ", not null"));
  }
}

TEST(ApplicationReaderTest, NotesAVolumeOnceThatOverlapsSeveral) {
  Problems problems;
  Read(WithKeys("    volumes:\n"
                "    - {name: a, mountpoint: /v/a}\n"
                "    - {name: b, mountpoint: /v/b}\n"
                "    - {name: w, mountpoint: /v.w}\n"  // Sorts between /v and what is in it.
                "    - {name: v, mountpoint: /v}\n"
                "    - {name: c, mountpoint: /v/c/d}\n"
                "    - {name: c, mountpoint: /v}\n"
                "    - {name: d, mountpoint: /vv}\n"),
       problems);
  constexpr char kEnd[] =
      "overlap, so writes meant for one would land in the other; choose folders that do not "
      "contain each other\n";
  EXPECT_EQ(problems.ToString(),
            absl::StrCat("app.yml:9:29: applications.a.volumes[3].mountpoint: /v and /v/a (volume "
                         "\"a\") ",
                         kEnd,
                         "app.yml:10:29: applications.a.volumes[4].mountpoint: /v/c/d and /v "
                         "(volume \"v\") ",
                         kEnd,
                         "app.yml:11:14: applications.a.volumes[5].name: the volume \"c\" is here "
                         "twice; each needs a name of its own\n"
                         "app.yml:11:29: applications.a.volumes[5].mountpoint: /v and /v (volume "
                         "\"v\") ",
                         kEnd));
}

TEST(ApplicationReaderTest, AdvisesOnlyAListThatIsShort) {
  const auto problems_with = [](const std::string& command) {
    Problems problems;
    Read(WithKeys(absl::StrCat("    command: ", command, "\n")), problems);
    return problems.ToString();
  };
  std::string words = "a";
  for (int i = 1; i < 20; ++i) absl::StrAppend(&words, " a");
  EXPECT_EQ(
      problems_with(words),
      "app.yml:5:14: applications.a.command: must be a list, such as [a, a, a, a, a, a, a, a, "
      "a, a, a, a, a, a, a, a, a, a, a, a], not a string (" +
          words + ")\n");
  EXPECT_EQ(
      problems_with(words + " a"),
      "app.yml:5:14: applications.a.command: must be a list, not a string (" + words + " a)\n");
  for (int i = 20; i < 400000; ++i) absl::StrAppend(&words, " a");
  EXPECT_EQ(problems_with(words),
            "app.yml:5:14: applications.a.command: must be a list, not a string (" +
                words.substr(0, 100) + "…)\n");
  EXPECT_EQ(problems_with(std::string(501, 'a')),
            "app.yml:5:14: applications.a.command: must be a list, not a string (" +
                std::string(100, 'a') + "…)\n");
}

TEST(ApplicationReaderTest, ShortensLongValues) {
  const std::string number(1000, '1');
  const std::string excerpt = number.substr(0, 100) + "…";
  Problems problems;
  Read(WithKeys(absl::StrCat("    cpu_shares: ", number, "\n    environment: {A: ", number, "}\n")),
       problems);
  EXPECT_EQ(problems.ToString(),
            "app.yml:5:17: applications.a.cpu_shares: " + excerpt +
                " is not allowed; it must be a whole number from 2 to 262144 in decimal digits\n"
                "app.yml:6:22: applications.a.environment.A: YAML reads " +
                excerpt + " as a number, but a string is wanted here; quote it\n");
}

// What is advised is accepted in the place of what was wrong.
TEST(ApplicationReaderTest, GivesAdviceThatHelps) {
  const struct {
    const char* keys;
    const char* wrong;
    const char* advised;
  } cases[] = {
      {"    command: $0\n", "redis-server --save", "[redis-server, --save]"},
      {"    command: $0\n", "sleep 5", "[sleep, \"5\"]"},
      {"    command: $0\n", "'[80:80] {no}: #,'", "[\"[80:80]\", \"{no}:\", \"#,\"]"},
      {"    entrypoint: $0\n", "/init", "[/init]"},
      {"    environment: {A: $0}\n", "5", "\"5\""},
      {"    environment: {A: $0}\n", "yes", "\"yes\""},
      {"    environment: {A: $0}\n", "22:22", "\"22:22\""},
      {"    environment: {$0: A}\n", "2014-12-31", "\"2014-12-31\""},
      {"    links: [{local_port: 1, remote_port: 1, alias: $0}]\n", "5", "\"5\""},
      {"    volumes: [{name: $0, mountpoint: /a}]\n", "1.5", "\"1.5\""},
      {"    stop_timeout: $0\n", "10", "1m30s"},
      {"    mem_limit: $0\n", "512MB", "512M"},
      {"    ready: {port: 1, http: $0}\n", "health", "/health"},
      {"    $0: {name: always}\n", "restart_polcy", "restart_policy"},
  };
  for (const auto& [keys, wrong, advised] : cases) {
    Problems problems;
    Read(WithKeys(absl::Substitute(keys, wrong)), problems);
    EXPECT_THAT(problems.ToString(), testing::HasSubstr(advised));
    ReadOne(absl::Substitute(keys, advised));
  }
}

}  // namespace
}  // namespace drover::config
