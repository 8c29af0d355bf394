#include "testing/lab/daemon_catalog.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/lab/lab_setup.h"

namespace drover::lab {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

LabRecord SomeLab(Backend backend) {
  LabRecord lab = *PlanLab("demo", 2);
  lab.backend = backend;
  lab.bin_dir = "/opt/drover/bin";
  return lab;
}

std::vector<std::string> Names(const LabRecord& lab, const std::string& machine) {
  std::vector<std::string> names;
  for (const DaemonSpec& daemon : DaemonsOf(lab, **FindMachine(lab, machine))) {
    names.push_back(daemon.name);
  }
  return names;
}

TEST(DaemonCatalogTest, KnowsWhatEachMachineRuns) {
  const LabRecord lab = SomeLab(Backend::kZfs);
  EXPECT_THAT(Names(lab, "client"), ElementsAre("registry", "coordinator"));
  EXPECT_THAT(Names(lab, "node2"), ElementsAre("zfs", "docker", "volume", "container", "proxy"));
  EXPECT_THAT(Names(SomeLab(Backend::kBtrfs), "node2"),
              ElementsAre("docker", "volume", "container", "proxy"));
}

TEST(DaemonCatalogTest, RunsPodmanInDockersPlace) {
  LabRecord lab = SomeLab(Backend::kBtrfs);
  lab.engine = Engine::kPodman;
  EXPECT_THAT(Names(lab, "node1"), ElementsAre("podman", "volume", "container", "proxy"));
  EXPECT_THAT(FindDaemon(lab, "podman@node1")->spec.argv,
              ElementsAre("podman", "system", "service", "--time=0",
                          "unix:///var/lib/drover-lab/demo/machines/node1/docker.sock"));
  EXPECT_EQ(FindDaemon(lab, "docker@node1").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(DaemonCatalogTest, LeavesDroverOutIfAsked) {
  LabRecord lab = SomeLab(Backend::kBtrfs);
  lab.with_drover = false;
  EXPECT_THAT(Names(lab, "client"), ElementsAre("registry"));
  EXPECT_THAT(Names(lab, "node1"), ElementsAre("docker"));
}

TEST(DaemonCatalogTest, StartsDroversProgramsFromTheirFolder) {
  absl::StatusOr<DaemonTarget> target = FindDaemon(SomeLab(Backend::kBtrfs), "volume@node2");
  ASSERT_TRUE(target.ok()) << target.status();
  EXPECT_EQ(target->machine, "node2");
  EXPECT_THAT(target->spec.argv,
              ElementsAre("/opt/drover/bin/drover-volume", "--config",
                          "/var/lib/drover-lab/demo/machines/node2/config/volume.yml"));
}

TEST(DaemonCatalogTest, GivesEachEngineItsOwnControlGroup) {
  absl::StatusOr<DaemonTarget> target = FindDaemon(SomeLab(Backend::kBtrfs), "docker@node2");
  ASSERT_TRUE(target.ok()) << target.status();
  EXPECT_THAT(target->spec.argv, Contains("--cgroup-parent=/drover-lab-demo/node2"));
}

TEST(DaemonCatalogTest, FindsTheOnlyOneWithoutItsMachine) {
  const LabRecord lab = SomeLab(Backend::kBtrfs);
  EXPECT_EQ(FindDaemon(lab, "coordinator")->machine, "client");
  EXPECT_THAT(FindDaemon(lab, "volume").status().message(), HasSubstr("volume@node1"));
}

TEST(DaemonCatalogTest, RefusesUnknownOnes) {
  const LabRecord lab = SomeLab(Backend::kBtrfs);
  for (const char* unknown :
       {"", "mysqld", "volume@node9", "volume@client", "coordinator@node1", "zfs@node1"}) {
    EXPECT_EQ(FindDaemon(lab, unknown).status().code(), absl::StatusCode::kInvalidArgument)
        << unknown;
  }
}

TEST(DaemonCatalogTest, SaysWhichProgramsAreMissing) {
  const absl::Status status = CheckPrograms("/nowhere", true);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("drover-gate; run ./build first"));
}

}  // namespace
}  // namespace drover::lab
