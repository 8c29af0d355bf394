// Runs the real drover-gate against a socket of the test's own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/container/gate/wire.h"

namespace drover::gate {
namespace {

constexpr char kGate[] = "services/container/gate/drover-gate";
constexpr int kPatienceMilliseconds = 20000;  // Only a failing test waits that long.

// The volume service's end of one connection.
class Connection {
 public:
  explicit Connection(int socket) : socket_(socket) {}
  ~Connection() { close(socket_); }
  Connection(const Connection&) = delete;

  void Send(const std::string& text) {
    EXPECT_EQ(send(socket_, text.data(), text.size(), MSG_NOSIGNAL), text.size());
  }
  // The next line; "EOF" at the end of the connection.
  std::string ReadLine() {
    std::string line;
    char letter;
    while (true) {
      pollfd descriptor = {socket_, POLLIN, 0};
      if (poll(&descriptor, 1, kPatienceMilliseconds) != 1) return "TIMEOUT";
      if (recv(socket_, &letter, 1, 0) != 1) return line.empty() ? "EOF" : line;
      if (letter == '\n') return line;
      line += letter;
    }
  }

 private:
  int socket_;
};

class GateTest : public testing::Test {
 protected:
  GateTest() {
    std::string pattern = "/tmp/gateXXXXXX";
    root_ = mkdtemp(pattern.data());
    std::filesystem::create_directories(slot());
  }
  ~GateTest() override {
    if (gate_ > 0) {
      kill(gate_, SIGKILL);
      waitpid(gate_, nullptr, 0);
    }
    if (listener_ >= 0) close(listener_);
    std::filesystem::remove_all(root_);
  }

  std::string slot() const { return root_ + "/slot"; }
  std::string output_path() const { return root_ + "/output"; }
  std::string socket_path() const { return root_ + "/control.sock"; }

  void Listen() {
    listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    socket_path().copy(address.sun_path, sizeof(address.sun_path) - 1);
    ASSERT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    ASSERT_EQ(listen(listener_, 5), 0);
  }

  Connection Accept() {
    pollfd descriptor = {listener_, POLLIN, 0};
    EXPECT_EQ(poll(&descriptor, 1, kPatienceMilliseconds), 1);
    return Connection(accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC));
  }

  // Starts the gate; what the application writes goes to output_path().
  void StartGate(const std::string& directory, std::vector<std::string> mountpoints,
                 std::vector<std::string> command) {
    std::vector<std::string> words = {kGate, socket_path(), "5tart", directory};
    words.insert(words.end(), mountpoints.begin(), mountpoints.end());
    words.push_back("--");
    words.insert(words.end(), command.begin(), command.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    gate_ = fork();
    ASSERT_GE(gate_, 0);
    if (gate_ != 0) return;
    if (freopen(output_path().c_str(), "w", stdout) == nullptr) _exit(99);
    execv(kGate, argv.data());
    _exit(98);
  }

  // The exit code, or 128 + the signal.
  int Wait() {
    int status = 0;
    EXPECT_EQ(waitpid(gate_, &status, 0), gate_);
    gate_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  std::string Output() const {
    std::ifstream file(output_path());
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }

  std::string MountLine(const std::string& path, int wrong = 0) {
    struct stat info;
    EXPECT_EQ(stat(path.c_str(), &info), 0);
    return absl::StrCat("mount ", info.st_dev, " ", info.st_ino + wrong, " ", path, "\n");
  }

  std::string root_;
  int listener_ = -1;
  pid_t gate_ = -1;
};

TEST_F(GateTest, BecomesTheApplicationOnRelease) {
  Listen();
  StartGate("/", {}, {"/bin/sh", "-c", "exit 7"});
  Connection connection = Accept();
  EXPECT_EQ(connection.ReadLine(), "gated 5tart");
  connection.Send("release 0\n");
  EXPECT_EQ(connection.ReadLine(), "EOF");
  EXPECT_EQ(Wait(), 7);
}

TEST_F(GateTest, WaitsInTheRootAndEntersTheWorkingDirectoryByPath) {
  Listen();
  StartGate(slot(), {slot()}, {"/bin/sh", "-c", "pwd"});
  Connection connection = Accept();
  EXPECT_EQ(connection.ReadLine(), "gated 5tart");
  EXPECT_EQ(std::filesystem::read_symlink(absl::StrCat("/proc/", gate_, "/cwd")), "/");
  // What is mounted over the slot is another directory than the one the gate began with.
  std::filesystem::rename(slot(), root_ + "/beneath");
  std::filesystem::create_directory(slot());
  connection.Send("release 1\n");
  connection.Send(MountLine(slot()));
  EXPECT_EQ(connection.ReadLine(), "EOF");
  EXPECT_EQ(Wait(), 0);
  EXPECT_EQ(Output(), slot() + "\n");
}

TEST_F(GateTest, MakesAMissingWorkingDirectory) {
  Listen();
  StartGate(slot() + "/a/b", {slot()}, {"/bin/sh", "-c", "pwd"});
  Connection connection = Accept();
  EXPECT_EQ(connection.ReadLine(), "gated 5tart");
  connection.Send("release 1\n" + MountLine(slot()));
  EXPECT_EQ(Wait(), 0);
  EXPECT_EQ(Output(), slot() + "/a/b\n");
}

TEST_F(GateTest, RefusesASlotThatIsNotTheAnnouncedMount) {
  Listen();
  StartGate("/", {slot()}, {"/bin/sh", "-c", "echo ran"});
  {
    Connection connection = Accept();
    EXPECT_EQ(connection.ReadLine(), "gated 5tart");
    connection.Send("release 1\n" + MountLine(slot(), /*wrong=*/1));
    EXPECT_THAT(connection.ReadLine(),
                testing::StartsWith("error 5tart " + slot() + " is not the"));
    EXPECT_EQ(connection.ReadLine(), "EOF");
  }
  EXPECT_EQ(Wait(), 126);
  EXPECT_EQ(Output(), "");
}

TEST_F(GateTest, RefusesAReleaseForOtherSlots) {
  Listen();
  StartGate("/", {slot()}, {"/bin/sh", "-c", "echo ran"});
  Connection connection = Accept();
  EXPECT_EQ(connection.ReadLine(), "gated 5tart");
  connection.Send("release 0\n");
  EXPECT_EQ(connection.ReadLine(), "error 5tart 0 volumes were announced for 1 slots");
}

TEST_F(GateTest, WaitsForTheSocketToAppear) {
  StartGate("/", {}, {"/bin/true"});
  Listen();
  Connection connection = Accept();
  EXPECT_EQ(connection.ReadLine(), "gated 5tart");
}

TEST_F(GateTest, ReportsAgainWhenTheServiceComesBack) {
  Listen();
  StartGate("/", {slot()}, {"/bin/true"});
  { EXPECT_EQ(Accept().ReadLine(), "gated 5tart"); }
  {
    // Half a release releases nothing.
    Connection connection = Accept();
    EXPECT_EQ(connection.ReadLine(), "gated 5tart");
    connection.Send("release 1\nmount 1");
  }
  Connection connection = Accept();
  EXPECT_EQ(connection.ReadLine(), "gated 5tart");
  connection.Send("release 1\n" + MountLine(slot()));
  EXPECT_EQ(connection.ReadLine(), "EOF");
  EXPECT_EQ(Wait(), 0);
}

TEST_F(GateTest, ReportsAMissingProgramAtOnce) {
  Listen();
  StartGate("/", {slot()}, {"no-such-program"});
  {
    Connection connection = Accept();
    EXPECT_EQ(connection.ReadLine(), "error 5tart the image has no program no-such-program");
  }
  EXPECT_EQ(Wait(), 127);
}

TEST_F(GateTest, LooksForAProgramInASlotAfterTheRelease) {
  Listen();
  StartGate("/", {slot()}, {slot() + "/app"});
  Connection connection = Accept();
  EXPECT_EQ(connection.ReadLine(), "gated 5tart");
  std::ofstream(slot() + "/app") << "#!/bin/sh\necho from the volume\n";
  chmod((slot() + "/app").c_str(), 0755);
  connection.Send("release 1\n" + MountLine(slot()));
  EXPECT_EQ(connection.ReadLine(), "EOF");
  EXPECT_EQ(Wait(), 0);
  EXPECT_EQ(Output(), "from the volume\n");
}

TEST_F(GateTest, ReportsWhatCannotBeExecuted) {
  Listen();
  std::ofstream(root_ + "/app") << "#!/no/such/interpreter\n";
  chmod((root_ + "/app").c_str(), 0755);
  StartGate("/", {}, {root_ + "/app"});
  {
    Connection connection = Accept();
    EXPECT_EQ(connection.ReadLine(), "gated 5tart");
    connection.Send("release 0\n");
    EXPECT_THAT(connection.ReadLine(), testing::StartsWith("error 5tart cannot execute "));
  }
  EXPECT_EQ(Wait(), 126);
}

TEST_F(GateTest, ObeysStopSignalsWhileItWaits) {
  Listen();
  for (int signal : {SIGTERM, SIGINT, SIGQUIT, SIGUSR1, SIGWINCH, SIGRTMIN + 3}) {
    StartGate("/", {}, {"/bin/true"});
    Connection connection = Accept();
    EXPECT_EQ(connection.ReadLine(), "gated 5tart");
    ASSERT_EQ(kill(gate_, signal), 0);
    EXPECT_EQ(Wait(), 128 + signal);
  }
}

TEST_F(GateTest, LeavesNoTraceInTheApplication) {
  Listen();
  StartGate("/", {},
            {"/bin/sh", "-c",
             "grep -E 'Sig(Blk|Ign)' /proc/self/status; "
             "for fd in /proc/self/fd/*; do echo ${fd##*/}; done"});
  Connection connection = Accept();
  EXPECT_EQ(connection.ReadLine(), "gated 5tart");
  connection.Send("release 0\n");
  EXPECT_EQ(Wait(), 0);
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line)) {
    if (line.starts_with("SigBlk") || line.starts_with("SigIgn")) {
      EXPECT_THAT(Output(), testing::HasSubstr(line));
    }
  }
  // 3 is the folder that the shell opened for the expansion.
  EXPECT_THAT(Output(), testing::EndsWith("\n0\n1\n2\n3\n"));
}

}  // namespace
}  // namespace drover::gate
