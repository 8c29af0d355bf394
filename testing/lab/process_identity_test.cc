#include "testing/lab/process_identity.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/common/file/durable_file.h"

namespace drover::lab {
namespace {

// A child that waits for a signal.
class Child {
 public:
  Child() : pid_(fork()) {
    while (pid_ == 0) pause();
  }
  ~Child() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_;
};

TEST(ProcessIdentityTest, StaysTheSameWhileTheProcessLives) {
  absl::StatusOr<ProcessIdentity> self = IdentifyProcess(getpid());
  ASSERT_TRUE(self.ok()) << self.status();
  EXPECT_GT(self->start_ticks, 0);
  EXPECT_EQ(*self, *IdentifyProcess(getpid()));
  EXPECT_TRUE(IsAlive(*self));
}

TEST(ProcessIdentityTest, SparesAnotherProcessWithTheSameNumber) {
  Child child;
  ProcessIdentity earlier = *IdentifyProcess(child.pid());
  earlier.start_ticks -= 1;
  EXPECT_FALSE(IsAlive(earlier));
  EXPECT_EQ(SignalProcess(earlier, SIGKILL).code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(WaitUntilGone(earlier, absl::ZeroDuration()).ok());
  EXPECT_EQ(waitpid(child.pid(), nullptr, WNOHANG), 0) << "it was killed";
}

TEST(ProcessIdentityTest, IsGoneAsSoonAsItIsAZombie) {
  Child child;
  const ProcessIdentity process = *IdentifyProcess(child.pid());
  EXPECT_EQ(WaitUntilGone(process, absl::ZeroDuration()).code(),
            absl::StatusCode::kDeadlineExceeded);
  ASSERT_TRUE(SignalProcess(process, SIGKILL).ok());
  EXPECT_TRUE(WaitUntilGone(process, absl::Seconds(10)).ok());
  EXPECT_FALSE(IsAlive(process));
}

TEST(ProcessIdentityTest, LivesUntilItsLastThreadHasEnded) {
  const pid_t pid = fork();
  if (pid == 0) {
    std::thread([] {
      while (true) pause();
    }).detach();
    // This thread only, and without the unwinding of its stack by pthread_exit.
    syscall(SYS_exit, 0);
  }
  // Its first thread ends soon; it is no zombie before.
  const std::string stat = absl::StrCat("/proc/", pid, "/stat");
  while (!absl::StrContains(ReadFile(stat).value_or(""), ") Z ")) std::this_thread::yield();
  const absl::StatusOr<ProcessIdentity> process = IdentifyProcess(pid);
  EXPECT_TRUE(process.ok()) << process.status();
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
}

TEST(ProcessIdentityTest, AChildIsCollected) {
  Child child;
  const ProcessIdentity process = *IdentifyProcess(child.pid());
  EXPECT_EQ(WaitUntilCollected(process, absl::ZeroDuration()).code(),
            absl::StatusCode::kDeadlineExceeded);
  ASSERT_TRUE(SignalProcess(process, SIGKILL).ok());
  EXPECT_TRUE(WaitUntilCollected(process, absl::Seconds(10)).ok());
  EXPECT_EQ(waitpid(child.pid(), nullptr, WNOHANG), -1) << "it was left for us";
  EXPECT_TRUE(WaitUntilCollected(process, absl::ZeroDuration()).ok());
}

TEST(ProcessIdentityTest, AZombieThatItsParentLeavesIsNotCollected) {
  int fds[2];
  ASSERT_EQ(pipe(fds), 0);
  const pid_t parent = fork();
  if (parent == 0) {
    const pid_t child = fork();
    if (child > 0 && write(fds[1], &child, sizeof(child)) < 0) _exit(1);
    while (true) pause();
  }
  pid_t child = 0;
  ASSERT_EQ(read(fds[0], &child, sizeof(child)), static_cast<ssize_t>(sizeof(child)));
  const ProcessIdentity process = *IdentifyProcess(child);
  ASSERT_TRUE(SignalProcess(process, SIGKILL).ok());
  ASSERT_TRUE(WaitUntilGone(process, absl::Seconds(10)).ok());
  EXPECT_EQ(WaitUntilCollected(process, absl::ZeroDuration()).code(),
            absl::StatusCode::kDeadlineExceeded);
  kill(parent, SIGKILL);
  waitpid(parent, nullptr, 0);
}

TEST(ProcessIdentityTest, NoProcessIsNobody) {
  EXPECT_FALSE(IsAlive({}));
  EXPECT_EQ(SignalProcess({}, SIGKILL).code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(WaitUntilGone({}, absl::ZeroDuration()).ok());
}

}  // namespace
}  // namespace drover::lab
