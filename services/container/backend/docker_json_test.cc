// Answers as engines really gave them (20.10, API 1.41), and as newer ones document theirs (1.44
// and above: fields dropped, empty ones left out).
#include "services/container/backend/docker_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/common/status/reason.h"
#include "services/container/backend/api_version.h"
#include "services/container/backend/image_reference.h"
#include "services/container/backend/lines.h"
#include "services/container/backend/log_frames.h"

namespace drover::container {
namespace {

using docker_json::ParseContainer;
using docker_json::ParseEvent;
using docker_json::ParseImage;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(ParseVersionTest, TakesBothEndsOfTheRange) {
  const auto version = docker_json::ParseVersion(
      R"({"Platform":{"Name":""},"Version":"20.10.24+dfsg1","ApiVersion":"1.41",)"
      R"("MinAPIVersion":"1.12","Os":"linux"})");
  ASSERT_TRUE(version.ok()) << version.status();
  EXPECT_EQ(version->version, "20.10.24+dfsg1");
  EXPECT_EQ(version->api, "1.41");
  EXPECT_EQ(version->oldest_api, "1.12");
}

TEST(ParseVersionTest, KnowsPodmanInDockersPlace) {
  const auto podman = docker_json::ParseVersion(
      R"({"Components":[{"Name":"Podman Engine","Version":"4.3.1"},{"Name":"Conmon"}],)"
      R"("Version":"4.3.1","ApiVersion":"1.41","MinAPIVersion":"1.24"})");
  ASSERT_TRUE(podman.ok()) << podman.status();
  EXPECT_TRUE(podman->is_podman);
  const auto docker = docker_json::ParseVersion(
      R"({"Components":[{"Name":"Engine"},{"Name":"containerd"}],"ApiVersion":"1.41"})");
  EXPECT_FALSE(docker->is_podman);
}

TEST(NegotiateApiVersionTest, TakesTheNewestThatBothKnow) {
  EXPECT_EQ(*NegotiateApiVersion("1.12", "1.41"), "1.41");
  EXPECT_EQ(*NegotiateApiVersion("1.44", "1.51"), "1.51");
  EXPECT_EQ(*NegotiateApiVersion("1.44", "1.99"), "1.52");
  EXPECT_EQ(*NegotiateApiVersion("", "1.41"), "1.41");
}

TEST(NegotiateApiVersionTest, RefusesWhatCannotMeet) {
  EXPECT_TRUE(absl::IsFailedPrecondition(NegotiateApiVersion("1.12", "1.30").status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(NegotiateApiVersion("1.60", "1.70").status()));
  EXPECT_FALSE(NegotiateApiVersion("1.12", "latest").ok());
}

TEST(CheckPodmanVersionTest, RefusesOlderOnes) {
  for (const char* release : {"4.3", "4.3.1", "4.10.0-dev", "5.0.0"}) {
    EXPECT_TRUE(CheckPodmanVersion(release).ok()) << release;
  }
  EXPECT_EQ(CheckPodmanVersion("4.2.1").message(),
            "Podman 4.2.1 is too old; Drover needs 4.3 or newer");
  EXPECT_FALSE(CheckPodmanVersion("3.4.4").ok());
  EXPECT_FALSE(CheckPodmanVersion("").ok());
}

TEST(ParseImageTest, Reads141) {
  const auto image = ParseImage(
      R"({"Id":"sha256:1047","RepoTags":["busybox:probe"],"Parent":"","ContainerConfig":{"Cmd":null},)"
      R"("Config":{"User":"","Env":["PATH=/bin","A=1"],"Cmd":["-c","sleep 100"],)"
      R"("Healthcheck":{"Test":["CMD","/bin/true"],"Interval":2000000000},"Volumes":null,)"
      R"("WorkingDir":"/data","Entrypoint":["/bin/sh"],"OnBuild":null,"Labels":null}})");
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_EQ(image->digest, "sha256:1047");
  EXPECT_THAT(image->config.entrypoint, ElementsAre("/bin/sh"));
  EXPECT_THAT(image->config.command, ElementsAre("-c", "sleep 100"));
  EXPECT_THAT(image->config.environment, ElementsAre("PATH=/bin", "A=1"));
  EXPECT_EQ(image->config.working_directory, "/data");
  EXPECT_TRUE(image->config.volumes.empty());
  EXPECT_EQ(image->config.stop_signal, "");
  ASSERT_TRUE(image->config.health_check.has_value());
  EXPECT_THAT(image->config.health_check->command, ElementsAre("/bin/true"));
}

TEST(ParseImageTest, ReadsNewerEnginesThatLeaveOutWhatIsEmpty) {
  const auto image =
      ParseImage(R"({"Id":"sha256:77","Descriptor":{"digest":"sha256:77"},"Config":{"Cmd":["run"],)"
                 R"("Volumes":{"/data":{},"/log":{}},"StopSignal":"SIGQUIT"}})");
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_TRUE(image->config.entrypoint.empty());
  EXPECT_EQ(image->config.stop_signal, "SIGQUIT");
  EXPECT_THAT(image->config.volumes, ElementsAre("/data", "/log"));
  EXPECT_FALSE(image->config.health_check.has_value());
}

TEST(ParseContainerTest, Reads141) {
  const auto container = ParseContainer(
      R"({"Id":"2866","State":{"Status":"running","Running":true,"Pid":9744,"ExitCode":0,)"
      R"("StartedAt":"2026-11-22T16:23:52.525313892Z"},"Image":"sha256:1047","Name":"/drover--a",)"
      R"("HostConfig":{"Binds":null},"Mounts":[],"Config":{"Image":"busybox:probe",)"
      R"("Labels":{"drover.app":"a"},"StopSignal":"SIGINT"},"NetworkSettings":{)"
      R"("IPAddress":"172.17.0.2","Networks":{"bridge":{"IPAMConfig":null,)"
      R"("IPAddress":"172.17.0.2"}}}})");
  ASSERT_TRUE(container.ok()) << container.status();
  EXPECT_EQ(container->id.value(), "2866");
  EXPECT_EQ(container->name, "drover--a");
  EXPECT_EQ(container->image, "busybox:probe");
  EXPECT_EQ(container->image_digest, "sha256:1047");
  EXPECT_EQ(container->labels.at("drover.app"), "a");
  EXPECT_EQ(container->stop_signal, "SIGINT");
  EXPECT_TRUE(container->running);
  EXPECT_EQ(container->pid, 9744);
  EXPECT_EQ(absl::ToUnixNanos(container->started_at), 1795364632525313892);
  EXPECT_EQ(container->address, "172.17.0.2");
}

TEST(ParseContainerTest, FindsTheAddressWhereNewerEnginesHaveIt) {
  const auto container =
      ParseContainer(R"({"Id":"2866","Name":"/drover--a","State":{"Running":true,)"
                     R"("StartedAt":"2026-11-22T16:23:52Z"},"Config":{},)"
                     R"("NetworkSettings":{"Networks":{"bridge":{"IPAddress":"172.17.0.3"}}}})");
  ASSERT_TRUE(container.ok()) << container.status();
  EXPECT_EQ(container->address, "172.17.0.3");
}

TEST(ParseContainerTest, AContainerThatNeverRanHasNoStart) {
  const auto container = ParseContainer(
      R"({"Id":"1","State":{"Running":false,"ExitCode":0,"StartedAt":"0001-01-01T00:00:00Z"}})");
  ASSERT_TRUE(container.ok()) << container.status();
  EXPECT_EQ(container->started_at, absl::InfinitePast());
}

TEST(ParseEventTest, ReadsOldAndNew) {
  const auto old_form = ParseEvent(
      R"({"status":"die","id":"2866","from":"busybox:probe","Type":"container","Action":"die",)"
      R"("Actor":{"ID":"2866","Attributes":{"drover.app":"a","exitCode":"137"}},"scope":"local"})",
      "drover.app");
  ASSERT_TRUE(old_form.ok() && old_form->has_value());
  EXPECT_EQ((*old_form)->kind, ContainerEvent::Kind::kEnded);
  EXPECT_EQ((*old_form)->exit_code, 137);
  const auto new_form = ParseEvent(R"({"Type":"container","Action":"start","time":1,)"
                                   R"("Actor":{"ID":"77","Attributes":{"drover.app":"a"}}})",
                                   "drover.app");
  ASSERT_TRUE(new_form.ok() && new_form->has_value());
  EXPECT_EQ((*new_form)->kind, ContainerEvent::Kind::kStarted);
  EXPECT_EQ((*new_form)->id.value(), "77");
  const char* of_no_interest =
      R"({"Action":"kill","Actor":{"ID":"77","Attributes":{"drover.app":"a"}}})";
  EXPECT_FALSE(ParseEvent(of_no_interest, "drover.app")->has_value());
}

TEST(ParseEventTest, LeavesOutContainersWithoutTheLabel) {
  const char* start = R"({"Action":"start","Actor":{"ID":"77","Attributes":{"name":"other"}}})";
  EXPECT_FALSE(ParseEvent(start, "drover.app")->has_value());
}

TEST(FormatCreateTest, SaysWhatTheEngineMustNotDo) {
  ContainerOptions options;
  options.image = "redis:7";
  options.entrypoint = {"/.drover-gate"};
  options.labels["drover.app"] = "a";
  options.ports = {6379};
  options.mounts.push_back({.source = "/slot", .target = "/data", .follows_mounts = true});
  const std::string body = docker_json::FormatCreate(options);
  EXPECT_THAT(body, HasSubstr(R"("RestartPolicy":{"Name":"no"})"));
  EXPECT_THAT(body, HasSubstr(R"("Healthcheck":{"Test":["NONE"]})"));
  EXPECT_THAT(body, HasSubstr(R"("6379/tcp":[{"HostIp":"127.0.0.1","HostPort":""}])"));
  EXPECT_THAT(body, HasSubstr(R"({"Type":"bind","Source":"/slot","Target":"/data",)"
                              R"("ReadOnly":false,"BindOptions":{"Propagation":"rslave"}})"));
  EXPECT_THAT(body, Not(HasSubstr(R"("Cmd")")));
}

TEST(ParseErrorMessageTest, TakesTheEnginesWordsOrWhatCame) {
  EXPECT_EQ(docker_json::ParseErrorMessage("{\"message\":\"No such image\"}\n"), "No such image");
  EXPECT_EQ(docker_json::ParseErrorMessage("404 page not found\n"), "404 page not found");
}

TEST(ParseErrorCauseTest, IsPodmans) {
  EXPECT_EQ(docker_json::ParseErrorCause(
                R"({"cause":"container state improper","message":"can only kill","response":500})"),
            "container state improper");
  EXPECT_EQ(docker_json::ParseErrorCause(R"({"message":"No such image"})"), "");
}

TEST(ImageReferenceTest, TellsPortsFromTags) {
  EXPECT_EQ(ParseImageReference("host:5000/img").version, "latest");
  EXPECT_EQ(ParseImageReference("host:5000/img").name, "host:5000/img");
  EXPECT_EQ(ParseImageReference("host:5000/img:7").version, "7");
  EXPECT_EQ(ParseImageReference("host:5000/img").registry, "host:5000");
  EXPECT_EQ(ParseImageReference("redis").registry, "docker.io");
  EXPECT_EQ(ParseImageReference("library/redis").registry, "docker.io");
  EXPECT_EQ(ParseImageReference("redis:7@sha256:ab").version, "sha256:ab");
  EXPECT_EQ(ParseImageReference("redis:7@sha256:ab").name, "redis");
}

TEST(PullErrorTest, MakesPlainErrors) {
  const auto reason = [](absl::string_view words) {
    return ReasonOf(PullError("h:5000/a", words));
  };
  EXPECT_EQ(reason("manifest for h:5000/a:latest not found: manifest unknown"), "IMAGE_NOT_FOUND");
  EXPECT_EQ(reason("Get \"http://127.0.0.1:1/v2/\": dial tcp 127.0.0.1:1: connect: connection "
                   "refused"),
            "REGISTRY_UNREACHABLE");
  EXPECT_EQ(reason("Get \"https://h:5000/v2/\": x509: certificate signed by unknown authority"),
            "REGISTRY_NOT_TRUSTED");
  EXPECT_EQ(reason("http: server gave HTTP response to HTTPS client"), "REGISTRY_NOT_TRUSTED");
  EXPECT_EQ(reason("something else"), "");
}

TEST(LogFramesTest, JoinsWhatWasCut) {
  const std::string stream =
      std::string("\1\0\0\0\0\0\0\4out\n", 12) + std::string("\2\0\0\0\0\0\0\3err", 11);
  LogFrames frames;
  std::string out;
  std::string err;
  for (const char letter : stream) {
    for (const LogChunk& chunk : frames.Feed(absl::string_view(&letter, 1))) {
      (chunk.is_error_output ? err : out) += chunk.data;
    }
  }
  EXPECT_EQ(out, "out\n");
  EXPECT_EQ(err, "err");
}

TEST(LinesTest, KeepsWhatIsNotComplete) {
  Lines lines;
  EXPECT_THAT(lines.Feed("a\r\nb"), ElementsAre("a"));
  EXPECT_THAT(lines.Feed("c\n\nd"), ElementsAre("bc"));
}

}  // namespace
}  // namespace drover::container
