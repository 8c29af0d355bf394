#include "services/config/model/to_proto.h"

#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

namespace drover::config {
namespace {

template <class Message>
void ExpectProto(const Message& actual, const std::string& text) {
  Message expected;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &expected));
  std::string difference;
  google::protobuf::util::MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&difference);
  EXPECT_TRUE(differencer.Compare(expected, actual)) << difference;
}

TEST(ToProtoTest, FillsInTheDefaults) {
  Application application;
  application.name = ApplicationName("a");
  application.image = "redis:latest";
  ExpectProto(ToProto(application), R"(
      name: "a" image: "redis:latest" restart_policy { mode: MODE_NEVER }
      stop_timeout { seconds: 10 })");
}

TEST(ToProtoTest, CarriesEveryField) {
  Application application;
  application.name = ApplicationName("a");
  application.image = "redis:6";
  application.ports = {{6379, 16379}};
  application.links = {{80, 8080, "db"}};
  application.volumes = {{"data", "/data", 1024, "uuid"}};
  application.environment = {{"K", "V"}};
  application.memory_limit_bytes = 6291456;
  application.cpu_shares = 2;
  application.restart_policy = {RestartPolicy::Mode::kOnFailure, 3};
  application.command = {"x"};
  application.entrypoint = std::vector<std::string>();
  application.readiness =
      Readiness{8080, "/", absl::Seconds(5), HealthCheck{{"check", "-q"}, absl::Seconds(2)}};
  application.stop_timeout = absl::Milliseconds(1500);
  application.depends_on = {ApplicationName("b")};
  ExpectProto(ToProto(application), R"(
      name: "a" image: "redis:6"
      ports { internal_port: 6379 external_port: 16379 }
      links { local_port: 80 remote_port: 8080 alias: "db" }
      volumes { id: "data" mountpoint: "/data" maximum_size_bytes: 1024 dataset_id: "uuid" }
      environment { key: "K" value: "V" }
      memory_limit_bytes: 6291456 cpu_shares: 2
      restart_policy { mode: MODE_ON_FAILURE maximum_retry_count: 3 }
      command { values: "x" } entrypoint {}
      readiness { port: 8080 http_path: "/" timeout { seconds: 5 }
                  health_check { command: "check" command: "-q" timeout { seconds: 2 } } }
      stop_timeout { seconds: 1 nanos: 500000000 }
      depends_on: "b")");
}

TEST(ToProtoTest, SaysWhereEachNodeIsNamed) {
  Configuration configuration;
  configuration.deployment.nodes = {
      {"node1", {"dep.yml", 4, 3}, {{ApplicationName("a"), {"dep.yml", 4, 11}, "nodes.node1[0]"}}},
      {"node2", {"dep.yml", 5, 3}, {}}};
  ExpectProto(ToProto(configuration), R"(
      nodes { node: "node1" applications: "a" location: "dep.yml:4:3" }
      nodes { node: "node2" location: "dep.yml:5:3" })");
}

}  // namespace
}  // namespace drover::config
