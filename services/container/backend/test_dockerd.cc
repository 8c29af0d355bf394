#include "services/container/backend/test_dockerd.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/process/process.h"

namespace drover::container {
namespace {

constexpr int kPatienceMilliseconds = 60000;
constexpr char kDockerd[] = "/usr/sbin/dockerd";
// Bazel's tests have none of the sbin folders, where dockerd finds its own helpers.
constexpr char kPath[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";

// Where the engine says that it is ready, in systemd's way: so nothing has to be polled.
UniqueFd ListenForReadiness(const std::string& path) {
  UniqueFd listener(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  if (bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    listener.Reset();
  }
  return listener;
}

bool IsReadable(int descriptor) {
  pollfd waited = {descriptor, POLLIN, 0};
  return poll(&waited, 1, kPatienceMilliseconds) == 1;
}

}  // namespace

bool TestDockerd::CanRun() {
  return geteuid() == 0 && std::filesystem::exists(kDockerd) &&
         std::filesystem::exists("/bin/busybox");
}

TestDockerd::TestDockerd(std::string folder, SpawnedProcess process)
    : folder_(std::move(folder)), process_(std::move(process)) {}

std::unique_ptr<TestDockerd> TestDockerd::Start() {
  std::string pattern = "/tmp/drover-dockerdXXXXXX";
  const std::string folder = mkdtemp(pattern.data());
  const UniqueFd ready = ListenForReadiness(folder + "/notify");
  const std::string script = absl::StrCat(
      "ip link set lo up && mount --make-rprivate / && mount -t tmpfs none /run && "
      "exec dockerd --data-root ",
      folder, "/data --exec-root ", folder, "/exec -p ", folder, "/pid -H unix://", folder,
      "/docker.sock --storage-driver vfs >", folder, "/log 2>&1");
  auto process = Spawn({"unshare", "--net", "--mount", "sh", "-c", script}, ChildDescriptors(),
                       {kPath, absl::StrCat("NOTIFY_SOCKET=", folder, "/notify")});
  EXPECT_TRUE(process.ok()) << process.status();
  if (!process.ok()) return nullptr;
  auto dockerd = std::unique_ptr<TestDockerd>(new TestDockerd(folder, *std::move(process)));
  if (IsReadable(ready.get())) return dockerd;
  ADD_FAILURE() << "dockerd does not get ready; see " << folder << "/log";
  return nullptr;
}

TestDockerd::~TestDockerd() {
  kill(process_.pid, SIGTERM);
  if (!IsReadable(process_.pidfd.get())) kill(process_.pid, SIGKILL);
  Reap(process_).IgnoreError();
  std::filesystem::remove_all(folder_);
}

bool TestDockerd::ImportBusybox(const std::string& image) {
  const std::string root = folder_ + "/image";
  const std::string script = absl::StrCat(
      "set -e; mkdir -p ", root, "/bin ", root, "/data/sub; cp /bin/busybox ", root,
      "/bin/; for name in sh sleep echo true; do ln -s busybox ", root,
      "/bin/$name; done; echo hi >", root, "/data/sub/file; tar -C ", root,
      " -c . | docker -H unix://", socket_path(), " import -c 'ENV PATH=/bin' - ", image);
  const auto imported = RunChecked({"sh", "-c", script});
  EXPECT_TRUE(imported.ok()) << imported.status();
  return imported.ok();
}

}  // namespace drover::container
