#include "testing/lab/engine.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/common/process/spawn.h"
#include "testing/lab/lab_paths.h"
#include "testing/lab/podman.h"

namespace drover::lab {
namespace {

// The engine accepts connections before it can serve them, so only an answer counts.
bool AnswersPing(const std::string& socket_path) {
  UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket_path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  const timeval patience{.tv_sec = 1};
  setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  if (connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) return false;
  const std::string request = "GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n";
  if (send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0) return false;
  char answer[64] = {};
  const ssize_t length = recv(fd.get(), answer, sizeof(answer) - 1, 0);
  return length > 0 && absl::StrContains(answer, " 200 ");
}

// Below it lie the containers of all Docker Engines of the lab; one folder per node.
std::string LabControlGroup(const LabRecord& lab) { return absl::StrCat("drover-lab-", lab.name); }

}  // namespace

absl::Status CheckEngine(Engine engine) {
  return engine == Engine::kPodman ? CheckPodman() : absl::OkStatus();
}

std::vector<std::string> EngineCommand(const LabRecord& lab, const MachineRecord& machine) {
  if (lab.engine == Engine::kPodman) return PodmanCommand(lab, machine);
  const LabPaths paths(lab.name);
  return {"dockerd",
          "--data-root=" + paths.machine(machine.name) + "/docker",
          "--exec-root=/run/docker",
          absl::StrCat("--pidfile=", kEnginePidFile),
          "--host=unix:///run/docker.sock",
          "--host=unix://" + paths.docker_socket(machine.name),
          "--exec-opt=native.cgroupdriver=cgroupfs",
          absl::StrCat("--cgroup-parent=/", LabControlGroup(lab), "/", machine.name)};
}

std::vector<std::string> ControlGroupsOf(const LabRecord& lab, const MachineRecord& machine) {
  if (lab.engine == Engine::kPodman) return PodmanControlGroups(lab, machine);
  return {absl::StrCat(LabControlGroup(lab), "/", machine.name)};
}

std::vector<std::string> ControlGroupsOf(const LabRecord& lab) {
  if (lab.engine == Engine::kDocker) return {LabControlGroup(lab)};
  std::vector<std::string> groups;
  for (const MachineRecord* node : NodesOf(lab)) {
    for (std::string& group : PodmanControlGroups(lab, *node)) groups.push_back(std::move(group));
  }
  return groups;
}

absl::Status PingEngine(const std::string& socket) {
  if (AnswersPing(socket)) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("no container engine answers at ", socket));
}

}  // namespace drover::lab
