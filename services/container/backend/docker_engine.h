// Docker Engine, or Podman's service in its place, over its unix socket.
#ifndef DROVER_SERVICES_CONTAINER_BACKEND_DOCKER_ENGINE_H_
#define DROVER_SERVICES_CONTAINER_BACKEND_DOCKER_ENGINE_H_

#include <optional>
#include <string>
#include <vector>

#include "services/container/backend/container_engine.h"
#include "services/container/backend/docker_http.h"

namespace drover::container {

// Agrees on an API version with the first call, and anew after the engine was away, for it may come
// back as another release.
class DockerEngine : public ContainerEngine {
 public:
  // `socket_path`: /var/run/docker.sock.
  explicit DockerEngine(std::string socket_path) : http_(std::move(socket_path)) {}

  Task<absl::StatusOr<EngineVersion>> GetVersion() override;
  Task<absl::StatusOr<ImageInfo>> InspectImage(std::string image) override;
  Task<absl::Status> PullImage(std::string image,
                               std::function<void(PullProgress)> on_progress) override;
  Task<absl::StatusOr<ByteSource>> ExportImage(std::string image) override;
  Task<absl::Status> ImportImage(ByteSource source) override;
  Task<absl::StatusOr<ContainerId>> CreateContainer(ContainerOptions options) override;
  Task<absl::Status> StartContainer(ContainerId id) override;
  Task<absl::Status> KillContainer(ContainerId id) override;
  Task<absl::Status> RemoveContainer(ContainerId id) override;
  Task<absl::StatusOr<ContainerInfo>> InspectContainer(ContainerId id) override;
  Task<absl::StatusOr<std::vector<ContainerInfo>>> ListContainers(std::string label) override;
  Task<absl::Status> WatchEvents(std::string label, std::function<void()> on_ready,
                                 std::function<void(ContainerEvent)> on_event) override;
  Task<absl::Status> ReadLogs(ContainerId id, LogOptions options, LogSink sink) override;
  Task<absl::StatusOr<ByteSource>> CopyOut(ContainerId id, std::string path) override;
  Task<absl::StatusOr<int>> Exec(ContainerId id, ExecOptions options,
                                 absl::Duration timeout) override;

 private:
  // The request with the agreed version before its target.
  Task<absl::StatusOr<HttpRequest>> Prepare(std::string method, std::string target,
                                            std::string body = "");
  // The answer's body. HTTP errors become a status; those in `accepted` count as success.
  Task<absl::StatusOr<std::string>> Call(std::string method, std::string target,
                                         std::string body = "", std::vector<int> accepted = {},
                                         absl::Duration timeout = absl::Minutes(2));
  // The answer's body, piece by piece.
  Task<absl::StatusOr<ByteSource>> Open(std::string method, std::string target,
                                        absl::Duration stall_limit = absl::InfiniteDuration());
  // What Podman does not tell, or tells wrongly, in Docker's words, by its own API: the health
  // check of an image, and what a container holds with the owners that its files have.
  Task<absl::StatusOr<std::string>> CallPodman(std::string method, std::string target);
  Task<absl::StatusOr<std::optional<HealthCheck>>> PodmanHealthCheck(std::string image);
  Task<absl::StatusOr<ByteSource>> CopyOutOfPodman(ContainerId id, std::string path);
  // Forgets the agreed version if the engine went away.
  absl::Status Noted(absl::Status status);

  DockerHttp http_;
  // Its `api` is empty until agreed on.
  EngineVersion version_;
  bool is_podman_ = false;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_BACKEND_DOCKER_ENGINE_H_
