// With real bridges, in a network namespace of the test's own.
#include "services/container/backend/netlink_bridge_ports.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "services/common/process/process.h"
#include "services/common/process/spawn.h"

namespace drover::container {
namespace {

constexpr char kPath[] = "/usr/sbin:/usr/bin:/sbin:/bin";

class NetlinkBridgePortsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root: network namespaces";
    setenv("PATH", kPath, 1);  // Bazel leaves the sbin folders out.
    ASSERT_EQ(unshare(CLONE_NEWNET), 0);
    auto pipe = MakePipe();
    ASSERT_TRUE(pipe.ok()) << pipe.status();
    ChildDescriptors descriptors;
    descriptors.output = pipe->write_end.get();
    auto spawned = Spawn({"unshare", "--net", "sh", "-c", "echo; exec sleep 1000"}, descriptors);
    ASSERT_TRUE(spawned.ok()) << spawned.status();
    container_ = *std::move(spawned);
    char newline;
    ASSERT_EQ(read(pipe->read_end.get(), &newline, 1), 1);  // It has its namespace now.
  }
  void TearDown() override {
    if (container_.pid == 0) return;
    kill(container_.pid, SIGKILL);
    Reap(container_).IgnoreError();
  }

  static std::string Shell(const std::string& script) {
    const auto output = RunChecked({"sh", "-c", script});
    EXPECT_TRUE(output.ok()) << output.status();
    return output.ok() ? *output : "";
  }
  // A cable from here, where its end is called `name`, to the container.
  void Plug(const std::string& name) {
    Shell(absl::StrCat("ip link add ", name, " type veth peer name eth0 netns ", container_.pid));
  }
  static std::string Port(const std::string& name) {
    return Shell(absl::StrCat("bridge -d link show dev ", name));
  }

  SpawnedProcess container_;
  NetlinkBridgePorts ports_;
};

TEST_F(NetlinkBridgePortsTest, ChangesThePortOfThatContainerOnly) {
  Shell("ip link add br0 type bridge; ip link add other type veth peer name cable");
  Plug("port");
  Shell("ip link set port master br0; ip link set other master br0");
  ASSERT_NE(Port("port").find("hairpin off"), std::string::npos) << Port("port");
  const absl::Status status = ports_.LetTalkToItself(container_.pid);
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_NE(Port("port").find("hairpin on"), std::string::npos) << Port("port");
  EXPECT_NE(Port("other").find("hairpin off"), std::string::npos) << Port("other");
}

TEST_F(NetlinkBridgePortsTest, LeavesAContainerOnNoBridgeAlone) {
  EXPECT_TRUE(ports_.LetTalkToItself(container_.pid).ok());
  Plug("port");
  const absl::Status status = ports_.LetTalkToItself(container_.pid);
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(NetlinkBridgePortsTest, TakesNoCableOfThisMachineForTheContainers) {
  Shell("ip link add br0 type bridge");
  Plug("port");
  Shell(
      "ip link set port master br0; ip link add near type veth peer name far; ip link set near "
      "master br0");
  const absl::Status status = ports_.LetTalkToItself(getpid());
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Port("port").find("hairpin on"), std::string::npos) << Port("port");
  EXPECT_EQ(Port("near").find("hairpin on"), std::string::npos) << Port("near");
}

TEST_F(NetlinkBridgePortsTest, SaysThatThereIsNoSuchProcess) {
  EXPECT_FALSE(ports_.LetTalkToItself(0).ok());
}

}  // namespace
}  // namespace drover::container
