#include "services/config/compose/file_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/substitute.h"
#include "services/config/yaml/parser.h"

namespace drover::config {
namespace {

using testing::AnyOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

ApplicationFile Read(const std::string& content, Problems& problems) {
  std::optional<Node> root = ParseYaml({"app.yml", content}, problems);
  if (!root.has_value()) return {};
  return ReadComposeApplications(*root, problems);
}

std::vector<Application> ReadAll(const std::string& content) {
  Problems problems;
  ApplicationFile file = Read(content, problems);
  EXPECT_EQ(problems.ToString(), "");
  return std::move(file.applications);
}

// One application named `a` with an image, so that only the keys under test are of interest. They
// begin in line 3 in Fig, and in line 4 in Compose.
std::string Fig(const std::string& keys) { return absl::StrCat("a:\n  image: x\n", keys); }

Application ReadOne(const std::string& keys) {
  std::vector<Application> applications = ReadAll(Fig(keys));
  return applications.empty() ? Application() : applications[0];
}

TEST(ComposeReaderTest, ReadsFig) {
  const std::vector<Application> applications = ReadAll(R"(
web:
  image: flocker.local/web
  ports:
  - "80:8080"
  links:
  - "database:db"
  environment:
    MODE: "live"
  mem_limit: 100000000
database:
  image: postgres
  ports: ["5432:5432", "5433:5433/tcp"]
  volumes: [/var/lib/postgresql/data]
)");
  ASSERT_EQ(applications.size(), 2);
  const Application& web = applications[0];
  EXPECT_EQ(web.name.value(), "web");
  EXPECT_EQ(web.image, "flocker.local/web:latest");
  ASSERT_EQ(web.ports.size(), 1);
  EXPECT_EQ(web.ports[0].external, 80);
  EXPECT_EQ(web.ports[0].internal, 8080);
  // One for each port of its target.
  ASSERT_EQ(web.links.size(), 2);
  EXPECT_EQ(web.links[0].alias, "db");
  EXPECT_EQ(web.links[0].local_port, 5432);
  EXPECT_EQ(web.links[1].remote_port, 5433);
  EXPECT_THAT(web.environment, ElementsAre(Pair("MODE", "live")));
  EXPECT_EQ(web.memory_limit_bytes, 100000000);
  ASSERT_EQ(applications[1].volumes.size(), 1);
  EXPECT_EQ(applications[1].volumes[0].id, "");
  EXPECT_EQ(applications[1].volumes[0].mountpoint, "/var/lib/postgresql/data");
}

TEST(ComposeReaderTest, ReadsCompose) {
  const std::vector<Application> applications = ReadAll(R"(
version: "3.8"
name: shop
x-common: &common
  restart: unless-stopped
services:
  web:
    image: web:1
    ports:
    - target: 8080
      published: "80"
      protocol: tcp
    - {target: 8081, published: 81}
    command: sh -c 'echo "$$HOME"'
    environment: [A=b=c, EMPTY]
    stop_grace_period: 1m30s
  database:
    image: postgres
    restart: on-failure:3
    volumes:
    - "data:/var/lib/postgresql/data"
    - "log:/log:rw"
    entrypoint: ["/init"]
    cpu_shares: 512
    mem_limit: 512m
volumes:
  data:
  log: {}
)");
  ASSERT_EQ(applications.size(), 2);
  const Application& web = applications[0];
  ASSERT_EQ(web.ports.size(), 2);
  EXPECT_EQ(web.ports[0].external, 80);
  EXPECT_EQ(web.ports[1].internal, 8081);
  EXPECT_THAT(*web.command, ElementsAre("sh", "-c", "echo \"$HOME\""));
  EXPECT_THAT(web.environment, ElementsAre(Pair("A", "b=c"), Pair("EMPTY", "")));
  EXPECT_EQ(web.stop_timeout, absl::Seconds(90));
  const Application& database = applications[1];
  EXPECT_EQ(database.restart_policy.mode, RestartPolicy::Mode::kOnFailure);
  EXPECT_EQ(database.restart_policy.maximum_retry_count, 3);
  ASSERT_EQ(database.volumes.size(), 2);
  EXPECT_EQ(database.volumes[0].id, "data");
  EXPECT_EQ(database.volumes[1].mountpoint, "/log");
  EXPECT_THAT(*database.entrypoint, ElementsAre("/init"));
  EXPECT_EQ(database.cpu_shares, 512);
  EXPECT_EQ(database.memory_limit_bytes, 512 << 20);
}

TEST(ComposeReaderTest, ComposeMergesKeys) {
  const std::vector<Application> applications = ReadAll(R"(
x-one: &one {image: one, cpu_shares: 512}
x-two: &two {image: two, mem_limit: 512M, cpu_shares: 256}
services:
  a: {<<: *one}
  b: {<<: [*one, *two], image: own}
)");
  EXPECT_EQ(applications[0].image, "one:latest");
  EXPECT_EQ(applications[1].image, "own:latest");
  EXPECT_EQ(applications[1].cpu_shares, 512);
  EXPECT_EQ(applications[1].memory_limit_bytes, 512 << 20);
}

TEST(ComposeReaderTest, AnApplicationMayBeNamedLikeAKey) {
  EXPECT_EQ(ReadAll("services: {image: x}\n")[0].name.value(), "services");
  EXPECT_EQ(ReadAll("services:\n  image: {image: x}\n")[0].name.value(), "image");
  EXPECT_EQ(ReadAll("build: {image: x}\n")[0].name.value(), "build");
}

TEST(ComposeReaderTest, MayHoldNoApplication) {
  EXPECT_THAT(ReadAll("{}"), IsEmpty());
  EXPECT_THAT(ReadAll("services: {}"), IsEmpty());
}

TEST(ComposeReaderTest, TakesNullEnvironmentForNone) {
  EXPECT_THAT(ReadOne("  environment:\n").environment, IsEmpty());
}

TEST(ComposeReaderTest, FigKeepsDollars) {
  EXPECT_THAT(ReadOne("  environment: {A: $$B}\n").environment, ElementsAre(Pair("A", "$$B")));
}

// No YAML reads them as numbers: 80 is more than 59.
TEST(ComposeReaderTest, TakesUnquotedPortsThatAreStrings) {
  const Application application = ReadOne("  ports: [8080:80, 443:443]\n");
  ASSERT_EQ(application.ports.size(), 2);
  EXPECT_EQ(application.ports[0].external, 8080);
  EXPECT_EQ(application.ports[0].internal, 80);
}

TEST(ComposeReaderTest, ReadsEveryRestartPolicy) {
  using Mode = RestartPolicy::Mode;
  EXPECT_EQ(ReadOne("  restart: 'no'\n").restart_policy.mode, Mode::kNever);
  EXPECT_EQ(ReadOne("  restart: always\n").restart_policy.mode, Mode::kAlways);
  EXPECT_EQ(ReadOne("  restart: unless-stopped\n").restart_policy.mode, Mode::kAlways);
  const RestartPolicy policy = ReadOne("  restart: on-failure\n").restart_policy;
  EXPECT_EQ(policy.mode, Mode::kOnFailure);
  EXPECT_EQ(policy.maximum_retry_count, std::nullopt);
  EXPECT_EQ(ReadOne("  restart: on-failure:1000000\n").restart_policy.maximum_retry_count, 1000000);
}

TEST(ComposeReaderTest, ReadsEveryHealthCheck) {
  const auto check = [](const std::string& keys) {
    return *ReadOne(absl::StrCat("  healthcheck: ", keys, "\n")).readiness->health_check;
  };
  EXPECT_THAT(check("{test: redis-cli ping}").command,
              ElementsAre("/bin/sh", "-c", "redis-cli ping"));
  EXPECT_THAT(check("{test: [CMD-SHELL, a || b]}").command, ElementsAre("/bin/sh", "-c", "a || b"));
  EXPECT_THAT(check("{test: [CMD, redis-cli, ping], timeout: 2s}").command,
              ElementsAre("redis-cli", "ping"));
  EXPECT_EQ(check("{test: x, timeout: 2s}").timeout, absl::Seconds(2));
  EXPECT_EQ(check("{test: x}").timeout, absl::Seconds(30));
  EXPECT_THAT(check("{test: [NONE]}").command, IsEmpty());
  EXPECT_THAT(check("{disable: true}").command, IsEmpty());
  EXPECT_THAT(check("{disable: true, test: x}").command, IsEmpty());
  EXPECT_FALSE(ReadOne("").readiness.has_value());
}

TEST(ComposeReaderTest, AHealthCheckHasAsLongAsDockerGivesIt) {
  const auto timeout = [](const std::string& keys) {
    return ReadOne(absl::StrCat("  healthcheck: {test: x", keys, "}\n")).readiness->timeout;
  };
  EXPECT_EQ(timeout(""), absl::Seconds(90));
  EXPECT_EQ(timeout(", interval: 10s, retries: 20, start_period: 5m, start_interval: 1s"),
            absl::Seconds(500));
  EXPECT_EQ(timeout(", interval: 1s, start_period: 0s"), absl::Seconds(60));
}

TEST(ComposeReaderTest, ReadsBothFormsOfDependencies) {
  const std::vector<Application> applications = ReadAll(R"(
a: {image: x, depends_on: [b, c]}
b:
  image: x
  depends_on:
    c: {condition: service_healthy}
c: {image: x}
)");
  EXPECT_THAT(applications[0].depends_on, ElementsAre(ApplicationName("b"), ApplicationName("c")));
  EXPECT_THAT(applications[1].depends_on, ElementsAre(ApplicationName("c")));
  EXPECT_THAT(applications[2].depends_on, IsEmpty());
}

// A whole file, and what is said about it without "app.yml:".
struct Refused {
  const char* name;
  std::string content;
  std::string problem;
};

class ComposeRefusalTest : public testing::TestWithParam<Refused> {};

TEST_P(ComposeRefusalTest, SaysWhatIsWrongAndWhatIsAllowed) {
  Problems problems;
  Read(GetParam().content, problems);
  EXPECT_EQ(problems.ToString(), absl::StrCat("app.yml:", GetParam().problem, "\n"));
}

constexpr char kAllowed[] =
    "allowed are image, environment, ports, links, volumes, mem_limit, cpu_shares, command, "
    "entrypoint, restart, healthcheck, stop_grace_period, depends_on";

const Refused kRefused[] = {
    {"NotAMapping", "[1]", "1:1: must be a mapping, not a list"},
    {"NoService", "a: 5",
     absl::StrCat("1:4: a: must be a mapping with the keys ", std::string(kAllowed).substr(12),
                  ", not a number (5)")},
    {"NoImage", "a: {}", "1:4: a: the key `image` is missing"},
    {"BadName", "a/b: {image: x}",
     "1:1: a/b: \"a/b\" is not a name for an application; allowed are up to 63 letters, digits, "
     "`_`, `.` and `-`, first a letter or digit"},
    {"Build", "a:\n  build: .\n",
     absl::StrCat(
         "2:3: a.build: not supported: images come from a registry, so that every node has "
         "the same one; build it, push it, and give its name under `image`; ",
         kAllowed)},
    {"Typo", Fig("  enviroment: {}\n"),
     absl::StrCat("3:3: a.enviroment: unknown key; did you mean `environment`? A",
                  std::string(kAllowed).substr(1))},
    {"Unknown", Fig("  privileged: true\n"),
     absl::StrCat("3:3: a.privileged: unknown key; ", kAllowed)},
    {"EnvFile", Fig("  env_file: .env\n"),
     absl::StrCat("3:3: a.env_file: not supported: write the variables under `environment`; ",
                  kAllowed)},
    {"Networks", Fig("  networks: [b]\n"),
     absl::StrCat("3:3: a.networks: not supported: applications reach each other by `links`, from "
                  "every node; ",
                  kAllowed)},
    {"ContainerName", Fig("  container_name: b\n"),
     absl::StrCat(
         "3:3: a.container_name: not supported: containers are named drover--APPLICATION; ",
         kAllowed)},
    {"Expose", Fig("  expose: ['80']\n"),
     absl::StrCat(
         "3:3: a.expose: not needed: `links` lead to the ports that are published under `ports`; ",
         kAllowed)},
    {"Deploy", Fig("  deploy: {replicas: 2}\n"),
     absl::StrCat(
         "3:3: a.deploy: not supported: where an application runs is said by the deployment file; ",
         kAllowed)},
    {"MergeOfNoMapping", "services: {a: {<<: x, image: x}}\n",
     absl::StrCat("1:16: services.a.<<: unknown key; ", kAllowed)},
    {"DependsOnUnknown", Fig("  depends_on: [databse]\ndatabase: {image: x}\n"),
     "3:16: a.depends_on[0]: no application \"databse\" in this file; did you mean \"database\"?"},
    {"DependsOnNumber", Fig("  depends_on: [5]\nb: {image: x}\n"),
     "3:16: a.depends_on[0]: no application \"5\" in this file; it has a, b"},
    {"DependsOnNumberOfMapping", Fig("  depends_on: {5: {}}\nb: {image: x}\n"),
     "3:16: a.depends_on.5: no application \"5\" in this file; it has a, b"},
    {"DependsOnTwice", Fig("  depends_on: [b, b]\nb: {image: x}\n"),
     "3:19: a.depends_on[1]: \"b\" is here twice"},
    {"DependsOnItself", Fig("  depends_on: [a]\n"),
     "3:16: a.depends_on[0]: none of these could start first: a -> a"},
    {"DependsOnCircle",
     Fig("  depends_on: [b]\nb: {image: x, depends_on: [c]}\nc: {image: x, depends_on: [b]}\n"),
     "4:28: b.depends_on[0]: none of these could start first: b -> c -> b"},
    {"DependsOnCircleNotByTheFirst",
     Fig("  depends_on: [c, b]\nb: {image: x, depends_on: [a]}\nc: {image: x}\n"),
     "3:19: a.depends_on[1]: none of these could start first: a -> b -> a"},
    {"DependsOnItselfNotFirst", Fig("  depends_on: [b, a]\nb: {image: x}\n"),
     "3:19: a.depends_on[1]: none of these could start first: a -> a"},
    {"DependsOnCondition",
     Fig("  depends_on: {b: {condition: service_completed_successfully}}\nb: {image: x}\n"),
     "3:31: a.depends_on.b.condition: \"service_completed_successfully\" is not supported; allowed "
     "are service_started and service_healthy, which are the same here"},
    {"DependsOnRestart", Fig("  depends_on: {b: {restart: true}}\nb: {image: x}\n"),
     "3:20: a.depends_on.b.restart: not supported: an application goes on when another one is "
     "restarted; allowed are condition"},
    {"DependsOnRequired", Fig("  depends_on: {b: {required: false}}\nb: {image: x}\n"),
     "3:20: a.depends_on.b.required: not supported: one that this file does not place is not "
     "waited "
     "for; allowed are condition"},
    {"DependsOnString", Fig("  depends_on: b\nb: {image: x}\n"),
     "3:15: a.depends_on: must be a list, such as [b], not a string (b)"},
    {"HealthCheckWithoutTest", Fig("  healthcheck: {retries: 3}\n"),
     "3:16: a.healthcheck: the key `test` is missing"},
    {"HealthCheckForm", Fig("  healthcheck: {test: [redis-cli, ping]}\n"),
     "3:23: a.healthcheck.test: must be a command line, or one of [CMD, PROGRAM, ARGUMENTS…], "
     "[CMD-SHELL, LINE], [NONE]"},
    {"HealthCheckRetries", Fig("  healthcheck: {test: x, retries: '3'}\n"),
     "3:35: a.healthcheck.retries: must be a whole number from 1 to 1000, not the string \"3\""},
    {"HealthCheckTimeout", Fig("  healthcheck: {test: x, timeout: 0s}\n"),
     "3:35: a.healthcheck.timeout: \"0s\" is out of range; from 1ms to 720h are allowed"},
    {"HealthCheckDisable", Fig("  healthcheck: {test: x, disable: yes}\n"),
     "3:35: a.healthcheck.disable: must be true or false, not a boolean (yes)"},
    {"HealthCheckKey", Fig("  healthcheck: {test: x, intervall: 1s}\n"),
     "3:26: a.healthcheck.intervall: unknown key; did you mean `interval`? Allowed are test, "
     "interval, timeout, retries, start_period, start_interval, disable"},
    {"PortUnquoted", Fig("  ports: [22:22]\n"),
     "3:11: a.ports[0]: YAML reads 22:22 as a number to the base of 60, but a string is "
     "wanted here; quote it: \"22:22\""},
    {"PortAlone", Fig("  ports: ['80']\n"),
     "3:11: a.ports[0]: \"80\": says one port only; write both, EXTERNAL:INTERNAL, such as "
     "\"8080:80\""},
    {"PortRange", Fig("  ports: ['80-90:80-90']\n"),
     "3:11: a.ports[0]: \"80-90\": ranges of ports are not supported; write a line for each port"},
    {"PortHost", Fig("  ports: ['127.0.0.1:80:80']\n"),
     "3:11: a.ports[0]: \"127.0.0.1:80:80\": an address of the host is not supported: every node "
     "answers on the external port; write EXTERNAL:INTERNAL"},
    {"PortUdp", Fig("  ports: ['53:53/udp']\n"),
     "3:11: a.ports[0]: \"53:53/udp\": UDP is not supported yet, only TCP"},
    {"PortTooLarge", Fig("  ports: ['80:65536']\n"),
     "3:11: a.ports[0]: \"65536\": a port is a whole number from 1 to 65535"},
    {"PortLongUdp", Fig("  ports: [{target: 53, published: 53, protocol: udp}]\n"),
     "3:49: a.ports[0].protocol: \"udp\" is not supported yet, only tcp"},
    {"PortLongHost", Fig("  ports: [{target: 53, published: 53, host_ip: 127.0.0.1}]\n"),
     "3:39: a.ports[0].host_ip: not supported: every node answers on the external port; allowed "
     "are target, published, protocol"},
    {"PortLongRange", Fig("  ports: [{target: 53, published: 53-55}]\n"),
     "3:35: a.ports[0].published: \"53-55\": ranges of ports are not supported; write a line for "
     "each port"},
    {"PortLongHalf", Fig("  ports: [{target: 53}]\n"),
     "3:11: a.ports[0]: the key `published` is missing"},
    {"PortTwice", Fig("  ports: ['80:1']\nb:\n  image: x\n  ports: ['80:2']\n"),
     "6:11: b.ports[0]: the external port 80 is claimed already by \"a\" in line 3; every node "
     "answers on it, so only one application in the cluster can have it"},
    {"PortsString", Fig("  ports: '80:80'\n"),
     "3:10: a.ports: must be a list, such as [\"80:80\"], not the string \"80:80\""},
    {"PortsNumber", Fig("  ports: 80\n"), "3:10: a.ports: must be a list, not a number (80)"},
    {"PortNumber", Fig("  ports: [80]\n"),
     "3:11: a.ports[0]: \"80\": says one port only; write both, EXTERNAL:INTERNAL, such as "
     "\"8080:80\""},
    {"PortLongNumber", Fig("  ports: [{target: 53, published: 53, protocol: 6}]\n"),
     "3:49: a.ports[0].protocol: \"6\" is not supported yet, only tcp"},
    {"LinkUnknown", Fig("  links: [databse]\ndatabase: {image: x}\n"),
     "3:11: a.links[0]: no application \"databse\" in this file; did you mean \"database\"?"},
    {"LinkTime", Fig("  links: [5:5]\nb: {image: x}\n"),
     "3:11: a.links[0]: no application \"5\" in this file; it has a, b"},
    {"LinkWithoutPorts", Fig("  links: [b]\nb: {image: x}\n"),
     "3:11: a.links[0]: \"b\" publishes no port, so there is nothing to link to; give it `ports`"},
    {"LinksStringWithoutPorts", Fig("  links: b\nb: {image: x}\n"),
     "3:10: a.links: must be a list, not a string (b)"},
    {"LinkAlias", Fig("  links: [b.c]\nb.c: {image: x, ports: ['1:1']}\n"),
     "3:11: a.links[0]: \"b.c\" is not an alias; allowed are letters, digits, `-` and `_`; give "
     "one: APPLICATION:ALIAS"},
    {"LinkTwice",
     Fig("  links: ['b:d', 'c:D']\nb: {image: x, ports: ['1:80']}\n"
         "c: {image: x, ports: ['2:80']}\n"),
     "3:18: a.links[1]: the alias \"D\" with local_port 80 is here twice; each pair may occur "
     "once"},
    {"LinkOfSeveralPortsTwice",
     Fig("  links: ['b:d', 'b:d']\nb: {image: x, ports: ['1:80', '2:81']}\n"),
     "3:18: a.links[1]: the alias \"d\" with local_port 80 is here twice; each pair may occur "
     "once"},
    {"VolumeHostPath", Fig("  volumes: ['./data:/data']\n"),
     "3:13: a.volumes[0]: \"./data:/data\": a folder of the host stays behind when the application "
     "moves; write NAME:/PATH, and the volume is filled with what the image has there"},
    {"VolumeReadOnly", Fig("  volumes: ['data:/data:ro']\n"),
     "3:13: a.volumes[0]: \"data:/data:ro\": options are not supported; write NAME:/PATH"},
    {"VolumeOptionsAfterRw", Fig("  volumes: ['data:/data:rw:z']\n"),
     "3:13: a.volumes[0]: \"data:/data:rw:z\": options are not supported; write NAME:/PATH"},
    {"PortOwn", Fig("  ports: ['7404:80']\n"),
     "3:11: a.ports[0]: the external port 7404 is one of Drover's own (7400 to 7404); choose "
     "another"},
    {"VolumeRelative", Fig("  volumes: [data]\n"),
     "3:13: a.volumes[0]: \"data\" is not an absolute path; it must begin with `/`"},
    {"VolumesString", Fig("  volumes: data\n"),
     "3:12: a.volumes: must be a list, not a string (data)"},
    {"VolumeWithoutName", Fig("  volumes: ['data:/data', /log]\n"),
     "3:27: a.volumes[1]: an application with several volumes needs a name for each: NAME:/PATH"},
    {"VolumesNested", Fig("  volumes: ['v:/a', 'w:/a/b']\n"),
     "3:21: a.volumes[1]: /a/b and /a (volume \"v\") overlap, so writes meant for one would land "
     "in "
     "the other; choose folders that do not contain each other"},
    {"VolumeNameTwice", Fig("  volumes: ['v:/a', 'v:/b']\n"),
     "3:21: a.volumes[1]: the volume \"v\" is here twice; each needs a name of its own"},
    {"VolumeShared", Fig("  volumes: ['v:/data']\nb: {image: x, volumes: ['v:/data']}\n"),
     "4:25: b.volumes[0]: the volume \"v\" is also \"a\"'s; a volume belongs to one application, "
     "which it moves with"},
    {"VolumeUndeclared", "services: {a: {image: x, volumes: ['v:/data']}}\n",
     "1:36: services.a.volumes[0]: the volume \"v\" is not declared; add it to `volumes` at top "
     "level"},
    {"VolumesStringUndeclared", "services: {a: {image: x, volumes: 'v:/data'}}\n",
     "1:35: services.a.volumes: must be a list, not the string \"v:/data\""},
    {"VolumesStringDeclared", "services: {a: {image: x, volumes: 'v:/data'}}\nvolumes: {v: }\n",
     "1:35: services.a.volumes: must be a list, such as [\"v:/data\"], not the string \"v:/data\""},
    {"VolumeOptions", "services: {}\nvolumes: {v: {driver: nfs}}\n",
     "2:15: volumes.v.driver: not supported: Drover keeps the volumes itself, one for each "
     "application; leave it out"},
    {"VolumesNull", "services: {a: {image: x, volumes: ['v:/data']}}\nvolumes:\n",
     "2:1: volumes: must be a mapping, not null"},
    {"ServicesNull", "services:\n", "1:1: services: must be a mapping, not null"},
    {"Configs", "services: {}\nconfigs: {}\n",
     "2:1: configs: not supported: put it into the image or the environment; allowed are version, "
     "name, services, volumes"},
    {"Secrets", "services: {}\nsecrets: {}\n",
     "2:1: secrets: not supported: put it into the image or the environment; allowed are version, "
     "name, services, volumes"},
    {"OwnKeysAreNotListed", "services: {}\nx-own: {}\nown: {}\n",
     "3:1: own: unknown key; allowed are version, name, services, volumes"},
    {"NoOwnKeysElsewhere", "services: {a: {image: x, x-own: y}}\n",
     absl::StrCat("1:26: services.a.x-own: unknown key; ", kAllowed)},
    {"TopLevel", "services: {}\nnetworks: {}\n",
     "2:1: networks: not supported: applications reach each other by `links`, from every node; "
     "allowed are version, name, services, volumes"},
    {"Variable", "services: {a: {image: x, environment: {A: '${B}'}}}\n",
     "1:43: services.a.environment.A: variables are not replaced, so that the file says the same "
     "for "
     "everybody; write the value, or $$ for a $ (${B})"},
    {"VariableInAnAnchor",
     "x-a: &a {image: x, command: $B}\nservices: {a: {<<: *a}, b: {<<: *a, image: y}, c: *a}\n",
     "1:29: x-a.command: variables are not replaced, so that the file says the same for everybody; "
     "write the value, or $$ for a $ ($B)"},
    {"VariablesInTwoPlaces", "services: {a: {image: x, command: [$B, $B]}}\n",
     "1:36: services.a.command[0]: variables are not replaced, so that the file says the same for "
     "everybody; write the value, or $$ for a $ ($B)\n"
     "app.yml:1:40: services.a.command[1]: variables are not replaced, so that the file says the "
     "same for everybody; write the value, or $$ for a $ ($B)"},
    {"VariableInALongText",
     "services: {a: {image: x, command: '$" + std::string(100, 'B') + "'}}\n",
     "1:35: services.a.command: variables are not replaced, so that the file says the same for "
     "everybody; write the value, or $$ for a $ ($" +
         std::string(99, 'B') + "…)"},
    {"LongPort", Fig("  ports: ['" + std::string(101, '1') + "']\n"),
     "3:11: a.ports[0]: \"" + std::string(100, '1') +
         "…\": says one port only; write both, EXTERNAL:INTERNAL, such as \"8080:80\""},
    {"LongPortProtocol",
     Fig("  ports: [{target: 53, published: 53, protocol: " + std::string(101, 'p') + "}]\n"),
     "3:49: a.ports[0].protocol: \"" + std::string(100, 'p') +
         "…\" is not supported yet, only tcp"},
    {"LongLink", Fig("  links: [" + std::string(101, 'b') + "]\n"),
     "3:11: a.links[0]: no application \"" + std::string(100, 'b') + "…\" in this file; it has a"},
    {"LongAliasTwice",
     Fig("  links: ['b:" + std::string(101, 'c') + "', 'b:" + std::string(101, 'c') +
         "']\nb: {image: x, ports: ['1:80']}\n"),
     "3:118: a.links[1]: the alias \"" + std::string(100, 'c') +
         "…\" with local_port 80 is here twice; each pair may occur once"},
    {"LongMountpointTwice",
     Fig("  volumes: ['v:/" + std::string(101, 'd') + "', 'w:/" + std::string(101, 'd') + "']\n"),
     "3:121: a.volumes[1]: /" + std::string(99, 'd') + "… and /" + std::string(99, 'd') +
         "… (volume \"v\") overlap, so writes meant for one would land in the other; choose "
         "folders "
         "that do not contain each other"},
    {"LongDependencyCondition",
     Fig("  depends_on: {b: {condition: " + std::string(101, 'c') + "}}\nb: {image: x}\n"),
     "3:31: a.depends_on.b.condition: \"" + std::string(100, 'c') +
         "…\" is not supported; allowed are service_started and service_healthy, which are the "
         "same "
         "here"},
    {"LongRestart", Fig("  restart: " + std::string(101, 'r') + "\n"),
     "3:12: a.restart: \"" + std::string(100, 'r') +
         "…\" is not a policy; allowed are \"no\", always, on-failure[:N], unless-stopped"},
    {"LongRestartCount", Fig("  restart: 'on-failure:" + std::string(90, '1') + "'\n"),
     "3:12: a.restart: \"on-failure:" + std::string(89, '1') +
         "…\" is not a policy; write on-failure:N, N from 1 to 1000000"},
    {"EnvironmentNumber", Fig("  environment: {PORT: 5}\n"),
     "3:23: a.environment.PORT: YAML reads 5 as a number, but a string is wanted here; quote it: "
     "\"5\""},
    {"EnvironmentNull", Fig("  environment: {A: }\n"),
     "3:20: a.environment.A: must be a string, not null"},
    {"EnvironmentName", Fig("  environment: ['=b']\n"),
     "3:17: a.environment[0]: a variable's name must not be empty and must not contain `=`"},
    {"CommandQuote", Fig("  command: \"sh -c 'echo\"\n"),
     "3:12: a.command: the quote ' has no end"},
    {"NothingToRun", Fig("  entrypoint: []\n"),
     "3:15: a.entrypoint: an empty entrypoint drops the image's, so a `command` must say what "
     "runs"},
    {"RestartBoolean", Fig("  restart: no\n"),
     "3:12: a.restart: YAML reads no as a boolean, but a string is wanted here; quote it: \"no\""},
    {"RestartOtherBoolean", Fig("  restart: yes\n"),
     "3:12: a.restart: \"yes\" is not a policy; allowed are \"no\", always, on-failure[:N], "
     "unless-stopped"},
    {"Restart", Fig("  restart: never\n"),
     "3:12: a.restart: \"never\" is not a policy; allowed are \"no\", always, on-failure[:N], "
     "unless-stopped"},
    {"RestartCount", Fig("  restart: 'on-failure:0'\n"),
     "3:12: a.restart: \"on-failure:0\" is not a policy; write on-failure:N, N from 1 to "
     "1000000"},
    {"RestartCountTooLarge", Fig("  restart: 'on-failure:1000001'\n"),
     "3:12: a.restart: \"on-failure:1000001\" is not a policy; write on-failure:N, N from 1 to "
     "1000000"},
    {"RestartCountSigned", Fig("  restart: 'on-failure:+3'\n"),
     "3:12: a.restart: \"on-failure:+3\" is not a policy; write on-failure:N, N from 1 to "
     "1000000"},
    {"RestartCountBlank", Fig("  restart: 'on-failure: 3'\n"),
     "3:12: a.restart: \"on-failure: 3\" is not a policy; write on-failure:N, N from 1 to "
     "1000000"},
    {"GracePeriod", Fig("  stop_grace_period: 10\n"),
     "3:22: a.stop_grace_period: must be a duration with a unit, such as 500ms, 10s or 1m30s, not "
     "a "
     "number (10)"},
};
INSTANTIATE_TEST_SUITE_P(Files, ComposeRefusalTest, testing::ValuesIn(kRefused),
                         [](const auto& info) { return info.param.name; });

// `a` with links to `b`, which publishes ports.
std::string FigWithLinks(int links, int ports) {
  std::string content = "a:\n  image: x\n  links: [";
  for (int i = 0; i < links; ++i) absl::StrAppend(&content, absl::StrFormat("'b:a%04d',", i));
  absl::StrAppend(&content, "]\nb:\n  image: x\n  ports: [");
  for (int i = 1; i <= ports; ++i) absl::StrAppend(&content, absl::StrFormat("'%d:%d',", i, i));
  return absl::StrCat(content, "]\n");
}

TEST(ComposeReaderTest, LimitsTheLinksOfAFile) {
  EXPECT_EQ(ReadAll(FigWithLinks(100, 100))[0].links.size(), 10000);
  // Noted once, and none is made from there on.
  Problems problems;
  const ApplicationFile file = Read(FigWithLinks(1000, 1000), problems);
  EXPECT_EQ(problems.ToString(),
            "app.yml:3:111: a.links[10]: with this one the file has more than 10000 links, one for "
            "each port of each target; link to fewer ports\n");
  EXPECT_EQ(file.applications[0].links.size(), 10000);
}

TEST(ComposeReaderTest, LimitsTheLinksOfManyApplications) {
  std::string content = FigWithLinks(2, 4000);
  for (int i = 0; i < 100; ++i) {
    absl::StrAppend(&content, absl::StrFormat("c%02d: {image: x, links: [b]}\n", i));
  }
  Problems problems;
  Read(content, problems);
  EXPECT_EQ(problems.ToString(),
            "app.yml:7:25: c00.links[0]: with this one the file has more than 10000 links, one for "
            "each port of each target; link to fewer ports\n");
}

// What else is there where advice is tried.
constexpr char kOthers[] =
    "b: {image: x, ports: ['1:1']}\n'5': {image: x, ports: ['2:2']}\n"
    "c: {image: x, volumes: ['u:/data']}\n";

// What is advised is accepted in the place of what was wrong.
TEST(ComposeReaderTest, GivesAdviceThatHelps) {
  const struct {
    const char* keys;
    const char* wrong;
    const char* advised;
  } cases[] = {
      {"  ports: $0\n", "'80:80'", "[\"80:80\"]"},
      {"  ports: $0\n", "80:80 81:81/tcp", "[\"80:80\", \"81:81/tcp\"]"},
      {"  ports: [$0]\n", "22:22", "\"22:22\""},
      {"  ports: [$0]\n", "80", "\"8080:80\""},
      {"  links: $0\n", "b", "[b]"},
      {"  links: $0\n", "b:c", "[\"b:c\"]"},
      {"  depends_on: $0\n", "b", "[b]"},
      {"  depends_on: [$0]\n", "5", "\"5\""},
      {"  depends_on: {$0: {}}\n", "5", "\"5\""},
      {"  volumes: $0\n", "/data", "[/data]"},
      {"  volumes: $0\n", "v:/data", "[\"v:/data\"]"},
      {"  volumes: $0\n", "v:/a w:/b", "[\"v:/a\", \"w:/b\"]"},
      {"  environment: [$0]\n", "5", "\"5\""},
      {"  command: $0\n", "5", "\"5\""},
      {"  restart: $0\n", "no", "\"no\""},
      {"  restart: $0\n", "never", "unless-stopped"},
      {"  healthcheck: {test: $0}\n", "true", "\"true\""},
      {"  healthcheck: {test: [$0]}\n", "x", "NONE"},
      {"  stop_grace_period: $0\n", "1:30", "1m30s"},
      {"  $0: {A: b}\n", "enviroment", "environment"},
  };
  for (const auto& [keys, wrong, advised] : cases) {
    Problems problems;
    Read(Fig(absl::StrCat(absl::Substitute(keys, wrong), kOthers)), problems);
    EXPECT_THAT(problems.ToString(), HasSubstr(advised));
    ReadAll(Fig(absl::StrCat(absl::Substitute(keys, advised), kOthers)));
  }
}

// As a list it would be refused, too, or a string would be.
TEST(ComposeReaderTest, GivesNoAdviceThatWouldBeRefused) {
  for (const char* keys : {
           "  ports: 80:80 80:81\n",
           "  ports: '1:80'\n",
           "  ports: '7404:80'\n",
           "  links: b:c b:C\n",
           "  links: c\n",
           "  links: b c\n",
           "  links: unknown\n",
           "  links: [6]\n",
           "  links: [6:6]\n",
           "  depends_on: b b\n",
           "  depends_on: a\n",
           "  depends_on: unknown\n",
           "  depends_on: [6]\n",
           "  depends_on: {6: {}}\n",
           "  volumes: /data /data2\n",
           "  volumes: v:/data /data2\n",
           "  volumes: v:/a v:/a\n",
           "  volumes: v:/a v:/b\n",
           "  volumes: v:/a w:/a/b\n",
           "  volumes: u:/a\n",
       }) {
    Problems problems;
    // The port of `b` and the volume of `c` are claimed first.
    Read(absl::StrCat(kOthers, Fig(keys)), problems);
    EXPECT_FALSE(problems.empty()) << keys;
    EXPECT_THAT(problems.ToString(), Not(AnyOf(HasSubstr("such as ["), HasSubstr("quote it"))));
  }
}

// In seconds of the processor, however busy it is with other things. Ten are a generous bound: what
// looks at every name for each name takes minutes.
double TimeToRead(const std::string& content, size_t expected_problems) {
  const std::clock_t begin = std::clock();
  Problems problems;
  Read(content, problems);
  EXPECT_EQ(problems.Sorted().size(), expected_problems);
  return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

TEST(ComposeReaderTest, ReadsManyOwnKeysFast) {
  std::string content = "services: {}\n";
  for (int i = 0; i < 80000; ++i) absl::StrAppend(&content, absl::StrFormat("x-%05d: a\n", i));
  EXPECT_LT(TimeToRead(content, 0), 10);
}

TEST(ComposeReaderTest, MergesManyKeysFast) {
  std::string content = "services: {}\nx-a:\n  <<:\n";
  for (int i = 0; i < 40000; ++i) absl::StrAppend(&content, absl::StrFormat("   k%05d: a\n", i));
  for (int i = 0; i < 30000; ++i) absl::StrAppend(&content, absl::StrFormat("  l%05d: a\n", i));
  EXPECT_LT(TimeToRead(content, 0), 10);
}

TEST(ComposeReaderTest, RefusesManyUnknownApplicationsFast) {
  std::string content;
  for (int i = 0; i < 20000; ++i) {
    absl::StrAppend(&content, absl::StrFormat("a%05d: {image: x, links: [b%05d]}\n", i, i));
  }
  EXPECT_LT(TimeToRead(content, 20000), 10);
}

}  // namespace
}  // namespace drover::config
