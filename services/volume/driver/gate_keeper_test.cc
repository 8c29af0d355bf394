#include "services/volume/driver/gate_keeper.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <optional>

#include "services/common/file/unique_fd.h"
#include "services/common/status/reason.h"
#include "services/volume/backend/fake_host.h"

namespace drover::volume {
namespace {

constexpr auto kDeadline = std::chrono::seconds(10);

class GateKeeperTest : public testing::Test {
 protected:
  GateKeeperTest() {
    // Short: a socket's path ends at 108 bytes.
    std::string pattern = "/tmp/drover-gatesXXXXXX";
    folder_ = mkdtemp(pattern.data());
    keeper_.emplace(io_.get_executor(), host_, pool_);
    EXPECT_TRUE(keeper_->Listen(start_, folder_).ok());
  }
  ~GateKeeperTest() override {
    keeper_.reset();
    io_.restart();
    io_.run_for(kDeadline);
    std::filesystem::remove_all(folder_);
  }

  std::string socket_path() const { return folder_ + "/control.sock"; }

  // As the gate does; not valid if nobody listens.
  UniqueFd Connect() {
    UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, socket_path().c_str(), sizeof(address.sun_path) - 1);
    const auto* plain = reinterpret_cast<const sockaddr*>(&address);
    if (connect(fd.get(), plain, sizeof(address)) != 0) fd.Reset();
    return fd;
  }

  static void Say(const UniqueFd& fd, const std::string& line) {
    EXPECT_EQ(write(fd.get(), line.data(), line.size()), static_cast<ssize_t>(line.size()));
  }

  // Runs the io thread's work until the task has ended.
  template <class T>
  T Finish(Task<T> task) {
    std::optional<T> result;
    auto done = [&result](std::exception_ptr exception, T value) {
      EXPECT_EQ(exception, nullptr);
      result = std::move(value);
    };
    boost::asio::co_spawn(io_, std::move(task), std::move(done));
    io_.restart();
    while (!result.has_value() && io_.run_one_for(kDeadline) > 0) {
    }
    return *result;
  }
  absl::StatusOr<KnownGate> Await() {
    return Finish(keeper_->Await(start_, ContainerId("c"), absl::Seconds(10)));
  }
  // Releases the gate at `fd`, whose answer to that is to end the connection after `last_words`.
  absl::Status Release(UniqueFd fd, const std::string& last_words) {
    if (!last_words.empty()) Say(fd, last_words);
    // It reads nothing any more, but what was sent has arrived.
    shutdown(fd.get(), SHUT_WR);
    return Finish(keeper_->Release(start_, {}));
  }

  const StartId start_{"0123456789abcdef"};
  std::string folder_;
  boost::asio::io_context io_;
  BlockingPool pool_{1};
  FakeHost host_;
  std::optional<GateKeeper> keeper_;
};

TEST_F(GateKeeperTest, AGateIsKnownOnceItReportedItself) {
  UniqueFd gate = Connect();
  Say(gate, "gated 0123456789abcdef\n");
  const absl::StatusOr<KnownGate> known = Await();
  ASSERT_TRUE(known.ok()) << known.status();
  EXPECT_EQ(known->pid, getpid());
  EXPECT_TRUE(keeper_->Waiting(start_).ok());
}

TEST_F(GateKeeperTest, AGateWhoseEndCouldNotBeProvedIsRefused) {
  host_.SetSeeGates(false);
  UniqueFd gate = Connect();
  Say(gate, "gated 0123456789abcdef\n");
  const absl::Status refused = Await().status();
  EXPECT_EQ(ReasonOf(refused), "CGROUP_HIDDEN") << refused;
  EXPECT_FALSE(keeper_->Waiting(start_).ok());
}

TEST_F(GateKeeperTest, OnceReleasedTheSocketIsGone) {
  UniqueFd gate = Connect();
  Say(gate, "gated 0123456789abcdef\n");
  ASSERT_TRUE(Await().ok());
  const absl::Status released = Release(std::move(gate), "");
  EXPECT_TRUE(released.ok()) << released;
  EXPECT_FALSE(Connect().valid()) << "a container restarted by hand finds nobody";
  EXPECT_FALSE(std::filesystem::exists(socket_path()));
}

TEST_F(GateKeeperTest, AGateThatFailedIsNotAskedAgain) {
  UniqueFd gate = Connect();
  Say(gate, "gated 0123456789abcdef\n");
  ASSERT_TRUE(Await().ok());
  const absl::Status released =
      Release(std::move(gate), "error 0123456789abcdef no such program\n");
  EXPECT_EQ(ReasonOf(released), "GATE_FAILED") << released;
  EXPECT_FALSE(Connect().valid());
  EXPECT_EQ(ReasonOf(Await().status()), "GATE_FAILED");
}

// Without a free descriptor every attempt to accept fails at once.
TEST_F(GateKeeperTest, AFailureToAcceptDoesNotKeepTheThreadBusy) {
  UniqueFd gate = Connect();
  Say(gate, "gated 0123456789abcdef\n");
  rlimit before = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const int free = UniqueFd(open("/dev/null", O_RDONLY | O_CLOEXEC)).get();
  const rlimit none = {.rlim_cur = static_cast<rlim_t>(free), .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  const size_t handlers = io_.run_for(std::chrono::milliseconds(150));
  EXPECT_LT(handlers, 20u);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_TRUE(Await().ok()) << "it goes on when there are descriptors again";
}

}  // namespace
}  // namespace drover::volume
