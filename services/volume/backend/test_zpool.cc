#include "services/volume/backend/test_zpool.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <iostream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "services/common/ids/random_id.h"
#include "services/common/process/process.h"

namespace drover::volume {
namespace {

void Fail(const std::string& what) {
  std::cerr << what << ": " << strerror(errno) << "\n";
  exit(1);
}

bool Answers() {
  absl::StatusOr<CommandResult> result = RunCommand({"zpool", "list"});
  return result.ok() && result->exit_code == 0;
}

}  // namespace

ZfsFuse::ZfsFuse() {
  if (geteuid() != 0) return;
  if (unshare(CLONE_NEWNS) != 0) Fail("unshare");
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) Fail("private mounts");
  for (const char* folder : {"/run/zfs", "/run/lock/zfs", "/var/lib/zfs"}) {
    std::filesystem::create_directories(folder);
    if (mount("tmpfs", folder, "tmpfs", 0, nullptr) != 0) Fail(folder);
  }
  Start();
}

void ZfsFuse::Start() {
  pid_ = fork();
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
    execlp("zfs-fuse", "zfs-fuse", "--no-daemon", "--no-kstat-mount", nullptr);
    _exit(127);
  }
  setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
  // It has no way to say that it is ready, but to answer.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!Answers() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

ZfsFuse::~ZfsFuse() { Kill(); }

void ZfsFuse::Kill() {
  if (pid_ <= 0) return;
  // SIGTERM does not always end it.
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
  std::filesystem::remove("/var/lib/zfs/zpool.cache");
}

void ZfsFuse::Pause() {
  kill(pid_, SIGSTOP);
  waitpid(pid_, nullptr, WUNTRACED);
}

void ZfsFuse::Resume() { kill(pid_, SIGCONT); }

TestZpool::TestZpool(const std::string& name) : name_(absl::StrCat(name, "-", RandomHex(4))) {
  // Short: the control sockets of a test's node lie below, and socket paths end at 108 bytes.
  std::string pattern = absl::StrCat("/tmp/drover-", name, "-XXXXXX");
  folder_ = mkdtemp(pattern.data());
  const std::string image = folder_ + "/image";
  EXPECT_TRUE(RunChecked({"truncate", "-s", "512M", image}).ok());
  const auto made = RunChecked({"zpool", "create", "-m", "none", name_, image});
  EXPECT_TRUE(made.ok()) << made.status();
}

TestZpool::~TestZpool() {
  // zfs-fuse lets go of a dataset a moment after its unmount, and does not say when.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  auto destroyed = RunChecked({"zpool", "destroy", "-f", name_});
  while (!destroyed.ok() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    destroyed = RunChecked({"zpool", "destroy", "-f", name_});
  }
  EXPECT_TRUE(destroyed.ok()) << destroyed.status();
  std::filesystem::remove_all(folder_);
}

}  // namespace drover::volume
