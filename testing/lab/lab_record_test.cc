#include "testing/lab/lab_record.h"

#include <unistd.h>

#include <cstdlib>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/lab/lab_json.h"

namespace drover::lab {
namespace {

using ::testing::HasSubstr;

LabRecord SomeLab() {
  LabRecord lab{.name = "demo",
                .id = "0123",
                .boot_id = *CurrentBootId(),
                .backend = Backend::kZfs,
                .engine = Engine::kPodman,
                .pool_size = "4G",
                .bin_dir = "/opt/drover/bin",
                .with_drover = false,
                .fabric = {.pid = 10, .start_ticks = 100}};
  lab.machines.push_back({.name = "client", .address = "192.0.2.10", .role = Role::kClient});
  lab.machines.push_back({.name = "node1",
                          .address = "192.0.2.11",
                          .init = {.pid = 11, .start_ticks = 5'000'000'000},
                          .daemons = {{"docker", {.pid = 12, .start_ticks = 102}}}});
  return lab;
}

std::string TestFile(const std::string& name) {
  const char* folder = getenv("TEST_TMPDIR");
  return std::string(folder == nullptr ? "/tmp" : folder) + "/" + name;
}

TEST(LabRecordTest, ComesBackFromItsFile) {
  const std::string path = TestFile("record.json");
  ASSERT_TRUE(SaveLabRecord(SomeLab(), path).ok());
  absl::StatusOr<LabRecord> lab = LoadLabRecord(path);
  ASSERT_TRUE(lab.ok()) << lab.status();
  EXPECT_EQ(LabRecordToJson(*lab), LabRecordToJson(SomeLab()));
  EXPECT_EQ(lab->backend, Backend::kZfs);
  EXPECT_EQ(lab->engine, Engine::kPodman);
  EXPECT_EQ(lab->fabric, (ProcessIdentity{10, 100}));
  EXPECT_EQ(lab->machines[1].init.start_ticks, 5'000'000'000);
  EXPECT_EQ(DaemonProcess(lab->machines[1], "docker").pid, 12);
}

TEST(LabRecordTest, ForgetsProcessesOfAnEarlierBoot) {
  const std::string path = TestFile("old.json");
  LabRecord old = SomeLab();
  old.boot_id = "another";
  ASSERT_TRUE(SaveLabRecord(old, path).ok());
  absl::StatusOr<LabRecord> lab = LoadLabRecord(path);
  ASSERT_TRUE(lab.ok()) << lab.status();
  EXPECT_EQ(lab->fabric, ProcessIdentity());
  EXPECT_EQ(lab->machines[1].init, ProcessIdentity());
  EXPECT_EQ(DaemonProcess(lab->machines[1], "docker"), ProcessIdentity());
}

TEST(LabRecordTest, TakesOneFromBeforeThereWasAChoiceOfEngines) {
  std::string json = LabRecordToJson(SomeLab());
  const std::string engine = R"("engine":"podman",)";
  json.erase(json.find(engine), engine.size());
  absl::StatusOr<LabRecord> lab = LabRecordFromJson(json);
  ASSERT_TRUE(lab.ok()) << lab.status();
  EXPECT_EQ(lab->engine, Engine::kDocker);
}

TEST(LabRecordTest, RefusesWhatIsNoRecord) {
  EXPECT_EQ(LabRecordFromJson("{").status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(LabRecordFromJson("{}").status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(LoadLabRecord(TestFile("none")).status().code(), absl::StatusCode::kNotFound);
}

TEST(LabRecordTest, ReplacesADaemonsProcess) {
  MachineRecord machine;
  SetDaemonProcess(machine, "docker", {.pid = 1, .start_ticks = 1});
  SetDaemonProcess(machine, "volume", {.pid = 2, .start_ticks = 2});
  SetDaemonProcess(machine, "docker", {.pid = 3, .start_ticks = 3});
  EXPECT_EQ(machine.daemons.size(), 2);
  EXPECT_EQ(DaemonProcess(machine, "docker").pid, 3);
  EXPECT_EQ(DaemonProcess(machine, "proxy").pid, 0);
}

TEST(LabRecordTest, NamesTheMachinesThatThereAre) {
  const LabRecord lab = SomeLab();
  EXPECT_EQ((*FindMachine(lab, "node1"))->address, "192.0.2.11");
  EXPECT_THAT(FindMachine(lab, "node9").status().message(), HasSubstr("client, node1"));
  EXPECT_EQ(ClientOf(lab).name, "client");
  EXPECT_EQ(NodesOf(lab).size(), 1);
}

TEST(LabStatusTest, HasTheFieldsThatScriptsRead) {
  LabRecord lab = SomeLab();
  lab.machines[1].daemons.push_back({"volume", *IdentifyProcess(getpid())});
  const std::string json = LabStatusToJson(ObserveLab(lab));
  EXPECT_THAT(json, HasSubstr(R"("name":"demo","backend":"zfs","engine":"podman","machines":[)"));
  EXPECT_THAT(json, HasSubstr(R"("name":"client","address":"192.0.2.10","role":"client")"));
  EXPECT_THAT(
      json,
      HasSubstr(R"("docker_host":"unix:///var/lib/drover-lab/demo/machines/node1/docker.sock")"));
  EXPECT_THAT(json, HasSubstr(R"("pool":"flocker")"));
  EXPECT_THAT(json, HasSubstr(R"({"name":"docker","pid":12,"running":false})"));
  EXPECT_THAT(json, HasSubstr(R"("running":true}]}]})"));
}

}  // namespace
}  // namespace drover::lab
