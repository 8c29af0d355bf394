#include "testing/lab/lab_setup.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/lab/image_builder.h"
#include "testing/lab/lab_environment.h"
#include "testing/lab/lab_paths.h"
#include "testing/lab/pool.h"

namespace drover::lab {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(LabSetupTest, NumbersTheMachines) {
  absl::StatusOr<LabRecord> lab = PlanLab("demo", 2);
  ASSERT_TRUE(lab.ok()) << lab.status();
  ASSERT_EQ(lab->machines.size(), 3);
  EXPECT_EQ(lab->machines[0].name, "client");
  EXPECT_EQ(lab->machines[0].address, "192.0.2.10");
  EXPECT_EQ(lab->machines[2].name, "node2");
  EXPECT_EQ(lab->machines[2].address, "192.0.2.12");
  EXPECT_NE(lab->id, PlanLab("demo", 2)->id);
}

TEST(LabSetupTest, LimitsTheNumberOfNodes) {
  EXPECT_FALSE(PlanLab("demo", 0).ok());
  EXPECT_TRUE(PlanLab("demo", kMaximumNodes).ok());
  EXPECT_FALSE(PlanLab("demo", kMaximumNodes + 1).ok());
}

TEST(LabSetupTest, LetsMachinesKnowEachOtherByName) {
  const std::string hosts = HostsFile(*PlanLab("demo", 1));
  EXPECT_THAT(hosts, HasSubstr("192.0.2.11 node1\n"));
  EXPECT_THAT(hosts, HasSubstr("192.0.2.10 client flocker.local\n"));
}

TEST(LabNameTest, IsShortAndPlain) {
  EXPECT_TRUE(CheckLabName("lab").ok());
  EXPECT_TRUE(CheckLabName("e2e-1234").ok());
  for (const char* bad : {"", "-a", "A", "a/b", "..", "a b", "abcdefghijklmnopqrstu"}) {
    EXPECT_FALSE(CheckLabName(bad).ok()) << bad;
  }
}

TEST(PoolSizeTest, NeedsAUnitAndRoom) {
  for (const char* good : {"256M", "4G", "1T"}) EXPECT_TRUE(CheckPoolSize(good).ok()) << good;
  for (const char* bad : {"", "4", "G", "0G", "-1G", "255M", "1.5G", "4g", "4GB", "4 G x"}) {
    EXPECT_FALSE(CheckPoolSize(bad).ok()) << bad;
  }
}

TEST(CommandEnvironmentTest, LeadsToTheLab) {
  LabRecord lab = *PlanLab("demo", 1);
  lab.bin_dir = "/opt/drover/bin";
  const std::vector<std::string> inherited = {"PATH=/mine", "TERM=xterm", "DOCKER_HOST=tcp://host"};
  const auto node = CommandEnvironment(lab, lab.machines[1], inherited);
  EXPECT_THAT(node, Contains(StartsWith("PATH=/opt/drover/bin:/mine:")));
  EXPECT_THAT(node, Contains("TERM=xterm"));
  EXPECT_THAT(node,
              Contains("DOCKER_HOST=unix:///var/lib/drover-lab/demo/machines/node1/docker.sock"));
  EXPECT_THAT(node, Contains("DROVER_COORDINATOR=192.0.2.10:7400"));
  EXPECT_THAT(node, Contains("DROVER_CERT_DIR=/var/lib/drover-lab/demo/certs/user"));
  EXPECT_THAT(CommandEnvironment(lab, lab.machines[0], inherited),
              Not(Contains(StartsWith("DOCKER_HOST="))));
}

TEST(LddTest, FindsTheLibrariesAndTheLoader) {
  EXPECT_THAT(LibrariesInLddOutput("\tlinux-vdso.so.1 (0x00007ffd)\n"
                                   "\tlibm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007f)\n"
                                   "\t/lib64/ld-linux-x86-64.so.2 (0x00007f)\n"),
              ElementsAre("/lib/x86_64-linux-gnu/libm.so.6", "/lib64/ld-linux-x86-64.so.2"));
  EXPECT_THAT(LibrariesInLddOutput("\tnot a dynamic executable\n"), ElementsAre());
}

}  // namespace
}  // namespace drover::lab
