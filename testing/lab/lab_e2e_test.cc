// The lab itself, without Drover in it: real namespaces, engines, pools, registry.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/lab/engine.h"
#include "testing/lab/lab.h"
#include "testing/lab/lab_json.h"
#include "testing/lab/leaks.h"

namespace drover::lab {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string BinDir() {
  const char* bin_dir = getenv("DROVER_BIN");
  if (bin_dir == nullptr)
    throw std::runtime_error("DROVER_BIN is not set: run the tests by ./test");
  return bin_dir;
}

// Several runs of this test may meet on one machine.
std::string UniqueName(const std::string& prefix) { return absl::StrCat(prefix, "-", getpid()); }

struct Kind {
  Backend backend;
  Engine engine = Engine::kDocker;
};

LabOptions Options(const std::string& name, const Kind& kind) {
  return {.name = name,
          .nodes = 2,
          .backend = kind.backend,
          .engine = kind.engine,
          .pool_size = "1G",
          .bin_dir = BinDir(),
          .with_drover = false};
}

// `control_groups`: those that it had.
void ExpectNothingLeft(const LabRecord& lab, const std::vector<std::string>& control_groups) {
  const std::string root = LabPaths(lab.name).root();
  EXPECT_THAT(LeftProcesses(lab), IsEmpty());
  std::vector<ProcessIdentity> inits = {lab.fabric};
  for (const MachineRecord& machine : lab.machines) inits.push_back(machine.init);
  for (const ProcessIdentity& init : inits) {
    const absl::Status collected = WaitUntilCollected(init, absl::ZeroDuration());
    EXPECT_TRUE(collected.ok()) << collected;
  }
  EXPECT_THAT(LeftMounts(root), IsEmpty());
  EXPECT_THAT(LeftLoopDevices(root), IsEmpty());
  for (const std::string& group : control_groups) {
    EXPECT_THAT(ControlGroupFolders(group), IsEmpty());
  }
  EXPECT_FALSE(std::filesystem::exists(root));
}

class LabTest : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root";
    if (const absl::Status engine = CheckEngine(GetParam().engine); !engine.ok()) {
      GTEST_SKIP() << engine.message();
    }
    absl::StatusOr<Lab> lab = Lab::Up(Options(name_, GetParam()));
    ASSERT_TRUE(lab.ok()) << lab.status();
    record_ = *lab->Record();
  }

  void TearDown() override {
    if (geteuid() != 0) return;
    // Of those of Podman nothing can be told any more once the disks are gone.
    const std::vector<std::string> control_groups = ControlGroupsOf(record_);
    const absl::Status down = Lab::Down(name_);
    EXPECT_TRUE(down.ok()) << down;
    if (!record_.id.empty()) ExpectNothingLeft(record_, control_groups);
  }

  Lab OpenLab() { return *Lab::Open(name_); }

  std::string RunOk(const std::string& machine, const std::vector<std::string>& command) {
    absl::StatusOr<std::string> output = OpenLab().RunOk(machine, command);
    EXPECT_TRUE(output.ok()) << output.status();
    return output.value_or("");
  }

  // Whether `from` can connect to the registry, which is on the client machine.
  bool ReachesRegistry(const std::string& from) {
    return OpenLab()
               .Run(from, {"timeout", "1", "bash", "-c", "exec 3<>/dev/tcp/client/443"})
               ->exit_code == 0;
  }

  std::string name_ = UniqueName("labtest");
  LabRecord record_;
};

INSTANTIATE_TEST_SUITE_P(Kinds, LabTest,
                         testing::Values(Kind{Backend::kBtrfs}, Kind{Backend::kZfs},
                                         Kind{Backend::kBtrfs, Engine::kPodman}),
                         [](const auto& info) {
                           return absl::StrCat(BackendName(info.param.backend), "_",
                                               EngineName(info.param.engine));
                         });

TEST_P(LabTest, MachinesAreApart) {
  EXPECT_EQ(RunOk("node1", {"hostname"}), "node1\n");
  EXPECT_THAT(RunOk("node1", {"getent", "hosts", "node2"}), HasSubstr("192.0.2.12"));
  EXPECT_THAT(RunOk("node2", {"ps", "-e"}), Not(HasSubstr("docker-registry")));
  RunOk("node1", {"touch", "/run/mine"});
  EXPECT_NE(OpenLab().Run("node2", {"test", "-e", "/run/mine"})->exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists("/run/mine"));
  EXPECT_TRUE(ReachesRegistry("node1"));
}

TEST_P(LabTest, ImagesGoThroughTheRegistryToEachEngine) {
  absl::StatusOr<std::string> image = OpenLab().MakeImage("busybox");
  ASSERT_TRUE(image.ok()) << image.status();
  for (const char* node : {"node1", "node2"}) {
    EXPECT_THAT(RunOk(node, {"docker", "run", "--rm", *image, "echo", "it runs"}),
                HasSubstr("it runs"));
  }
  // Goes down with the lab, control group and all: TearDown looks for it.
  RunOk("node1", {"docker", "run", "--detach", *image, "sleep", "1000"});
  const std::vector<std::string> groups = ControlGroupsOf(record_);
  EXPECT_THAT(groups, Not(IsEmpty()));
  for (const std::string& group : groups) {
    EXPECT_THAT(ControlGroupFolders(group), Not(IsEmpty())) << group;
  }
}

TEST_P(LabTest, PartitionsCutOneDirectionOrOnePeer) {
  Lab lab = OpenLab();
  ASSERT_TRUE(lab.Partition("node1", "client", Direction::kBoth).ok());
  EXPECT_FALSE(ReachesRegistry("node1"));
  EXPECT_TRUE(ReachesRegistry("node2"));
  ASSERT_TRUE(lab.Partition("node2", "", Direction::kIn).ok());
  EXPECT_FALSE(ReachesRegistry("node2"));
  ASSERT_TRUE(lab.Heal().ok());
  EXPECT_TRUE(ReachesRegistry("node1"));
  EXPECT_TRUE(ReachesRegistry("node2"));
}

TEST_P(LabTest, EnginesDieAndComeBack) {
  Lab lab = OpenLab();
  const std::string engine = EngineName(GetParam().engine);
  EXPECT_EQ(lab.Kill(engine, SIGKILL).code(), absl::StatusCode::kInvalidArgument);
  ASSERT_TRUE(lab.Kill(engine + "@node1", SIGKILL).ok());
  EXPECT_EQ(lab.Kill(engine + "@node1", SIGKILL).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(lab.Run("node1", {"docker", "info"})->exit_code, 0);
  RunOk("node2", {"docker", "info"});
  const absl::Status started = lab.Start(engine + "@node1");
  EXPECT_TRUE(started.ok()) << started;
  RunOk("node1", {"docker", "info"});
}

TEST_P(LabTest, ARebootKeepsTheDisksAndEndsTheRest) {
  Lab lab = OpenLab();
  const std::string volume = GetParam().backend == Backend::kZfs ? "/volume" : "/flocker/volume";
  if (GetParam().backend == Backend::kZfs) {
    RunOk("node1", {"zfs", "create", "-o", "mountpoint=" + volume, "flocker/volume"});
  } else {
    RunOk("node1", {"btrfs", "subvolume", "create", volume});
  }
  RunOk("node1",
        {"bash", "-c", absl::StrCat("echo kept > ", volume, "/file; sync ", volume, "/file")});
  // The log of a dataset that was made just now is itself lost with zfs-fuse; a snapshot writes
  // all.
  if (GetParam().backend == Backend::kZfs)
    RunOk("node1", {"zfs", "snapshot", "flocker/volume@now"});
  RunOk("node1", {"touch", "/run/lost"});
  const ProcessIdentity before = lab.Record()->machines[1].init;

  const absl::Status rebooted = lab.Reboot("node1");
  ASSERT_TRUE(rebooted.ok()) << rebooted;
  EXPECT_FALSE(IsAlive(before));
  // As the distribution's boot script; Drover mounts its own datasets itself.
  if (GetParam().backend == Backend::kZfs) RunOk("node1", {"zfs", "mount", "-a"});
  EXPECT_EQ(RunOk("node1", {"cat", volume + "/file"}), "kept\n");
  EXPECT_NE(lab.Run("node1", {"test", "-e", "/run/lost"})->exit_code, 0);
  RunOk("node1", {"docker", "info"});
  EXPECT_TRUE(ReachesRegistry("node1"));
}

TEST_P(LabTest, ExecPassesTheExitCodeOn) {
  Lab lab = OpenLab();
  EXPECT_EQ(lab.Exec("node1", {"sh", "-c", "exit 7"}, "/").value_or(-1), 7);
  EXPECT_EQ(lab.Exec("node1", {"sh", "-c", "kill -9 $$"}, "/").value_or(-1), 128 + 9);
  EXPECT_EQ(lab.Exec("node1", {"no-such-program"}, "/").value_or(-1), 127);
  EXPECT_EQ(lab.Exec("node1", {"sh", "-c", "test $PWD = /usr"}, "/usr").value_or(-1), 0);
  EXPECT_EQ(lab.Exec("node9", {"true"}, "/").status().code(), absl::StatusCode::kNotFound);
}

// How far `up` came before it was killed, as its record shows.
struct Moment {
  const char* name;
  bool (*has_come)(const LabRecord& lab);
};

class KilledUpTest : public testing::TestWithParam<Moment> {};

INSTANTIATE_TEST_SUITE_P(
    Moments, KilledUpTest,
    testing::Values(
        Moment{"AtOnce", [](const LabRecord&) { return true; }},
        Moment{"FirstMachine", [](const LabRecord& lab) { return lab.machines[0].init.pid > 0; }},
        Moment{"LastMachine", [](const LabRecord& lab) { return lab.machines[2].init.pid > 0; }},
        Moment{
            "LastEngine",
            [](const LabRecord& lab) { return DaemonProcess(lab.machines[2], "docker").pid > 0; }},
        Moment{"FirstPool",
               [](const LabRecord& lab) {
                 return std::filesystem::exists(LabPaths(lab.name).pool_file("node1"));
               }}),
    [](const auto& info) { return info.param.name; });

TEST_P(KilledUpTest, LeavesNothingThatDownDoesNotRemove) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  const std::string name = UniqueName("killed"), program = BinDir() + "/drover-lab";
  const pid_t up = fork();
  if (up == 0) {
    execl(program.c_str(), program.c_str(), "--name", name.c_str(), "up", "--without-drover",
          "--pool-size", "1G", nullptr);
    _exit(127);
  }
  const absl::Time deadline = absl::Now() + absl::Seconds(60);
  absl::StatusOr<LabRecord> record = absl::NotFoundError("not yet");
  while (!record.ok() || !GetParam().has_come(*record)) {
    ASSERT_LT(absl::Now(), deadline) << "it never came so far";
    record = LoadLabRecord(LabPaths(name).record());
  }
  kill(up, SIGKILL);
  waitpid(up, nullptr, 0);
  const absl::Status down = Lab::Down(name);
  EXPECT_TRUE(down.ok()) << down;
  ExpectNothingLeft(*record, ControlGroupsOf(*record));
}

}  // namespace
}  // namespace drover::lab
