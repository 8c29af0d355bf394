#include "services/container/backend/test_engine.h"

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
#include "absl/strings/str_replace.h"
#include "services/common/process/process.h"

namespace drover::container {
namespace {

constexpr int kPatienceMilliseconds = 60000;
// Bazel's tests have none of the sbin folders, where engines find their own helpers.
constexpr char kPath[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";

// With a driver for images whose files lie in plain folders, seen from outside too.
constexpr char kDockerd[] =
    "exec dockerd --data-root FOLDER/data --exec-root FOLDER/exec -p FOLDER/pid "
    "-H unix://FOLDER/engine.sock --storage-driver vfs";

// Its locks and caches lie elsewhere than in its folder. Of files and processes it wants to allow
// more than a root without CAP_SYS_RESOURCE can.
constexpr char kPodman[] = R"sh(mount -t tmpfs none /dev/shm && mount -t tmpfs none /var/lib &&
export CONTAINERS_CONF=FOLDER/containers.conf || exit 1
limit() {
  limit=$(ulimit -H $1)
  [ "$limit" != unlimited ] && [ "$limit" -lt 32768 ] || limit=32768
  echo $limit:$limit
}
cat > $CONTAINERS_CONF <<END
[containers]
default_ulimits = ["nofile=$(limit -n)", "nproc=$(limit -p)"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_backend = "netavark"
END
exec podman --root FOLDER/data --storage-driver vfs \
  system service --time=0 unix://FOLDER/engine.sock)sh";

// As `docker save` writes one: only this form has health checks in every engine.
constexpr char kImport[] = R"sh(set -e
mkdir -p FOLDER/root/bin FOLDER/root/data/sub
cp /bin/busybox FOLDER/root/bin/
for name in sh sleep echo true; do ln -s busybox FOLDER/root/bin/$name; done
echo hi > FOLDER/root/data/sub/file
chown 7:7 FOLDER/root/data
tar -C FOLDER/root -cf FOLDER/layer.tar .
cat > FOLDER/config.json <<END
{"architecture": "amd64", "os": "linux",
 "config": {"Env": ["PATH=/bin"], "Healthcheck": {"Test": ["CMD", "true"], "Timeout": 2000000000}},
 "rootfs": {"type": "layers", "diff_ids": ["sha256:$(sha256sum < FOLDER/layer.tar | cut -d' ' -f1)"]}}
END
echo '[{"Config": "config.json", "RepoTags": ["IMAGE"], "Layers": ["layer.tar"]}]' > FOLDER/manifest.json
tar -C FOLDER -c config.json layer.tar manifest.json | docker -H unix://FOLDER/engine.sock load
)sh";

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

std::string TestEngine::WhatIsMissing(Kind kind) {
  const auto lacks = [](const char* path) { return !std::filesystem::exists(path); };
  if (geteuid() != 0) return "needs root: namespaces and a container engine";
  if (lacks("/bin/busybox") || lacks("/usr/bin/docker"))
    return "needs busybox-static and docker.io";
  if (kind == Kind::kDocker) return lacks("/usr/sbin/dockerd") ? "needs docker.io" : "";
  return lacks("/usr/bin/podman") || lacks("/usr/lib/podman/netavark")
             ? "needs Podman: packaging/install-packages podman-packages.txt"
             : "";
}

TestEngine::TestEngine(std::string folder, SpawnedProcess process)
    : folder_(std::move(folder)), process_(std::move(process)) {}

std::unique_ptr<TestEngine> TestEngine::Start(Kind kind) {
  std::string pattern = "/tmp/drover-engineXXXXXX";
  const std::string folder = mkdtemp(pattern.data());
  const UniqueFd ready = ListenForReadiness(folder + "/notify");
  const std::string script = absl::StrReplaceAll(
      absl::StrCat("exec >FOLDER/log 2>&1; ip link set lo up && mount --make-rprivate / && "
                   "mount -t tmpfs none /run && ",
                   kind == Kind::kDocker ? kDockerd : kPodman),
      {{"FOLDER", folder}});
  auto process = Spawn({"unshare", "--net", "--mount", "sh", "-c", script}, ChildDescriptors(),
                       {kPath, absl::StrCat("NOTIFY_SOCKET=", folder, "/notify")});
  EXPECT_TRUE(process.ok()) << process.status();
  if (!process.ok()) return nullptr;
  auto engine = std::unique_ptr<TestEngine>(new TestEngine(folder, *std::move(process)));
  if (IsReadable(ready.get())) return engine;
  ADD_FAILURE() << "the engine does not get ready; see " << folder << "/log";
  return nullptr;
}

TestEngine::~TestEngine() {
  // Podman's containers outlive it.
  const std::string docker = "docker -H unix://" + socket_path();
  const auto removed = RunChecked(
      {"sh", "-c", absl::StrCat(docker, " ps --all --quiet | xargs -r ", docker, " rm --force")});
  EXPECT_TRUE(removed.ok()) << removed.status();
  kill(process_.pid, SIGTERM);
  if (!IsReadable(process_.pidfd.get())) kill(process_.pid, SIGKILL);
  Reap(process_).IgnoreError();
  // Of each command in a container Podman keeps a process for five minutes.
  const std::string kept = absl::StrCat("^/usr/bin/conmon .*", folder_, "/");
  RunCommand({"pkill", "--signal", "KILL", "--full", kept}).IgnoreError();
  std::filesystem::remove_all(folder_);
}

bool TestEngine::ImportBusybox(const std::string& image) {
  const auto imported = RunChecked(
      {"sh", "-c", absl::StrReplaceAll(kImport, {{"FOLDER", folder_}, {"IMAGE", image}})});
  EXPECT_TRUE(imported.ok()) << imported.status();
  return imported.ok();
}

}  // namespace drover::container
